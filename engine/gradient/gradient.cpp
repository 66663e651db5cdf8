#include "engine/gradient/gradient.h"

#include <string>

namespace neural_ode {
namespace {

constexpr GradientStrategy strategies[] = {
    {GradientKind::discrete, "discrete", "Discrete", "the reverse of the very steps taken", false},
    {GradientKind::interpolated, "interpolated", "Interpolated",
     "the continuous adjoint along the stored solution", true},
    {GradientKind::backsolve, "backsolve", "Backsolve",
     "the continuous adjoint, the state solved backwards with it", true},
};

// No column of `strategies`: a program that uses one Scalar would have the code of both.
template <class Scalar>
MakeGradient<Scalar> maker(GradientKind kind) {
  switch (kind) {
    case GradientKind::discrete:
      return make_discrete<Scalar>;
    case GradientKind::interpolated:
      return make_interpolated<Scalar>;
    case GradientKind::backsolve:
      return make_backsolve<Scalar>;
  }
  return nullptr;
}

}  // namespace

template <class Scalar>
std::unique_ptr<Gradient<Scalar>> GradientStrategy::make(const SolverOptions& options,
                                                         const GradientOptions& gradient) const {
  const MakeGradient<Scalar> plain = maker<Scalar>(kind);
  return gradient.tile > 0 ? make_tiled(plain, options, gradient) : plain(options, gradient);
}

template std::unique_ptr<Gradient<float>> GradientStrategy::make<float>(
    const SolverOptions&, const GradientOptions&) const;
template std::unique_ptr<Gradient<double>> GradientStrategy::make<double>(
    const SolverOptions&, const GradientOptions&) const;

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
