// What a method makes of the test equation y' = lambda y, as a function of z = h lambda.
#pragma once

#include <complex>
#include <optional>
#include <vector>

#include "engine/ode/tableau.h"

namespace neural_ode {

// y1 = R(z) y, R(z) = 1 + z b^T (I - z A)^-1 1 [hairer1996] IV.2; coefficients of z^0, z^1, ...
struct StabilityFunction {
  std::vector<double> numerator, denominator;  // the denominator of an explicit method is 1

  std::complex<double> operator()(std::complex<double> z) const;
  // Its limit for z to infinity; nothing where it grows without bound.
  std::optional<double> at_infinity() const;
};

// Nothing for a partitioned or multistep method.
std::optional<StabilityFunction> stability_function(const ButcherTableau& method);

struct LinearStability {
  // Length x of the interval [-x, 0] on which no step grows: |R| <= 1, or no root of a multistep
  // method's characteristic polynomial is larger. Infinite when there is no end to it.
  double real_interval = 0;
  std::optional<double> at_infinity;  // R; nothing for explicit methods
  bool a_stable = false;              // no growth in the whole left half plane
  bool l_stable = false;  // A-stable and R = 0 at infinity, but for rounding of the coefficients
};

// Nothing for a partitioned method, which is not made for real lambda.
std::optional<LinearStability> linear_stability(const ButcherTableau& method);

}  // namespace neural_ode
