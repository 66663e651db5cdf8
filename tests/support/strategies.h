// Every way to pull a loss back, for a loop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/gradient/gradient.h"

namespace neural_ode::testing {

struct Strategy {
  std::string name;
  const GradientStrategy* strategy;
  GradientOptions options;

  template <class Scalar = double>
  std::unique_ptr<Gradient<Scalar>> make(const SolverOptions& solver) const {
    return strategy->make<Scalar>(solver, options);
  }
};

inline std::vector<Strategy> strategies() {
  const GradientStrategy *discrete = find_gradient("discrete"),
                         *interpolated = find_gradient("interpolated"),
                         *backsolve = find_gradient("backsolve");
  return {{"discrete", discrete, {}},
          {"discrete, 3 checkpoints", discrete, {.checkpoints = 3}},
          {"interpolated", interpolated, {}},
          {"interpolated, full norm", interpolated, {.seminorm = false}},
          {"backsolve", backsolve, {}},
          {"backsolve, full norm", backsolve, {.seminorm = false}},
          {"backsolve, reset", backsolve, {.reset = true}},
          {"backsolve, full norm, reset", backsolve, {.seminorm = false, .reset = true}}};
}

}  // namespace neural_ode::testing
