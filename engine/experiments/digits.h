// Read handwritten digits with the ODE-Net of [chen2018] or its residual baseline.
#pragma once

#include <memory>

#include "engine/experiments/experiment.h"

namespace neural_ode {

const ExperimentInfo& digits_info();
// Its data are the four IDX files of MNIST one after another (DigitImages), handed to set_data, or
// to provide_digit_images for every such experiment. Without them a reset fails and says so.
std::unique_ptr<Experiment> make_digits();

}  // namespace neural_ode
