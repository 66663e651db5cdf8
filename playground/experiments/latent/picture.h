// The picture of `latent`: the series with its fit and band, the codes, and the numbers.
#pragma once

#include <string_view>

#include "engine/ode/solve_status.h"
#include "playground/experiments/latent/run.h"
#include "playground/own_data/own_trajectories.h"
#include "playground/picture/frame.h"
#include "playground/training/trainee.h"

namespace neural_ode::latent {

// `own`: what was drawn, shown where there is no run. Fills run.fit.
Frame picture(Run& run, const OwnTrajectories& own, const Trainee& trainee,
              const SolveReport& solve);
Plot preview(std::string_view parameter, std::string_view choice, const OwnTrajectories& own);

// --- plots.cpp: the series
Plot plane_plot(const Run& run);
Plot time_plot(const Run& run, bool hero);

// --- codes.cpp
void add_dragged_motion(const Run& run, const Vector<float>& theta, Plot& plot);
Plot latent_plot(const Run& run);
Plot between_plot(const Run& run, const Vector<float>& theta);

}  // namespace neural_ode::latent
