// What can be set in `latent`, read once a run.
#pragma once

#include <cstdint>
#include <string>

#include "engine/core/result.h"
#include "engine/models/latent_model.h"
#include "playground/contract/experiment.h"

namespace neural_ode::latent {

struct Options {
  std::string data;  // a family of series, or "own"
  double noise = 0;
  int observations = 0;  // that the encoder is shown
  bool whole = false;    // the likelihood is of the whole window, not of what was shown
  LatentSpec spec;       // but for what follows from the data: data_dim and log_variance
  double sigma = 0;      // of an observation, unless it is learnt
  double kl_weight = 0, kl_annealing = 0;  // the latter in steps
  int batch = 0;
  std::int64_t round = 0;

  bool own() const { return data == "own"; }
};

// An error: what cannot go together.
Result<Options> read_options(const Settings& settings);

}  // namespace neural_ode::latent
