// An experiment's table as JSON: what the page's trainer and `neural-ode experiments` tell.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "playground/contract/experiment.h"

namespace neural_ode {

nlohmann::json info_to_json(const ExperimentInfo& info);
// The reverse; fields that are missing keep their defaults.
ExperimentInfo info_from_json(const nlohmann::json& json);

}  // namespace neural_ode
