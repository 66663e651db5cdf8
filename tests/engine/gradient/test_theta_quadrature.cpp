// theta_bar of the continuous adjoints where nothing but time drives it: the steps that suffice for
// the state and for lambda are too long for it.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <type_traits>

#include "engine/core/math.h"
#include "engine/gradient/differentiate.h"
#include "engine/gradient/gauss_legendre.h"
#include "engine/ode/formula_field.h"
#include "tests/support/methods.h"
#include "tests/support/strategies.h"

using namespace neural_ode;
using namespace neural_ode::testing;

namespace {

SolverOptions adaptive(const char* method, double tolerance) {
  return adaptive_options(*find_method(method), tolerance, tolerance);
}

double last_sum(const std::vector<Matrix<double>>& states, std::vector<Matrix<double>>& bars) {
  bars.back().setOnes();
  return states.back().sum();
}

// x' = v, v' = gamma cos(omega t): a force on what nothing holds.
auto forced_mass(double gamma, double omega) {
  return formula_field<double, 2, 2>(
      [](auto t, const auto* y, const auto* p, auto* dy) {
        dy[0] = y[1];
        dy[1] = p[0] * math::cos(p[1] * t) + 0 * y[0];
      },
      column({gamma, omega}));
}

// d/dgamma and d/domega of x(T) + v(T) from rest at 0, by hand: v = gamma sin(w T) / w,
// x = gamma (1 - cos(w T)) / w^2.
Vector<double> forced_mass_gradient(double gamma, double w, double T) {
  const double s = std::sin(w * T), c = std::cos(w * T);
  Vector<double> bar(2);
  bar << (1 - c) / (w * w) + s / w,
      gamma * (T * s / (w * w) - 2 * (1 - c) / (w * w * w) + T * c / w - s / (w * w));
  return bar;
}

}  // namespace

TEST_CASE("quadrature: Gauss' rules of n nodes are exact up to degree 2 n - 1, and not beyond") {
  for (int n = 1; n <= most_gauss_nodes; ++n) {
    CAPTURE(n);
    for (int degree = 0; degree <= 2 * n; ++degree) {
      CAPTURE(degree);
      double sum = 0;
      for (const QuadratureNode& node : gauss_legendre(n))
        sum += node.weight * std::pow(node.x, degree);
      const double error = std::abs(sum - 1.0 / (degree + 1));
      CHECK((error < 1e-15) == (degree < 2 * n));
    }
  }
}

TEST_CASE("quadrature: the gradient of a force is right though the adjoint is a straight line") {
  for (const double gamma :
       {0.5, 0.0}) {  // of none at all too: the field varies by it all the same
    for (const double omega : {2.3, 11.0}) {
      for (const double T : {8.0, -5.0}) {
        const Vector<double> expected = forced_mass_gradient(gamma, omega, T);
        for (const char* method : {"bosh3", "dopri5", "tsit5", "dopri8", "kvaerno3"}) {
          for (const Strategy& strategy : strategies()) {
            if (!strategy.strategy->continuous) continue;
            CAPTURE(gamma);
            CAPTURE(omega);
            CAPTURE(T);
            CAPTURE(std::string(method));
            CAPTURE(strategy.name);
            auto field = forced_mass(gamma, omega);
            const double tolerance = find_method(method)->order > 3 ? 1e-10 : 1e-8;
            const auto found =
                gradient(field, {0, 0}, {0, T}, last_sum, adaptive(method, tolerance),
                         strategy.strategy->name, strategy.options);
            REQUIRE(found);
            CHECK((found.theta_bar - expected).norm() < 100 * tolerance * (1 + expected.norm()));
          }
        }
      }
    }
  }
}

TEST_CASE("quadrature: float resolves a force as far as its tolerance asks") {
  auto field = formula_field<float, 2, 2>(
      [](auto t, const auto* y, const auto* p, auto* dy) {
        using T = std::remove_cvref_t<decltype(y[0])>;
        dy[0] = y[1];
        dy[1] = static_cast<T>(p[0] * math::cos(p[1] * t) + 0 * y[0]);
      },
      column<float>({0.5, 2.3}));
  const Vector<double> expected = forced_mass_gradient(0.5, 2.3, 8);
  for (const char* strategy : {"interpolated", "backsolve"}) {
    for (const double tolerance : {1e-4, 1e-12}) {  // finer than a float: ends all the same
      const auto found = gradient(
          field, Matrix<float>::Zero(2, 1), {0, 8},
          [](const auto& states, auto& bars) {
            bars.back().setOnes();
            return static_cast<double>(states.back().sum());
          },
          {.method = "dopri5", .rtol = tolerance, .atol = 1e-5, .max_steps = 100000}, strategy);
      if (!found) continue;  // the forward solve may say that float cannot
      CHECK((found.theta_bar.cast<double>() - expected).norm() < 1e-3 * expected.norm());
    }
  }
}

TEST_CASE("quadrature: where the steps suffice, it costs two products a step to know it") {
  // x' = -a x: df/dtheta varies as the state does.
  auto field = formula_field<double, 1, 1>(
      [](auto, const auto* y, const auto* p, auto* dy) { dy[0] = -p[0] * y[0]; }, column({0.7}));
  for (const char* strategy : {"interpolated", "backsolve"}) {
    for (const double tolerance : {1e-3, 1e-6, 1e-9}) {
      const auto found =
          gradient(field, {1}, {0, 4}, last_sum, adaptive("dopri5", tolerance), strategy);
      REQUIRE(found);
      // Six stages a step tried and two to begin; of an accepted one five weights and two nodes.
      const int accepted = static_cast<int>(found.backward.accepted),
                rejected = static_cast<int>(found.backward.rejected);
      CHECK(found.nvjp == 1 + 6 * (accepted + rejected) + 7 * accepted);
    }
  }
}

TEST_CASE("quadrature: steps of a given length are taken as they are") {
  auto field = forced_mass(0.5, 2.3);
  const auto found = gradient(field, {0, 0}, {0, 8}, last_sum,
                              fixed_options(*find_method("rk4"), 0.5), "interpolated");
  REQUIRE(found);
  // Of each of the 16 steps four stages and the four weights.
  CHECK(found.nvjp == 16 * (4 + 4));
}

TEST_CASE("continuous: a sample's gradient does not depend on how often it is repeated") {
  auto field = forced_mass(0.5, 2.3);
  for (const char* strategy : {"interpolated", "backsolve"}) {
    for (const bool seminorm : {true, false}) {
      const auto mean_of = [&](Index batch) {
        return gradient(field, column({0.4, -1}).replicate(1, batch), {0, 3},
                        [batch](const auto& states, auto& bars) {
                          bars.back() = states.back() / static_cast<double>(batch);
                          return 0.5 * states.back().squaredNorm() / static_cast<double>(batch);
                        },
                        adaptive("tsit5", 1e-3), strategy, {.seminorm = seminorm});
      };
      const auto once = mean_of(1);
      REQUIRE(once);
      for (const Index batch : {3, 64, 1024}) {
        CAPTURE(batch);
        const auto repeated = mean_of(batch);
        REQUIRE(repeated);
        CHECK((repeated.theta_bar - once.theta_bar).norm() < 1e-11 * once.theta_bar.norm());
        CHECK((static_cast<double>(batch) * repeated.y0_bar.col(0) - once.y0_bar).norm() <
              1e-11 * once.y0_bar.norm());
        CHECK(repeated.nvjp == once.nvjp);
      }
    }
  }
}
