// The picture of `classify`: the flow over the prediction, what goes beside it, and the numbers.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/data/labelled_points.h"
#include "engine/ode/solve_status.h"
#include "playground/experiments/classify/run.h"
#include "playground/picture/frame.h"
#include "playground/training/trainee.h"

namespace neural_ode::classify {

// `own`: what was drawn, shown where there is no run. A sketch is coarser where the net is dear.
Frame picture(const Run& run, const LabelledPoints& own, const Trainee& trainee,
              const SolveReport& solve, bool sketch);
Plot preview(std::string_view parameter, std::string_view choice, const LabelledPoints& own);

// --- plots.cpp: the plots of single things in it
// Samples on their way through a flow or residual blocks.
struct FlowTraces {
  std::vector<float> times;
  std::vector<Matrix<float>> states;  // at these times, of D x B; finite
  std::vector<std::uint32_t> group;   // the class of each sample
  bool smooth = false;                // a curve through the states, not a polygon
};
// where: 2 x B for each time, or 3 x B in space: where the samples are in the picture then.
Paths paths_through(const FlowTraces& traces, const std::vector<Matrix<double>>& where);
void append_line(Paths& paths, double x0, double y0, double x1, double y1);

inline constexpr double view_margin = 2.1;  // room for the paths around the data

Plot line_plot(const Run& run, const FlowTraces& traces);
Plot function_plot(const Run& run, const Vector<float>& theta);
Plot lifted_plot(const Run& run, const Vector<float>& theta, const FlowTraces& traces);
Plot nfe_plot(const Trainee& trainee);

}  // namespace neural_ode::classify
