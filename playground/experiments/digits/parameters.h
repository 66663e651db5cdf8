// What can be set in `digits`, read once a run.
#pragma once

#include <cstdint>

#include "engine/core/result.h"
#include "engine/models/ode_net.h"
#include "playground/contract/experiment.h"

namespace neural_ode::digits {

struct Options {
  int train = 0, test = 0;  // images; 0: all
  double noise = 0;
  OdeNetSpec spec;
  int batch = 0;
  std::int64_t epochs = 0;

  bool is_ode() const { return spec.residual_blocks == 0; }
};

// An error: what cannot go together.
Result<Options> read_options(const Settings& settings);

}  // namespace neural_ode::digits
