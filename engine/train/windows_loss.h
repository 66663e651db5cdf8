// The squared error of solutions against observations of which some are missing.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "engine/core/types.h"

namespace neural_ode {

// Mean squared difference over those added; NaN for none.
struct MeanSquare {
  double sum = 0;
  std::int64_t count = 0;
  // Adds nothing where nothing was observed.
  void add(double value, double observed) {
    if (std::isnan(observed)) return;
    sum += (value - observed) * (value - observed);
    ++count;
  }
  double value() const {
    return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
  }
};

// L = 1/N sum (y - target)^2 over the N entries of target[first], target[first + 1], ... that are
// observed, which must be at least one. A state may have further rows below those of its target;
// nobody observes them. Writes dL/dstates, T of D x B. Returns L.
template <class Scalar>
double window_loss(const std::vector<Matrix<Scalar>>& states,
                   const std::vector<Matrix<Scalar>>& target, std::size_t first,
                   std::vector<Matrix<Scalar>>& states_bar);

// L alone; NaN where nothing is observed.
double window_error(const std::vector<Matrix<float>>& states,
                    const std::vector<Matrix<float>>& target, std::size_t first);

}  // namespace neural_ode
