// Separate two classes of points in the plane by a continuous flow and a read-out.
#pragma once

#include <memory>

#include "playground/contract/catalogue.h"

namespace neural_ode {

const ExperimentInfo& classify_info();
std::unique_ptr<Experiment> make_classify();
inline constexpr ExperimentEntry classify_entry{"classify", classify_info, make_classify};

}  // namespace neural_ode
