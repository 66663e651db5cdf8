// Activations with two derivatives, several entries at a time. Comparisons are written so that NaN
// falls through to the side that keeps it.
#pragma once

#include "engine/core/vector_bounds_impl.h"

namespace neural_ode {
namespace {

inline FloatVector absolute(FloatVector x) {
  return reinterpret_cast<FloatVector>(reinterpret_cast<IntVector>(x) & 0x7fffffff);
}
inline DoubleVector absolute(DoubleVector x) {
  return reinterpret_cast<DoubleVector>(reinterpret_cast<LongVector>(x) & 0x7fffffffffffffffLL);
}

template <class Vector>
inline Vector nan_or_zero(Vector z) {
  return z == z ? Vector{} : z;
}

// exp is a normal number from here to minus this.
template <class Scalar>
constexpr Scalar kLowestExp = sizeof(Scalar) == 4 ? Scalar(-87) : Scalar(-708);
// 2^k of this, and with it exp, is zero.
template <class Scalar>
constexpr Scalar kZeroExp = kLowestExp<Scalar> - 1;

// 2^k and exp(x) 2^-k - 1 for kZeroExp <= x <= -kLowestExp, k = round(x / ln 2).
template <class Vector>
struct ReducedExp {
  Vector power, rest;
};

inline ReducedExp<FloatVector> reduce_exp(FloatVector x) {
  constexpr float rounding_shift = 0x1.8p23F;  // see core/math.cpp
  const FloatVector shifted = multiply_add(x, 0x1.715476p+0F, rounding_shift);
  const FloatVector k = shifted - rounding_shift;
  const FloatVector r = multiply_add(k, -0x1.0bfbe8p-15F, multiply_add(k, -0x1.62ep-1F, x));
  FloatVector p = multiply_add(r, 0.001392618359F, 0.008363179053F);
  p = multiply_add(p, r, 0.04166655462F);
  p = multiply_add(p, r, 0.1666657699F);
  p = multiply_add(p, r, 0.5F);
  // The low bits of `shifted` are k: move them to the exponent.
  const IntVector power = (reinterpret_cast<IntVector>(shifted) << 23) + 0x3f800000;
  return {reinterpret_cast<FloatVector>(power), multiply_add(r * r, p, r)};
}

inline ReducedExp<DoubleVector> reduce_exp(DoubleVector x) {
  constexpr double rounding_shift = 0x1.8p52;
  const DoubleVector shifted = multiply_add(x, 0x1.71547652b82fep+0, rounding_shift);
  const DoubleVector k = shifted - rounding_shift;
  const DoubleVector r =
      multiply_add(k, -0x1.a39ef35793c76p-33, multiply_add(k, -0x1.62e42feep-1, x));
  // Taylor, to 1/13!; even and odd powers apart, as one chain would take its time.
  const DoubleVector u = r * r;
  DoubleVector even = multiply_add(u, 1.0 / 479001600.0, 1.0 / 3628800.0);
  DoubleVector odd = multiply_add(u, 1.0 / 6227020800.0, 1.0 / 39916800.0);
  even = multiply_add(even, u, 1.0 / 40320.0);
  odd = multiply_add(odd, u, 1.0 / 362880.0);
  even = multiply_add(even, u, 1.0 / 720.0);
  odd = multiply_add(odd, u, 1.0 / 5040.0);
  even = multiply_add(even, u, 1.0 / 24.0);
  odd = multiply_add(odd, u, 1.0 / 120.0);
  even = multiply_add(even, u, 0.5);
  odd = multiply_add(odd, u, 1.0 / 6.0);
  const DoubleVector p = multiply_add(odd, r, even);
  const LongVector power = (reinterpret_cast<LongVector>(shifted) << 52) + 0x3ff0000000000000LL;
  return {reinterpret_cast<DoubleVector>(power), multiply_add(u, p, r)};
}

// exp(x) - 1 for kZeroExp <= x <= 0, without cancellation.
template <class Scalar>
inline ActivationVector<Scalar> expm1_nonpositive(ActivationVector<Scalar> x) {
  const auto e = reduce_exp(x);
  return multiply_add(e.power, e.rest, e.power - Scalar(1));
}

// exp(x) for kZeroExp <= x <= -kLowestExp.
template <class Scalar>
inline ActivationVector<Scalar> exp_bounded(ActivationVector<Scalar> x) {
  const auto e = reduce_exp(x);
  return multiply_add(e.power, e.rest, e.power);
}

// (2 artanh(s) - 2 s) / (2 s^3) for u = s^2 <= 1/9: log(1 + e) = 2 s + 2 s u p with s = e / (2 +
// e).
inline FloatVector artanh_tail(FloatVector u) {
  FloatVector p = multiply_add(u, 0.11612164635F, 0.10853287895F);
  p = multiply_add(p, u, 0.14296179F);
  p = multiply_add(p, u, 0.19999853165F);
  p = multiply_add(p, u, 0.3333333366F);
  return p;
}
inline DoubleVector artanh_tail(DoubleVector u) {
  constexpr double inverse[] = {1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9,  1.0 / 11, 1.0 / 13,
                                1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23, 1.0 / 25,
                                1.0 / 27, 1.0 / 29, 1.0 / 31, 1.0 / 33, 1.0 / 35, 1.0 / 37};
  const DoubleVector w = u * u;
  auto even = spread<DoubleVector>(inverse[16]), odd = spread<DoubleVector>(inverse[17]);
  for (int i = 14; i >= 0; i -= 2) {
    even = multiply_add(even, w, inverse[i]);
    odd = multiply_add(odd, w, inverse[i + 1]);
  }
  return multiply_add(odd, u, even);
}

// The value s(z) and its first two derivatives; a caller that ignores one pays nothing for it.
template <class Vector>
struct ActivationJet {
  Vector h, d1, d2;
};

template <class Scalar>
struct Activations {
  typedef ActivationVector<Scalar> Vector;
  typedef ActivationJet<Vector> Jet;

