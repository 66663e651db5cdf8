#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/bouncing_ball.h"
#include "engine/gradient/hybrid.h"
#include "engine/models/bouncing_ball.h"
#include "playground/catalogue/catalogue.h"
#include "tests/support/finite_difference.h"
#include "tests/support/shapes.h"

using namespace neural_ode;
using testing::central_difference;
using testing::shape_of;

namespace {

SolverOptions tight() {
  SolverOptions options;
  options.method = find_method("dopri8");
  options.rtol = options.atol = 1e-12;
  return options;
}

// Parameters, field and surface of one ball, bound to a theta.
struct Ball {
  explicit Ball(int hidden, const BallGuess& guess = {9, 0.7, 0.1})
      : parameters(hidden, Activation::tanh), field(parameters), surface(parameters) {
    Rng rng(3);
    theta = parameters.initial(guess, rng);
    parameters.bind(theta.data());
  }
  BallParameters<double> parameters;
  BallField<double> field;
  BallSurface<double> surface;
  Vector<double> theta;
};

double metric(Experiment& experiment, const char* name) {
  return experiment.frame().find_metric(name)->value;
}

Settings settings_with(const Experiment& experiment,
                       const std::vector<std::pair<std::string, std::string>>& values) {
  Settings settings(experiment.info().parameters);
  for (const auto& [name, value] : values) REQUIRE_FALSE(settings.set(name, value));
  return settings;
}

}  // namespace

TEST_CASE("bouncing ball: the exact motion is that of a solve with events, and it comes to rest") {
  const BouncingBall exact{7, 0.75};
  Ball ball(0, {7, 0.75, 0});
  const Matrix<double> y0{{1.4}, {1.1}}, times{{0}, {0.3}, {0.9}, {1.3}, {2}, {2.6}};
  HybridSolve<double> solve(tight(), *find_gradient("discrete"));
  REQUIRE(solve.forward(ball.field, y0, times, {&ball.surface}).succeeded());
  CHECK(solve.occurrences().size() == 3);
  CHECK(solve.occurrences()[0].t == doctest::Approx(exact.first_bounce(1.4, 1.1)).epsilon(1e-10));
  for (Index i = 0; i < times.rows(); ++i) {
    const Vector<double> expected = exact.state(1.4, 1.1, times(i, 0));
    CHECK((solve.states()[static_cast<std::size_t>(i)].col(0) - expected).norm() < 1e-9);
  }
  const double rest = exact.rest_time(1.4, 1.1);
  CHECK(exact.state(1.4, 1.1, rest + 1).norm() == 0);
  CHECK(exact.state(1.4, 1.1, rest - 1e-3).norm() < 0.01);
  // Let fall from h: sqrt(2h/g) (1 + e) / (1 - e).
  CHECK(exact.rest_time(2, 0) == doctest::Approx(std::sqrt(4.0 / 7) * 7).epsilon(1e-12));
}

TEST_CASE("ball model: the gradient of the whole loss is that of differences, networks included") {
  for (const int hidden : {0, 3}) {
    for (const GradientStrategy& strategy : gradient_strategies()) {
      CAPTURE(hidden);
      CAPTURE(std::string(strategy.name));
      Ball ball(hidden);
      Rng rng(7);
      for (double& each : ball.theta) each += 0.05 * rng.normal();
      Matrix<double> y0{{1.2, 0.8}, {0.3, -0.4}}, times(6, 1), heights(6, 2);
      times << 0, 0.2, 0.45, 0.9, 1.1, 1.6;
      for (double& each : heights.reshaped()) each = rng.uniform(0, 1);
      HybridSolve<double> solve(tight(), strategy);
      std::vector<Matrix<double>> states_bar;
      const auto loss = [&] {
        REQUIRE(solve.forward(ball.field, y0, times, {&ball.surface}).succeeded());
        return height_loss(solve.states(), heights, states_bar);
      };
      loss();
      REQUIRE(solve.occurrences().size() >= 4);
      REQUIRE(solve.backward(ball.field, states_bar).succeeded());
      const Vector<double> theta_bar = solve.theta_bar();
      const Matrix<double> y0_bar = solve.y0_bar();
      for (Index i = 0; i < theta_bar.size(); ++i) {
        CAPTURE(i);
        CHECK(std::abs(theta_bar[i] - central_difference(loss, ball.theta[i], 1e-4)) <
              1e-6 * theta_bar.norm());
      }
      for (Index i = 0; i < y0.size(); ++i) {
        CHECK(std::abs(y0_bar.data()[i] - central_difference(loss, y0.data()[i], 1e-4)) <
              1e-6 * y0_bar.norm());
      }
    }
  }
}

TEST_CASE("events: gravity and restitution are found within a percent from noisy heights") {
  for (const char* data : {"dropped", "thrown"}) {
    for (const std::uint64_t seed : {1U, 2U}) {
      CAPTURE(std::string(data));
      CAPTURE(seed);
      const auto experiment = all_experiments().make("events");
      REQUIRE(experiment->reset(settings_with(*experiment, {{"data", data}}), seed));
      CHECK(metric(*experiment, "gravity_error") > 0.2);
      for (int i = 0; i < 3000; ++i) REQUIRE(experiment->step().ok);
      CHECK(metric(*experiment, "gravity_error") < 0.01);
      CHECK(metric(*experiment, "restitution_error") < 0.01);
      CHECK(std::abs(metric(*experiment, "floor")) < 0.02);
    }
  }
}

TEST_CASE("events: the curves of what was found are saved with the run") {
  const auto a = all_experiments().make("events"), b = all_experiments().make("events");
  const Settings settings(a->info().parameters);
  REQUIRE(a->reset(settings, 1));
  REQUIRE(b->reset(settings, 1));
  for (int i = 0; i < 60; ++i) a->step();
  REQUIRE(b->load(a->save()));
  const Frame before = a->frame(), after = b->frame();
  REQUIRE(before.plots[1].id == "recovery");
  for (std::size_t i = 0; i < before.plots[1].layers.size(); ++i) {
    CHECK(shape_of<Curve>(before.plots[1].layers[i]).y ==
          shape_of<Curve>(after.plots[1].layers[i]).y);
  }
  CHECK(shape_of<Curve>(before.plots[1].layers[1]).count() ==
        7);  // at the start and every ten steps
}
