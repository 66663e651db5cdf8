// The picture of `solvers`: trajectories with their steps, errors and work, and the numbers.
#pragma once

#include <cstdint>
#include <string_view>

#include "playground/experiments/solvers/run.h"
#include "playground/picture/frame.h"

namespace neural_ode::solvers {

// loss: the error of the study's last point.
Frame picture(const Run& run, std::int64_t step, double loss);
Plot preview(std::string_view parameter, std::string_view choice);

// --- stability.cpp: eigenvalues times steps over the region where they shrink
Plot stability_plot(const Run& run, const Contestant& contestant);

}  // namespace neural_ode::solvers
