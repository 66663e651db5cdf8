// How layers without a scheme of their own start: PyTorch's default for layers of `fan_in` inputs,
// weights and biases alike, for results to be compared with published ones.
#pragma once

#include <cmath>

#include "engine/core/rng.h"
#include "engine/core/types.h"

namespace neural_ode {

// Uniform in +-1 / sqrt(fan_in).
template <class Scalar>
void fill_uniform(Rng& rng, Index fan_in, VectorOut<Scalar> theta) {
  const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
  for (Index i = 0; i < theta.size(); ++i)
    theta[i] = static_cast<Scalar>(rng.uniform(-bound, bound));
}

}  // namespace neural_ode
