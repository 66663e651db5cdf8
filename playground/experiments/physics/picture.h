// The picture of `physics`: orbits, energies, the motion in time, and the numbers.
#pragma once

#include <string_view>

#include "engine/ode/solve_status.h"
#include "playground/experiments/physics/run.h"
#include "playground/picture/frame.h"
#include "playground/training/trainee.h"

namespace neural_ode::physics {

Frame picture(const Run& run, const Trainee& trainee, const SolveReport& solve);
Plot preview(std::string_view parameter, std::string_view choice);

}  // namespace neural_ode::physics
