#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "engine/core/math.h"
#include "engine/core/rng.h"
#include "engine/fields/systems.h"
#include "engine/ode/solver.h"

using namespace neural_ode;

namespace {

constexpr double pi = 3.14159265358979323846;

// f(t, y; p) of one sample.
Vector<double> value(const System& system, double t, const Vector<double>& y,
                     const std::vector<double>& p) {
  Matrix<double> dy(system.dim, 1);
  system.make(p)->eval(Vector<double>::Constant(1, t), y, dy);
  return dy.col(0);
}

std::vector<double> default_values(const System& system) {
  std::vector<double> values;
  for (const SystemParameter& parameter : system.parameters) values.push_back(parameter.value);
  return values;
}

// y(t_end) from y(0) = y0.
Vector<double> solve(const char* name, const std::vector<double>& p, const Vector<double>& y0,
                     double t_end, double rtol, double atol) {
  SolverOptions options;
  options.method = find_method("dopri5");
  options.rtol = rtol;
  options.atol = atol;
  Solver<double> solver(options);
  Matrix<double> times(2, 1);
  times << 0, t_end;
  const auto field = find_system(name)->make(p);
  REQUIRE(solver.solve(*field, y0, times).status == SolveStatus::ok);
  return solver.states()[1].col(0);
}

double distance(const Vector<double>& a, const Vector<double>& b) {
  return (a - b).cwiseAbs().maxCoeff();
}

// How large each component of the state usually is.
Vector<double> scale(const System& system) {
  Vector<double> scale = Vector<double>::Ones(system.dim);
  if (system.name == "robertson") scale[1] = 1e-4;
  return scale;
}

}  // namespace

TEST_CASE("systems: Jacobian and vjp in y, parameters and t are those of central differences") {
  for (const System& system : systems()) {
    CAPTURE(std::string(system.name));
    const Index dim = system.dim, count = Index(system.parameters.size());
    Rng rng(11);
    for (int point = 0; point < 3; ++point) {
      std::vector<double> p = default_values(system);
      for (double& each : p) each = each * (1 + 0.1 * rng.normal()) + (each == 0 ? 0.1 : 0.0);
      Vector<double> y(dim);
      for (Index i = 0; i < dim; ++i) y[i] = scale(system)[i] * (0.5 + 0.4 * rng.normal());
      const double t = rng.uniform(0, 5);

      const auto field = system.make(p);
      REQUIRE(field->dim() == dim);
      REQUIRE(field->parameter_count() == count);
      const Vector<double> times = Vector<double>::Constant(1, t);
      Matrix<double> jacobian(dim, dim), exact(dim, dim + count + 1);
      REQUIRE(field->jacobian(times, y, jacobian));
      for (Index i = 0; i < dim; ++i) {
        Matrix<double> y_bar = Matrix<double>::Zero(dim, 1);
        Vector<double> theta_bar = Vector<double>::Zero(count), t_bar = Vector<double>::Zero(1);
        const Matrix<double> cotangent = Vector<double>::Unit(dim, i);
        field->vjp(times, y, cotangent, y_bar, theta_bar, t_bar);
        exact.row(i) << y_bar.transpose(), theta_bar.transpose(), t_bar;
      }
      CHECK(jacobian == exact.leftCols(dim));

      // Column k: the derivative in y_k, then in the parameters, then in t.
      const auto moved = [&](Index k, double step) {
        Vector<double> y_moved = y;
        std::vector<double> p_moved = p;
        if (k < dim) y_moved[k] += step;
        if (k >= dim && k < dim + count) p_moved[std::size_t(k - dim)] += step;
        return value(system, k == dim + count ? t + step : t, y_moved, p_moved);
      };
      const double largest = value(system, t, y, p).cwiseAbs().maxCoeff() + 1;
      for (Index k = 0; k <= dim + count; ++k) {
        CAPTURE(k);
        const double size = k < dim           ? scale(system)[k]
                            : k < dim + count ? std::abs(p[std::size_t(k - dim)])
                                              : 1;
        const double step = 1e-5 * size;
        const Vector<double> slope = (moved(k, step) - moved(k, -step)) / (2 * step);
        const double rounding = 4 * std::numeric_limits<double>::epsilon() * largest / step;
        for (Index i = 0; i < dim; ++i) {
          CAPTURE(i);
          CHECK(std::abs(exact(i, k) - slope[i]) < 1e-6 * std::abs(slope[i]) + rounding);
        }
      }
    }
  }
}

TEST_CASE("systems: at the default values the planar data sets are the constants they were") {
  // To the bit: runs trained on them are shared as links.
  Rng rng(5);
  for (int point = 0; point < 200; ++point) {
    Vector<double> y(2);
    y << 2 * rng.normal(), 2 * rng.normal();
    const double u = y[0], v = y[1];
    const auto same = [&](const char* name, double du, double dv) {
      const Vector<double> dy = value(*find_system(name), 0, y, {});
      return dy[0] == du && dy[1] == dv;
    };
    CHECK(same("spiral", -0.1 * u - v, u - 0.1 * v));
    const double u3 = u * u * u, v3 = v * v * v;
    CHECK(same("cubic_spiral", -0.1 * u3 - 2 * v3, 2 * u3 - 0.1 * v3));
    const double s = math::sigmoid(-u), r = math::sigmoid(u);
    CHECK(same("two_attractors", s * (-0.1 * (u + 1) - 0.5 * v) + r * (0.2 * (u - 1) + v),
               s * (0.5 * (u + 1) - 0.1 * v) + r * (-(u - 1) + 0.2 * v)));
  }
}

