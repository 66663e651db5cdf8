// Forward-mode derivatives: a value with N partial derivatives, for formulas written once as a
// template.
#pragma once

#include <cmath>

#include "engine/core/math.h"

namespace neural_ode {

template <class Scalar, int N>
struct Dual {
  Scalar value = 0;
  Scalar slope[N] = {};

  Dual() = default;
  Dual(Scalar constant) : value(constant) {}
  // The variable whose partial derivative has this index.
  static Dual variable(Scalar value, int index) {
    Dual x(value);
    x.slope[index] = 1;
    return x;
  }

  // g(x) from g(x.value) and g'(x.value).
  Dual through(Scalar image, Scalar derivative) const {
    Dual result(image);
    for (int i = 0; i < N; ++i) result.slope[i] = derivative * slope[i];
    return result;
  }

  Dual operator-() const { return through(-value, -1); }
  friend Dual operator+(Dual a, const Dual& b) {
    a.value += b.value;
    for (int i = 0; i < N; ++i) a.slope[i] += b.slope[i];
    return a;
  }
  friend Dual operator-(const Dual& a, const Dual& b) { return a + -b; }
  friend Dual operator*(const Dual& a, const Dual& b) {
    Dual result(a.value * b.value);
    for (int i = 0; i < N; ++i) result.slope[i] = a.slope[i] * b.value + a.value * b.slope[i];
    return result;
  }
  friend Dual operator/(const Dual& a, const Dual& b) {
    return a * b.through(1 / b.value, -1 / (b.value * b.value));
  }
};

namespace math {

template <class Scalar, int N>
Dual<Scalar, N> exp(const Dual<Scalar, N>& x) {
  const Scalar image = static_cast<Scalar>(exp(static_cast<double>(x.value)));
  return x.through(image, image);
}
template <class Scalar, int N>
Dual<Scalar, N> sin(const Dual<Scalar, N>& x) {
  return x.through(static_cast<Scalar>(sin(static_cast<double>(x.value))),
                   static_cast<Scalar>(cos(static_cast<double>(x.value))));
}
template <class Scalar, int N>
Dual<Scalar, N> cos(const Dual<Scalar, N>& x) {
  return x.through(static_cast<Scalar>(cos(static_cast<double>(x.value))),
                   static_cast<Scalar>(-sin(static_cast<double>(x.value))));
}
template <class Scalar, int N>
Dual<Scalar, N> sigmoid(const Dual<Scalar, N>& x) {
  const Scalar image = static_cast<Scalar>(sigmoid(static_cast<double>(x.value)));
  return x.through(image, image * (1 - image));
}
// Correctly rounded everywhere, unlike the rest of libm.
inline double sqrt(double x) {
  return std::sqrt(x);
}
template <class Scalar, int N>
Dual<Scalar, N> sqrt(const Dual<Scalar, N>& x) {
  const Scalar image = std::sqrt(x.value);
  return x.through(image, Scalar(0.5) / image);
}

}  // namespace math
}  // namespace neural_ode
