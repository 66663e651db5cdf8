// The picture of `dynamics`: the law behind the motion, the motions in time, and the numbers.
#pragma once

#include <string_view>

#include "engine/ode/solve_status.h"
#include "playground/experiments/dynamics/run.h"
#include "playground/own_data/own_trajectories.h"
#include "playground/picture/frame.h"
#include "playground/picture/plots.h"
#include "playground/training/trainee.h"

namespace neural_ode::dynamics {

// `own`: what was drawn, shown where there is no run.
Frame picture(const Run& run, const OwnTrajectories& own, const Trainee& trainee,
              const SolveReport& solve);
Plot preview(std::string_view parameter, std::string_view choice, const OwnTrajectories& own);

// --- phase.cpp: the first plot
// `learnt`: the motions of the learnt field.
Plot phase_plot(const Run& run, const Vector<float>& theta, const Paths& learnt);
// When there is no run: what was drawn so far.
Plot drawn_plot(const OwnTrajectories& own);
// Of the complete observations; what cannot be negative begins at 0.
View view_of_observed(const ObservedMotions& data, double margin);

}  // namespace neural_ode::dynamics
