// The picture of `gradients`: the way there and back, errors, work and memory, and the numbers.
#pragma once

#include <cstdint>
#include <string_view>

#include "playground/experiments/gradients/run.h"
#include "playground/picture/frame.h"

namespace neural_ode::gradients {

// loss: the error of the study's last point.
Frame picture(const Run& run, std::int64_t step, double loss);
Plot preview(std::string_view parameter, std::string_view choice);

}  // namespace neural_ode::gradients
