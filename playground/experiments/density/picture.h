// The picture of `density`: the cloud on its way over the density, the losses, and the numbers.
#pragma once

#include <string_view>

#include "engine/data/labelled_points.h"
#include "engine/ode/solve_status.h"
#include "playground/experiments/density/run.h"
#include "playground/picture/frame.h"
#include "playground/training/trainee.h"

namespace neural_ode::density {

// `own`: what was drawn, shown where there is no run. Densities and paths are those of run.shown.
Frame picture(const Run& run, const LabelledPoints& own, const Trainee& trainee,
              const SolveReport& solve);
Plot preview(std::string_view parameter, std::string_view choice, const LabelledPoints& own);
// Solves for run.shown, but for its step.
void solve_picture(Run& run, const Vector<float>& theta);

// --- pieces of it
View view_of_run(const Run& run);                                           // in data coordinates
void append_point(const Run& run, Vertices& vertices, double x, double y);  // of model coordinates
Layer data_layer(const Run& run);

// --- heatmap.cpp
void fill_heatmaps(Run& run, const Vector<float>& theta);
Plot planar_plot(const Run& run);

}  // namespace neural_ode::density
