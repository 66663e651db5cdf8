// The front door of gradients: gradient(field, y0, times, loss, options).
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/gradient/differentiate.h"
#include "engine/ode/formula_field.h"
#include "tests/support/methods.h"

using namespace neural_ode;
using testing::column;

namespace {

// y' = theta y: y(t) = y0 exp(theta t).
auto growth(double rate) {
  return formula_field<double, 1, 1>(
      [](auto, const auto* y, const auto* theta, auto* dy) { dy[0] = theta[0] * y[0]; },
      column({rate}));
}

// L = 3 y(t_last), its other states left as they come.
double thrice_the_last(const std::vector<Matrix<double>>& states,
                       std::vector<Matrix<double>>& states_bar) {
  states_bar.back().setConstant(3);
  return 3 * states.back().sum();
}

const SolverOptions tight = {.method = "dopri8", .rtol = 1e-11, .atol = 1e-11};

}  // namespace

TEST_CASE("gradient: of growth, by every strategy, as the formula has it") {
  for (const GradientStrategy& strategy : gradient_strategies()) {
    CAPTURE(std::string(strategy.name));
    auto field = growth(0.5);
    const Gradients g = gradient(field, {2}, {0, 1, 1.5}, thrice_the_last, tight, strategy.name);
    REQUIRE(g);
    const double e = std::exp(0.75);
    CHECK(g.loss == doctest::Approx(6 * e).epsilon(1e-9));
    CHECK(g.solution.states[2](0) == doctest::Approx(2 * e).epsilon(1e-9));
    CHECK(g.y0_bar(0) == doctest::Approx(3 * e).epsilon(1e-8));
    CHECK(g.theta_bar[0] == doctest::Approx(6 * 1.5 * e).epsilon(1e-8));
    REQUIRE(g.times_bar.rows() == 3);
    CHECK(g.times_bar(0) == doctest::Approx(-3 * e).epsilon(1e-8));
    CHECK(g.times_bar(1) == 0);
    CHECK(g.times_bar(2) == doctest::Approx(3 * e).epsilon(1e-8));
    CHECK(g.nvjp > 0);
  }
}

TEST_CASE("gradient: the same bits as the strategy itself, options and all") {
  auto field = growth(-1);
  const Matrix<double> y0{{1, 2, 3}}, times = column({0, 0.7, 2});
  const SolverOptions options = {.method = "rk4", .step_size = 0.3};
  const GradientOptions kept = {.times = false, .checkpoints = 2};
  const auto pass = find_gradient("discrete")->make<double>(options, kept);
  REQUIRE(pass->forward(field, y0, times).succeeded());
  std::vector<Matrix<double>> bar(3, Matrix<double>::Zero(1, 3));
  thrice_the_last(pass->states(), bar);
  REQUIRE(pass->backward(field, bar).succeeded());

  const Gradients g = gradient(field, y0, times, thrice_the_last, options, "discrete", kept);
  REQUIRE(g);
  CHECK(g.y0_bar == pass->y0_bar());
  CHECK(g.theta_bar == pass->theta_bar());
  CHECK(g.times_bar.size() == 0);
  CHECK(g.state_bytes == pass->state_bytes());
  CHECK(g.nfe_backward == pass->nfe_backward());
}

TEST_CASE("gradient: a strategy or a method that is not there is named, with what was meant") {
  auto field = growth(1);
  const Gradients strategy = gradient(field, {1}, {0, 1}, thrice_the_last, {}, "discreet");
  CHECK_FALSE(strategy);
  CHECK(strategy.report().status == SolveStatus::invalid);
  CHECK(strategy.report().message() ==
        "unknown gradient 'discreet'; there are: discrete, interpolated, backsolve; did you mean "
        "'discrete'?");
  const Gradients method =
      gradient(field, {1}, {0, 1}, thrice_the_last, {.method = "leapfrogg"}, "backsolve");
  CHECK(method.report().message().find("did you mean 'leapfrog'?") != std::string::npos);
  const Gradients pair =
      gradient(field, {1}, {0, 1}, thrice_the_last, {.method = "abm4"}, "backsolve");
  CHECK(pair.report().message().find("expected a one-step method") != std::string::npos);
}

TEST_CASE("gradient: a solve that fails leaves its report, and the loss is not asked") {
  auto field = growth(1);
  bool asked = false;
  const Gradients g = gradient(field, {1}, {0, 1e3},
                               [&](const auto&, auto&) {
                                 asked = true;
                                 return 0.0;
                               },
                               {.max_steps = 3});
  CHECK_FALSE(g);
  CHECK_FALSE(asked);
  CHECK(g.report().status == SolveStatus::max_steps);
  CHECK(g.y0_bar.size() == 0);
}
