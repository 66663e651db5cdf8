// Learn a latent motion from irregular observations of many series.
#pragma once

#include <memory>

#include "playground/contract/catalogue.h"

namespace neural_ode {

const ExperimentInfo& latent_info();
std::unique_ptr<Experiment> make_latent();
inline constexpr ExperimentEntry latent_entry{"latent", latent_info, make_latent};

}  // namespace neural_ode
