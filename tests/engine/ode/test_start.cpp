// How a solve begins, and how it goes on where t is large.
#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "engine/ode/formula_field.h"
#include "engine/ode/solve.h"
#include "tests/support/methods.h"

using namespace neural_ode;
using namespace neural_ode::testing;

namespace {

// y' = a y + b.
auto affine(double a, double b) {
  return formula_field<double, 1, 2>(
      [](auto, const auto* y, const auto* p, auto* dy) { dy[0] = p[0] * y[0] + p[1]; },
      column({a, b}));
}

auto oscillator() {
  return formula_field<double, 2, 1>(
      [](auto, const auto* y, const auto*, auto* dy) {
        dy[0] = y[1];
        dy[1] = -y[0];
      },
      column({1}));
}

}  // namespace

TEST_CASE("large t: every adaptive method keeps its digits, both ways") {
  auto decay = affine(-1, 0), growth = affine(1, 0);
  const double exact = std::exp(-10);
  for (const ButcherTableau* method : methods()) {
    if (!method->adaptive() || method->order < 3) continue;
    const double rtol = method->order > 3 ? 1e-10 : 1e-8;
    for (const double t0 : {1e5, 3e8, 1.7e9}) {
      for (const double span : {10.0, -10.0}) {
        CAPTURE(std::string(method->name));
        CAPTURE(t0);
        CAPTURE(span);
        const SolverOptions options = adaptive_options(*method, rtol, 1e-3 * rtol);
        const Solution found = span > 0 ? solve(decay, {1}, {t0, t0 + span}, options)
                                        : solve(growth, {1}, {t0, t0 + span}, options);
        REQUIRE(found);
        CHECK(std::abs(found.states.back()(0, 0) / exact - 1) < (rtol < 1e-9 ? 1e-7 : 1e-5));
      }
    }
  }
}

TEST_CASE("large t: outputs between the steps are in their place") {
  auto decay = affine(-1, 0);
  const double t0 = 1.7e9;
  const Solution found = solve(decay, {1}, {t0, t0 + 0.25, t0 + 1.5, t0 + 4},
                               {.method = "dopri5", .rtol = 1e-9, .atol = 1e-12});
  REQUIRE(found);
  CHECK(found.states[1](0, 0) == doctest::Approx(std::exp(-0.25)).epsilon(1e-8));
  CHECK(found.states[2](0, 0) == doctest::Approx(std::exp(-1.5)).epsilon(1e-8));
}

TEST_CASE("first step: it moves t, however large t is and however slow the field") {
  for (const ButcherTableau* method : methods()) {
    if (!method->adaptive()) continue;
    // Milliseconds and nanoseconds since 1970.
    for (const double t0 : {1.6e12, 1.6e18}) {
      CAPTURE(std::string(method->name));
      const double unit = t0 / 1.6e12, span = 5000 * unit;
      auto field = affine(-0.002 / unit, 0.002 / unit);
      for (const double direction : {1.0, -1.0}) {
        const Solution found =
            solve(field, {0}, {t0, t0 + direction * span}, adaptive_options(*method, 1e-5, 1e-7));
        REQUIRE(found);
        const double exact = 1 - std::exp(-direction * 10);
        CHECK(found.states.back()(0, 0) == doctest::Approx(exact).epsilon(3e-2));
      }
    }
  }
}

TEST_CASE("first step: without an absolute tolerance what starts at zero does not stop it") {
  auto field = oscillator();
  for (const ButcherTableau* method : methods()) {
    if (!method->adaptive() || method->order < 3) continue;
    for (const NormKind kind : {NormKind::rms, NormKind::max}) {
      CAPTURE(std::string(method->name));
      SolverOptions options = adaptive_options(*method, 1e-6, 0);
      options.norm.kind = kind;
      const Solution found = solve(field, {0, 1}, {0, 2}, options);
      REQUIRE(found);
      CHECK(found.states.back()(0, 0) == doctest::Approx(std::sin(2)).epsilon(1e-4));
      CHECK(found.states.back()(1, 0) == doctest::Approx(std::cos(2)).epsilon(1e-4));
    }
  }
  // All of it, and a start below the normal numbers.
  auto rise = affine(-1, 1), decay = affine(-1, 0);
  const SolverOptions options = adaptive_options(*find_method("dopri5"), 1e-6, 0);
  const Solution from_zero = solve(rise, {0}, {0, 1}, options);
  REQUIRE(from_zero);
  CHECK(from_zero.states.back()(0, 0) == doctest::Approx(1 - std::exp(-1)).epsilon(1e-5));
  for (const double tiny : {5e-324, 1e-310}) {
    const Solution found = solve(decay, {tiny}, {0, 1}, options);
    REQUIRE(found);
    CHECK(std::abs(found.states.back()(0, 0)) <= tiny);
    CHECK(found.report.nfe() < 1000);
  }
}

TEST_CASE("first step: one that is given is no shorter than what moves t") {
  auto field = affine(-1, 0);
  SolverOptions options = adaptive_options(*find_method("dopri5"), 1e-6, 1e-9);
  options.first_step = 1e-9;
  const Solution found = solve(field, {1}, {1e9, 1e9 + 1}, options);
  REQUIRE(found);
  CHECK(found.states.back()(0, 0) == doctest::Approx(std::exp(-1)).epsilon(1e-5));
}

TEST_CASE("first step: a steep slope is met") {
  auto field = affine(0, 3e50);
  const Solution found =
      solve(field, {0}, {1, 2}, adaptive_options(*find_method("dopri5"), 1e-6, 1e-8));
  REQUIRE(found);
  CHECK(found.states.back()(0, 0) == doctest::Approx(3e50));
}