  static constexpr Scalar one = 1;

  struct Sigmoids {
    Vector s, complement;  // sigmoid(z), sigmoid(-z): no cancellation at either end
  };
  // Beyond the range of exp they stay at its end, 1e-38 or 1e-308 from the limit.
  static Sigmoids sigmoids(Vector z) {
    const Vector e =
        exp_bounded<Scalar>(at_most(at_least(-z, kLowestExp<Scalar>), -kLowestExp<Scalar>));
    const Vector s = one / (one + e);
    return {s, e * s};
  }

  struct Identity {
    static Jet at(Vector z) { return {z, nan_or_zero(z) + one, nan_or_zero(z)}; }
  };

  struct Tanh {
    // z P(z^2)/Q(z^2) fitted to relative error 2.1e-8 on |z| <= 9, from where on tanh rounds to 1.
    static ActivationJet<FloatVector> at(FloatVector z) {
      const FloatVector x = at_most(at_least(z, -9.0F), 9.0F);
      const FloatVector u = x * x;
      FloatVector p = multiply_add(u, 1.33210707969e-8F, 2.05851005632e-5F);
      p = multiply_add(p, u, 3.49414110275e-3F);
      p = multiply_add(p, u, 0.133798105612F);
      p = multiply_add(p, u, 0.999999979666F);
      FloatVector q = multiply_add(u, 7.76288899557e-7F, 3.2832612495e-4F);
      q = multiply_add(q, u, 2.58714874048e-2F);
      q = multiply_add(q, u, 0.46713125993F);
      q = multiply_add(q, u, 1.0F);
      const FloatVector h = at_most(at_least(x * p / q, -1.0F), 1.0F);
      const FloatVector d1 = (1.0F - h) * (1.0F + h);
      return {h, d1, -2.0F * h * d1};
    }
    // (1 - e) / (1 + e) with e = exp(-2|z|), and 4 e / (1 + e)^2.
    static ActivationJet<DoubleVector> at(DoubleVector z) {
      const DoubleVector minus =
          expm1_nonpositive<double>(at_least(-2.0 * absolute(z), kZeroExp<double>));
      const DoubleVector inverse = 1.0 / (2.0 + minus);
      const DoubleVector size = -minus * inverse;
      const DoubleVector h = z < 0.0 ? -size : size;
      const DoubleVector d1 = 4.0 * (1.0 + minus) * inverse * inverse;
      return {h, d1, -2.0 * h * d1};
    }
  };

  struct Sigmoid {
    static Jet at(Vector z) {
      const Sigmoids g = sigmoids(z);
      const Vector d1 = g.s * g.complement;
      return {g.s, d1, d1 * (g.complement - g.s)};
    }
  };

  // max(z, 0) + log(1 + e), e = exp(-|z|).
  struct Softplus {
    static Jet at(Vector z) {
      const Vector e = exp_bounded<Scalar>(at_least(-absolute(z), kZeroExp<Scalar>));
      const Vector s = e / (Scalar(2) + e);
      const Vector u = s * s;
      const Vector log_term = multiply_add(Scalar(2) * s * u, artanh_tail(u), Scalar(2) * s);
      const Vector larger = one / (one + e), smaller = e * larger;  // of the two sigmoids
      return {at_least(z, Scalar(0)) + log_term, z < Scalar(0) ? smaller : larger,
              larger * smaller};
    }
  };

