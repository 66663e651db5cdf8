#include "engine/data/systems.h"

#include "engine/core/math.h"

namespace neural_ode {
namespace {

// A planar field given by its value and the transposed Jacobian times a covector, one sample at a
// time.
template <class Derived>
class PlanarSystem : public VectorField<double> {
 public:
  Index dim() const final { return 2; }

  void eval(TimesIn, MatrixIn<double> y, MatrixOut<double> dy) final {
    for (Index p = 0; p < y.cols(); ++p) {
      Derived::value(y(0, p), y(1, p), dy(0, p), dy(1, p));
    }
  }

  void vjp(TimesIn, MatrixIn<double> y, MatrixIn<double> a, MatrixOut<double> y_bar,
           VectorOut<double>, TimesOut) final {
    for (Index p = 0; p < y.cols(); ++p) {
      double u_bar = 0, v_bar = 0;
      Derived::pull(y(0, p), y(1, p), a(0, p), a(1, p), u_bar, v_bar);
      y_bar(0, p) += u_bar;
      y_bar(1, p) += v_bar;
    }
  }
};

// y' = A y, A = [-.1 -1; 1 -.1].
class Spiral final : public PlanarSystem<Spiral> {
 public:
  static void value(double u, double v, double& du, double& dv) {
    du = -0.1 * u - v;
    dv = u - 0.1 * v;
  }
  static void pull(double, double, double a, double b, double& u_bar, double& v_bar) {
    u_bar = -0.1 * a + b;
    v_bar = -a - 0.1 * b;
  }
};

// y' = A^T y^3 entry by entry, A = [-.1 2; -2 -.1].
class CubicSpiral final : public PlanarSystem<CubicSpiral> {
 public:
  static void value(double u, double v, double& du, double& dv) {
    const double u3 = u * u * u, v3 = v * v * v;
    du = -0.1 * u3 - 2 * v3;
    dv = 2 * u3 - 0.1 * v3;
  }
  static void pull(double u, double v, double a, double b, double& u_bar, double& v_bar) {
    u_bar = 3 * u * u * (-0.1 * a + 2 * b);
    v_bar = 3 * v * v * (-2 * a - 0.1 * b);
  }
};

// y' = s(y.c) A (y - c) + s(-y.c) B (y + c), s the logistic function, c = (-1, 0), A = [-.1 -.5; .5
// -.1], B = [.2 1; -1 .2]: an attractor at c, and around -c a repeller that turns the other way.
class TwoAttractors final : public PlanarSystem<TwoAttractors> {
 public:
  static void value(double u, double v, double& du, double& dv) {
    const double s = math::sigmoid(-u), r = math::sigmoid(u);
    du = s * (-0.1 * (u + 1) - 0.5 * v) + r * (0.2 * (u - 1) + v);
    dv = s * (0.5 * (u + 1) - 0.1 * v) + r * (-(u - 1) + 0.2 * v);
  }
  static void pull(double u, double v, double a, double b, double& u_bar, double& v_bar) {
    const double s = math::sigmoid(-u), r = math::sigmoid(u), slope = s * r;
    const double near_c = a * (-0.1 * (u + 1) - 0.5 * v) + b * (0.5 * (u + 1) - 0.1 * v);
    const double near_minus_c = a * (0.2 * (u - 1) + v) + b * (-(u - 1) + 0.2 * v);
    u_bar = s * (-0.1 * a + 0.5 * b) + r * (0.2 * a - b) + slope * (near_minus_c - near_c);
    v_bar = s * (-0.5 * a - 0.1 * b) + r * (a + 0.2 * b);
  }
};

template <class Field>
std::unique_ptr<VectorField<double>> make_field() {
  return std::make_unique<Field>();
}

constexpr System registry[] = {
    {"spiral", "Linear spiral", 2, {0.6, 0.3}, 1, make_field<Spiral>},
    {"cubic_spiral", "Cubic spiral", 2, {2, 0}, 2, make_field<CubicSpiral>},
    {"two_attractors", "Two attractors", 2, {0.6, 0.3}, 2, make_field<TwoAttractors>},
};

}  // namespace

std::span<const System> systems() {
  return registry;
}

const System* find_system(std::string_view name) {
  for (const System& system : registry) {
    if (system.name == name) return &system;
  }
  return nullptr;
}

}  // namespace neural_ode
