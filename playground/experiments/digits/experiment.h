// Read handwritten digits with the ODE-Net of [chen2018] or its residual baseline.
#pragma once

#include <memory>

#include "playground/contract/catalogue.h"

namespace neural_ode {

const ExperimentInfo& digits_info();
// Its data are the four IDX files of MNIST one after another (DigitImages), handed to set_data or
// provide. Without them a reset fails and says so.
std::unique_ptr<Experiment> make_digits();
inline constexpr ExperimentEntry digits_entry{"digits", digits_info, make_digits};

}  // namespace neural_ode
