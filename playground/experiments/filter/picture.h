// The picture of `filter`: a series with the predictions that break where an observation comes, the
// errors by gap and in the course of training, and the numbers.
#pragma once

#include <string_view>

#include "playground/experiments/filter/run.h"
#include "playground/picture/frame.h"
#include "playground/training/trainee.h"

namespace neural_ode::filter {

Frame picture(const Run& run, const Trainee& trainee);
// Own series of which there are none yet, or too few.
Frame empty_picture();
Plot preview(std::string_view parameter, std::string_view choice, const OwnTrajectories& own);

}  // namespace neural_ode::filter