  // exp is exactly one where z > 0.
  struct Elu {
    static Jet at(Vector z) {
      const auto e = reduce_exp(at_least(at_most(z, Scalar(0)), kZeroExp<Scalar>));
      const Vector value = multiply_add(e.power, e.rest, e.power - one);
      const Vector slope = multiply_add(e.power, e.rest, e.power);
      return {at_least(z, Scalar(0)) + value, slope, z > Scalar(0) ? Vector{} : slope};
    }
  };

  struct Silu {
    static Jet at(Vector z) {
      const Sigmoids g = sigmoids(z);
      // Beyond these the smaller sigmoid is as good as zero, which infinity would undo.
      constexpr Scalar low = kLowestExp<Scalar>;
      const Vector bounded = at_most(at_least(z, low), -low);
      return {at_least(z, low) * g.s, g.s * multiply_add(bounded, g.complement, one),
              g.s * g.complement * multiply_add(bounded, g.complement - g.s, Scalar(2))};
    }
  };

  struct Relu {
    static Jet at(Vector z) {
      const Vector quiet = nan_or_zero(z);
      return {at_least(z, Scalar(0)), z > Scalar(0) ? spread<Vector>(one) : quiet, quiet};
    }
  };
};

// `columns` columns of `rows` entries, `stride` apart, with `bias` (or null) added to each. The
// last entries of a column that do not fill a vector go through one of their own.
template <class Scalar, class Kernel, bool First, bool Second>
inline void activate_all(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const Scalar* z,
                         const Scalar* bias, Scalar* h, Scalar* d1, Scalar* d2) {
  typedef ActivationVector<Scalar> Vector;
  constexpr ptrdiff_t width = Lanes<Scalar, kActivationBytes>::width;
  const ptrdiff_t whole = rows / width * width;
  for (ptrdiff_t j = 0; j < columns; ++j) {
    const ptrdiff_t begin = j * stride;
    for (ptrdiff_t i = 0; i < whole; i += width) {
      auto x = load<Vector>(z + begin + i);
      if (bias != nullptr) x += load<Vector>(bias + i);
      const auto jet = Kernel::at(x);
      store(h + begin + i, jet.h);
      if constexpr (First) store(d1 + begin + i, jet.d1);
      if constexpr (Second) store(d2 + begin + i, jet.d2);
    }
    if (whole == rows) continue;
    Vector x = {};
    for (ptrdiff_t i = whole; i < rows; ++i)
      x[i - whole] = z[begin + i] + (bias == nullptr ? 0 : bias[i]);
    const auto jet = Kernel::at(x);
    for (ptrdiff_t i = whole; i < rows; ++i) {
      h[begin + i] = jet.h[i - whole];
      if constexpr (First) d1[begin + i] = jet.d1[i - whole];
      if constexpr (Second) d2[begin + i] = jet.d2[i - whole];
    }
  }
}

template <class Scalar, class Kernel>
inline void activate_wanted(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, const Scalar* z,
                            const Scalar* bias, Scalar* h, Scalar* d1, Scalar* d2) {
  if (d1 == nullptr)
    return activate_all<Scalar, Kernel, false, false>(rows, columns, stride, z, bias, h, d1, d2);
  if (d2 == nullptr)
    return activate_all<Scalar, Kernel, true, false>(rows, columns, stride, z, bias, h, d1, d2);
  return activate_all<Scalar, Kernel, true, true>(rows, columns, stride, z, bias, h, d1, d2);
}

template <class Scalar>
void activate_vectors(Activation activation, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride,
                      const Scalar* z, const Scalar* bias, Scalar* h, Scalar* d1, Scalar* d2) {
  typedef Activations<Scalar> A;
  switch (activation) {
    case Activation::identity:
      return activate_wanted<Scalar, typename A::Identity>(rows, columns, stride, z, bias, h, d1,
                                                           d2);
    case Activation::tanh:
      return activate_wanted<Scalar, typename A::Tanh>(rows, columns, stride, z, bias, h, d1, d2);
    case Activation::softplus:
      return activate_wanted<Scalar, typename A::Softplus>(rows, columns, stride, z, bias, h, d1,
                                                           d2);
    case Activation::elu:
      return activate_wanted<Scalar, typename A::Elu>(rows, columns, stride, z, bias, h, d1, d2);
    case Activation::silu:
      return activate_wanted<Scalar, typename A::Silu>(rows, columns, stride, z, bias, h, d1, d2);
    case Activation::sigmoid:
      return activate_wanted<Scalar, typename A::Sigmoid>(rows, columns, stride, z, bias, h, d1,
                                                          d2);
    case Activation::relu:
      return activate_wanted<Scalar, typename A::Relu>(rows, columns, stride, z, bias, h, d1, d2);
  }
}

}  // namespace
}  // namespace neural_ode
