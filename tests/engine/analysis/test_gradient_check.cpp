// Gradients held against differences of the loss.
#include <doctest/doctest.h>

#include <cmath>

#include "engine/analysis/gradient_check.h"
#include "engine/ode/formula_field.h"
#include "tests/support/methods.h"

using namespace neural_ode;
using testing::column;

namespace {

auto growth(double rate) {
  return formula_field<double, 1, 1>(
      [](auto, const auto* y, const auto* theta, auto* dy) { dy[0] = theta[0] * y[0]; },
      column({rate}));
}

// L = y(t_1) + 2 y(t_2) for y' = theta y from 2 at 0.
struct Growth {
  decltype(growth(0)) field = growth(0.5);
  int rebuilt = 0;

  LossOfSolve problem(const SolverOptions& solver) {
    return {.field = [this](VectorIn<double> theta) -> VectorField<double>& {
              ++rebuilt;
              field.theta = theta;
              return field;
            },
            .theta = field.theta,
            .y0 = column({2}),
            .times = column({0, 1, 1.5}),
            .solver = solver,
            .loss =
                [](const auto& states, auto& states_bar) {
                  states_bar[1].setConstant(1);
                  states_bar[2].setConstant(2);
                  return states[1](0) + 2 * states[2](0);
                }};
  }
};

}  // namespace

TEST_CASE("differences: of adaptive steps they are the derivatives of the exact solution") {
  Growth growth;
  const LossDifferences d = difference_loss(growth.problem({.method = "bosh3", .rtol = 0.1}));
  REQUIRE(d.report.succeeded());
  CHECK(d.method == "dopri8");
  const double a = 2 * std::exp(0.5), b = 2 * std::exp(0.75);
  REQUIRE(d.theta.values.size() == 1);
  CHECK(d.theta.values[0] == doctest::Approx(a + 2 * 1.5 * b).epsilon(1e-8));
  CHECK(d.y0.values[0] == doctest::Approx((a + 2 * b) / 2).epsilon(1e-8));
  REQUIRE(d.times.values.size() == 3);
  CHECK(d.times.values[0] == doctest::Approx(-0.5 * (a + 2 * b)).epsilon(1e-8));
  CHECK(d.times.values[1] == doctest::Approx(0.5 * a).epsilon(1e-8));
  CHECK(d.times.values[2] == doctest::Approx(b).epsilon(1e-8));
  CHECK(growth.field.theta[0] == 0.5);  // as it was
}

TEST_CASE("differences: of fixed steps they are those of the map, the number of steps kept") {
  // Euler: two steps of 1/2, then one of 1/2; y(1) = 2 (1 + theta/2)^2, y(1.5) = y(1) (1 +
  // theta/2).
  Growth growth;
  const LossDifferences d = difference_loss(growth.problem({.method = "euler", .step_size = 0.5}));
  REQUIRE(d.report.succeeded());
  CHECK(d.method == "euler");
  const double g = 1.25, y1 = 2 * g * g;
  CHECK(d.theta.values[0] == doctest::Approx(2 * g + 2 * 3 * g * g).epsilon(1e-9));
  // y(1) = 2 (1 + theta t_1 / 2)^2: a step more, where t_1 passes 1, is not taken.
  CHECK(d.times.values[1] ==
        doctest::Approx(2 * g * 0.5 * (1 + 2 * g) - 2 * y1 * 0.5).epsilon(1e-9));
  CHECK(d.times.values[2] == doctest::Approx(2 * y1 * 0.5).epsilon(1e-9));
}

TEST_CASE("differences: a right gradient has no error, and a wrong one that by which it is wrong") {
  Growth growth;
  const LossOfSolve problem = growth.problem({.method = "dopri5", .rtol = 1e-10, .atol = 1e-10});
  const LossDifferences d = difference_loss(problem);
  Gradients found = gradient(growth.field, problem.y0, problem.times, problem.loss, problem.solver);
  REQUIRE(found);
  CHECK(*compare(found, d).theta < 1e-7);
  CHECK(*compare(found, d).y0 < 1e-7);
  CHECK(*compare(found, d).times < 1e-7);
  found.theta_bar[0] *= 1.01;
  CHECK(*compare(found, d).theta == doctest::Approx(0.01).epsilon(1e-4));
}

TEST_CASE("differences: at most so many entries, spread evenly, and only those asked for") {
  Growth growth;
  LossOfSolve problem = growth.problem({});
  problem.y0 = Matrix<double>::Ones(1, 7);
  problem.loss = [](const auto& states, auto&) { return states[2].sum(); };
  const LossDifferences d =
      difference_loss(problem, {.theta = false, .times = false, .entries = 4});
  CHECK(d.y0.total == 7);
  CHECK(d.y0.entries == std::vector<Index>{0, 2, 4, 6});
  CHECK(d.theta.entries.empty());
  CHECK_FALSE(compare({}, d).theta);
  CHECK(growth.rebuilt == 1);  // theta stays
}

TEST_CASE("differences: what cannot be solved says why") {
  Growth growth;
  LossOfSolve problem = growth.problem({.method = "dopri55"});
  CHECK(difference_loss(problem).report.message().rfind("unknown method 'dopri55'", 0) == 0);
  problem = growth.problem({});
  problem.times = Matrix<double>{{0, 0}, {1, 2}};
  CHECK(difference_loss(problem).report.status == SolveStatus::invalid);
}
