// Activations in double: accuracy before speed, since double is for references and the CLI.
#include "engine/core/kernel_table.h"
#include "engine/core/math.h"

namespace neural_ode {
namespace {

struct Jet {
  double h, d1, d2;
};

double nan_or_zero(double z) {
  return z == z ? 0 : z;
}

// Each: the value s(z) with s'(z) and s''(z); every formula lets NaN through.
struct Identity {
  static Jet at(double z) { return {z, 1 + nan_or_zero(z), nan_or_zero(z)}; }
};

struct Tanh {
  static Jet at(double z) {
    const double h = math::tanh(z);
    const double d1 = (1 - h) * (1 + h);
    return {h, d1, -2 * h * d1};
  }
};

struct Sigmoid {
  static Jet at(double z) {
    const double s = math::sigmoid(z), complement = math::sigmoid(-z);
    return {s, s * complement, s * complement * (complement - s)};
  }
};

struct Softplus {
  static Jet at(double z) {
    const double s = math::sigmoid(z), complement = math::sigmoid(-z);
    const double h = (z > 0 ? z : 0) + math::log1p(math::exp(z > 0 ? -z : z));
    return {h, s, s * complement};
  }
};

struct Elu {
  static Jet at(double z) {
    if (z > 0) return {z, 1, 0};
    const double slope = math::exp(z);
    return {math::expm1(z), slope, slope};
  }
};

struct Silu {
  static Jet at(double z) {
    // Beyond +-800 the sigmoid has reached 0 or 1, where infinity times zero must not appear.
    const double bounded = z < -800 ? -800 : (z > 800 ? 800 : z);
    const double s = math::sigmoid(z), complement = math::sigmoid(-z);
    return {(z > 0 ? z : bounded) * s, s * (1 + bounded * complement),
            s * complement * (2 + bounded * (complement - s))};
  }
};

struct Relu {
  static Jet at(double z) {
    const double quiet = nan_or_zero(z);
    return {z < 0 ? 0 : z, z > 0 ? 1 : quiet, quiet};
  }
};

template <class Function>
void apply(std::ptrdiff_t n, const double* z, double* h, double* d1, double* d2) {
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    const Jet jet = Function::at(z[i]);
    h[i] = jet.h;
    if (d1 != nullptr) d1[i] = jet.d1;
    if (d2 != nullptr) d2[i] = jet.d2;
  }
}

}  // namespace

void activate_double(Activation activation, std::ptrdiff_t n, const double* z, double* h,
                     double* d1, double* d2) {
  switch (activation) {
    case Activation::identity:
      return apply<Identity>(n, z, h, d1, d2);
    case Activation::tanh:
      return apply<Tanh>(n, z, h, d1, d2);
    case Activation::softplus:
      return apply<Softplus>(n, z, h, d1, d2);
    case Activation::elu:
      return apply<Elu>(n, z, h, d1, d2);
    case Activation::silu:
      return apply<Silu>(n, z, h, d1, d2);
    case Activation::sigmoid:
      return apply<Sigmoid>(n, z, h, d1, d2);
    case Activation::relu:
      return apply<Relu>(n, z, h, d1, d2);
  }
}

}  // namespace neural_ode
