// Derivatives by differences, to check those made by hand.
#pragma once

namespace neural_ode::testing {

// df/dx where `f()` reads the variable `x`: five points, error of order step^4. x is restored.
template <class Function>
double central_difference(Function f, double& x, double step) {
  const double centre = x;
  const auto at = [&](double offset) {
    x = centre + offset;
    return f();
  };
  const double near = at(step) - at(-step);
  const double far = at(2 * step) - at(-2 * step);
  x = centre;
  return (8 * near - far) / (12 * step);
}

}  // namespace neural_ode::testing
