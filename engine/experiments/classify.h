// Separate two classes of points in the plane by a continuous flow and a read-out.
#pragma once

#include <memory>

#include "engine/experiments/experiment.h"

namespace neural_ode {

const ExperimentInfo& classify_info();
std::unique_ptr<Experiment> make_classify();

}  // namespace neural_ode
