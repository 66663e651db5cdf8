#include "engine/gradient/gradient.h"

#include <string>

namespace neural_ode {
namespace {

constexpr GradientStrategy strategies[] = {
    {"discrete", "Discrete", "the reverse of the very steps taken", false, make_discrete<float>,
     make_discrete<double>},
    {"interpolated", "Interpolated", "the continuous adjoint along the stored solution", true,
     make_interpolated<float>, make_interpolated<double>},
    {"backsolve", "Backsolve", "the continuous adjoint, the state solved backwards with it", true,
     make_backsolve<float>, make_backsolve<double>},
};

}  // namespace

std::span<const GradientStrategy> gradient_strategies() {
  return strategies;
}

const GradientStrategy* find_gradient(std::string_view name) {
  for (const GradientStrategy& strategy : strategies) {
    if (strategy.name == name) return &strategy;
  }
  return nullptr;
}

Status validate(const GradientStrategy& strategy, const ButcherTableau& method) {
  if (!strategy.continuous || (!method.partitioned && method.past == 0)) return {};
  return Error{std::string(strategy.name) +
               ": expected a one-step method for the whole state, found " +
               std::string(method.name) + "; the discrete gradient takes it"};
}

}  // namespace neural_ode
