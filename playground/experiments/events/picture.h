// The picture of `events`: the flights, what has been recovered, the jumps in the phase plane, and
// the numbers.
#pragma once

#include <string_view>

#include "engine/ode/solve_status.h"
#include "playground/experiments/events/run.h"
#include "playground/picture/frame.h"
#include "playground/training/trainee.h"

namespace neural_ode::events {

Frame picture(const Run& run, const Trainee& trainee, const SolveReport& solve);
Plot preview(std::string_view parameter, std::string_view choice);

}  // namespace neural_ode::events