TEST_CASE("systems: two_attractors at a point worked out by hand") {
  // z = (1, 1): u = -1, s(u) = .2689414214; A(z-c) = A(2,1) = (-.7, .9), B(z+c) = B(0,1) = (1, .2)
  const double s = 1 / (1 + std::exp(1.0));
  const Vector<double> dz = value(*find_system("two_attractors"), 0, Vector<double>::Ones(2), {});
  CHECK(dz[0] == doctest::Approx(s * -0.7 + (1 - s) * 1.0).epsilon(1e-14));
  CHECK(dz[1] == doctest::Approx(s * 0.9 + (1 - s) * 0.2).epsilon(1e-14));
}

TEST_CASE("systems: Lotka-Volterra, Lorenz and van der Pol reach their published states") {
  const Vector<double> one = Vector<double>::Ones(2);
  const Eigen::Vector2d prey(1.026344767575, 0.909691078136);
  CHECK(distance(solve("lotka_volterra", {1.5, 1, 3, 1}, one, 10, 1e-12, 1e-12), prey) < 1e-10);
  const Eigen::Vector3d weather(-9.378570010925, -8.357033788427, 29.362325337363);
  CHECK(distance(solve("lorenz", {}, Vector<double>::Ones(3), 1, 1e-12, 1e-12), weather) < 1e-9);
  // DETEST E2.
  const Eigen::Vector2d cycle(2.008149762175, -0.0425088752732);
  CHECK(distance(solve("van_der_pol", {1}, Eigen::Vector2d(2, 0), 20, 1e-12, 1e-12), cycle) < 1e-9);
}

TEST_CASE("systems: Robertson's reaction reaches its published state and loses nothing") {
  const Vector<double> y = solve("robertson", {}, Eigen::Vector3d(1, 0, 0), 0.4, 1e-10, 1e-14);
  CHECK(y[0] == doctest::Approx(0.985172113861).epsilon(1e-10));
  CHECK(y[1] == doctest::Approx(3.386395378978e-5).epsilon(1e-9));
  CHECK(y[2] == doctest::Approx(0.014794022185).epsilon(1e-9));
  CHECK(std::abs(y.sum() - 1) < 1e-14);
}

TEST_CASE("systems: the Arenstorf orbit closes after its period") {
  const System& system = *find_system("arenstorf");
  const Vector<double> y0 = Eigen::Map<const Eigen::Vector4d>(system.y0.data());
  const Vector<double> y = solve("arenstorf", {}, y0, system.t_end, 1e-12, 1e-12);
  // It starts .006 from the Moon, at the end once more: that multiplies the errors of the steps.
  CHECK(distance(y.head(2), y0.head(2)) < 2e-9);
  CHECK(distance(y.tail(2), y0.tail(2)) < 3e-7);
}

TEST_CASE("systems: the pendulum swings with the period of the elliptic integral") {
  // T = 2 pi sqrt(l / g) / agm(1, cos(theta0 / 2)).
  const double angle = 2, g = 9.81, length = 0.5;
  double mean = 1, root = std::cos(angle / 2);
  for (int i = 0; i < 6; ++i) {
    const double next = (mean + root) / 2;
    root = std::sqrt(mean * root);
    mean = next;
  }
  const double period = 2 * pi * std::sqrt(length / g) / mean;
  const Vector<double> y0 = Eigen::Vector2d(angle, 0);
  CHECK(distance(solve("pendulum", {g, length, 0}, y0, period, 1e-12, 1e-12), y0) < 1e-9);
  // Damping takes the rate away at once: omega' = -damping omega at theta = 0.
  CHECK(value(*find_system("pendulum"), 0, Eigen::Vector2d(0, 3), {g, length, 0.2})[1] ==
        doctest::Approx(-0.6).epsilon(1e-15));
}

TEST_CASE(
    "systems: Duffing without beta follows its forced oscillation, without friction keeps "
    "its energy") {
  const double alpha = 2, delta = 0.3, gamma = 0.5, omega = 1.2;
  // x = (k cos wt + delta w sin wt) gamma / (k^2 + (delta w)^2), k = alpha - w^2.
  const double k = alpha - omega * omega, loss = delta * omega;
  const double amplitude = gamma / (k * k + loss * loss);
  const auto forced = [&](double t) -> Vector<double> {
    const double c = std::cos(omega * t), s = std::sin(omega * t);
    return Eigen::Vector2d(amplitude * (k * c + loss * s), amplitude * omega * (-k * s + loss * c));
  };
  CHECK(distance(solve("duffing", {alpha, 0, delta, gamma, omega}, forced(0), 7, 1e-12, 1e-12),
                 forced(7)) < 1e-10);

  const auto energy = [](const Vector<double>& y) {
    return y[1] * y[1] / 2 - y[0] * y[0] / 2 + 0.7 * std::pow(y[0], 4) / 4;
  };
  const Vector<double> y0 = Eigen::Vector2d(1.5, 0.4);
  CHECK(energy(solve("duffing", {-1, 0.7, 0, 0, 1}, y0, 20, 1e-12, 1e-12)) ==
        doctest::Approx(energy(y0)).epsilon(1e-9));
}

TEST_CASE("systems: the Brusselator rests at (a, b / a) and moves as worked out elsewhere") {
  const System& system = *find_system("brusselator");
  CHECK(value(system, 0, Eigen::Vector2d(2, 1.5), {2, 3}).norm() < 1e-15);
  // (1.5, 3), a = 1, b = 3: x^2 y = 6.75.
  const Vector<double> dy = value(system, 0, Eigen::Vector2d(1.5, 3), {});
  CHECK(dy[0] == doctest::Approx(1.75).epsilon(1e-15));
  CHECK(dy[1] == doctest::Approx(-2.25).epsilon(1e-15));
}
