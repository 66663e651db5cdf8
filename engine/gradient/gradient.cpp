#include "engine/gradient/gradient.h"

namespace neural_ode {
namespace {

constexpr GradientStrategy strategies[] = {
    {"discrete", "Discrete adjoint", "the reverse of the very steps taken", make_discrete<float>,
     make_discrete<double>},
    {"interpolated", "Interpolated adjoint", "the continuous adjoint along the stored solution",
     make_interpolated<float>, make_interpolated<double>},
    {"backsolve", "Backsolve adjoint", "the continuous adjoint, the state solved backwards with it",
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

}  // namespace neural_ode
