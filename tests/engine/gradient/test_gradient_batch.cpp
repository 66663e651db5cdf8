// What a sample's gradient does not depend on, for every strategy: who shares its batch, and which
// column it is in.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/core/rng.h"
#include "engine/fields/flow_field.h"
#include "engine/fields/mlp_field.h"
#include "tests/support/finite_difference.h"
#include "tests/support/methods.h"
#include "tests/support/own_rate_field.h"
#include "tests/support/strategies.h"

using namespace neural_ode;
using namespace neural_ode::testing;

namespace {

constexpr Index batch = 5;
const std::vector<double> frequencies = {1, 3, 0.2, 6, 2};

OwnRateField field_of(const std::vector<double>& chosen) {
  return OwnRateField(chosen, column({0.3, 0.2}));
}

// Random states, output times of widely different ends, random cotangents.
struct Batch {
  Matrix<double> y0, times{3, batch};
  std::vector<Matrix<double>> bars;

  explicit Batch(Index dim) : y0(dim, batch) {
    Rng rng(21);
    for (double& y : y0.reshaped()) y = rng.uniform(-1, 1);
    for (Index s = 0; s < batch; ++s) {
      const double end = 0.4 + 0.35 * static_cast<double>(s);
      times.col(s) << rng.uniform(0, 0.1), 0.5 * end, end;
    }
    for (int i = 0; i < 3; ++i) {
      bars.emplace_back(dim, batch);
      for (double& bar : bars.back().reshaped()) bar = rng.normal();
    }
  }
};

bool same(const Matrix<double>& a, const Matrix<double>& b) {
  return a.size() == b.size() && (a.array() == b.array()).all();
}

void run(Gradient<double>& gradient, VectorField<double>& field, const Matrix<double>& y0,
         const Matrix<double>& times, const std::vector<Matrix<double>>& bars,
         const Events<double>& events = {}) {
  REQUIRE(gradient.forward(field, y0, times, events).succeeded());
  REQUIRE(gradient.backward(field, bars).status == SolveStatus::ok);
}

// Ends a sample where u crosses zero: some of them, at times of their own.
class EndAtAxis final : public Event<double> {
 public:
  double value(double, const double* y) const override { return y[0]; }
  double vjp(double, const double*, double g_bar, double* y_bar, VectorOut<double>) const override {
    y_bar[0] += g_bar;
    return 0;
  }
};

std::vector<Matrix<double>> column_of(const std::vector<Matrix<double>>& bars, Index sample) {
  std::vector<Matrix<double>> column;
  for (const Matrix<double>& bar : bars) column.push_back(bar.col(sample));
  return column;
}

}  // namespace

TEST_CASE("batches: a sample's gradient is bit by bit the one it has alone") {
  const Batch all(2);
  const EndAtAxis crossing;
  for (const bool ending : {false, true}) {
    for (const char* name :
         {"dopri5", "rk4", "kvaerno5", "implicit_midpoint", "abm4", "leapfrog"}) {
      const ButcherTableau& method = *find_method(name);
      const SolverOptions options = tight_options(method, 1e-6, 0.05);
      for (const Strategy& strategy : strategies()) {
        if (!validate(*strategy.strategy, method)) continue;
        CAPTURE(std::string(name));
        CAPTURE(strategy.name);
        CAPTURE(ending);
        const Events<double> events = ending ? Events<double>{&crossing} : Events<double>{};
        OwnRateField field = field_of(frequencies);
        const auto together = strategy.make(options), alone = strategy.make(options);
        run(*together, field, all.y0, all.times, all.bars, events);
        if (ending) {
          const auto ended = (together->times().row(2).array() < all.times.row(2).array()).count();
          CHECK(ended > 0);
          CHECK(ended < batch);
        }
        CHECK(field.mismatches == 0);
        CHECK(field.fewest_columns < batch);

        Matrix<double> theta_bar = Matrix<double>::Zero(2, 1);
        Count most_products = 0;
        for (Index s = 0; s < batch; ++s) {
          CAPTURE(s);
          OwnRateField own = field_of({frequencies[static_cast<std::size_t>(s)]});
          run(*alone, own, all.y0.col(s), all.times.col(s), column_of(all.bars, s), events);
          CHECK(same(alone->y0_bar(), together->y0_bar().col(s)));
          CHECK(same(alone->times_bar(), together->times_bar().col(s)));
          theta_bar += alone->theta_bar();
          most_products = std::max(most_products, alone->nvjp());
        }
        CHECK((theta_bar - together->theta_bar()).norm() < 1e-13 * theta_bar.norm());
        // Checkpoints are of batched steps, and slopes that some columns need for outputs within
        // their steps are those of all.
        if (strategy.strategy->continuous) CHECK(together->nvjp() == most_products);
      }
    }
  }
}

TEST_CASE("batches: every strategy has a flow's gradient, each sample along its own probes") {
  FlowField<double> field(mlp_layers(3, 6, 2, 2, Activation::tanh), true, Trace::rademacher, 2);
  Rng rng(8);
  Vector<double> theta(field.parameter_count());
  field.network().initialize(rng, false, theta);
  for (double& each : theta) each += 0.3 * rng.normal();
  field.bind(theta.data());
  field.draw_probes(batch, rng);
  Batch all(3);

  // Along random directions in the states and in the parameters.
  constexpr int directions = 3;
  std::vector<Matrix<double>> y0_directions;
  std::vector<Vector<double>> theta_directions;
  std::vector<double> y0_slopes, theta_slopes;
  SolverOptions reference = adaptive_options(*find_method("dopri8"), 1e-13, 1e-13);
  double shift = 0;
  for (int i = 0; i < directions; ++i) {
    y0_directions.emplace_back(3, batch);
    theta_directions.emplace_back(theta.size());
    for (double& each : y0_directions.back().reshaped()) each = rng.normal();
    for (double& each : theta_directions.back()) each = rng.normal();
    const auto loss = [&](const Matrix<double>& y0) {
      Solver<double> solver(reference);
      REQUIRE(solver.solve(field, y0, all.times).status == SolveStatus::ok);
      double sum = 0;
      for (std::size_t row = 0; row < all.bars.size(); ++row)
        sum += (all.bars[row].array() * solver.states()[row].array()).sum();
      return sum;
    };
    y0_slopes.push_back(central_difference(
        [&] { return loss(all.y0 + shift * y0_directions.back()); }, shift, 1e-3));
    theta_slopes.push_back(central_difference(
        [&] {
          const Vector<double> moved = theta + shift * theta_directions.back();
          field.bind(moved.data());
          const double value = loss(all.y0);
          field.bind(theta.data());
          return value;
        },
        shift, 1e-3));
  }

  for (const char* method : {"dopri5", "kvaerno5"}) {
    for (const Strategy& strategy : strategies()) {
      CAPTURE(std::string(method));
      CAPTURE(strategy.name);
      const auto gradient = strategy.make(adaptive_options(*find_method(method), 1e-10, 1e-10));
      run(*gradient, field, all.y0, all.times, all.bars);
      const double bound = find_method(method)->dense_order > 0 ? 1e-8 : 1e-6;
      for (int i = 0; i < directions; ++i) {
        const auto k = static_cast<std::size_t>(i);
        const double y0_slope = (gradient->y0_bar().array() * y0_directions[k].array()).sum();
        const double theta_slope = gradient->theta_bar().dot(theta_directions[k]);
        CHECK(std::abs(y0_slope - y0_slopes[k]) < bound * gradient->y0_bar().norm());
        CHECK(std::abs(theta_slope - theta_slopes[k]) < bound * gradient->theta_bar().norm());
      }
    }
  }
}

TEST_CASE("gradient: the way back is refused where the field is bound to other parameters") {
  MlpField<double> field(mlp_layers(2, 3, 1, 2, Activation::tanh), false);
  Rng rng(5);
  Vector<double> theta(field.parameter_count());
  field.mlp().initialize(rng, false, theta);
  const Vector<double> other = theta;
  const Matrix<double> times{{0}, {1}};
  SolverOptions options;
  options.method = find_method("dopri5");
  for (const GradientStrategy& strategy : gradient_strategies()) {
    for (const Index samples : {Index{3}, Index{300}}) {  // whole, and in tiles
      CAPTURE(std::string(strategy.name));
      CAPTURE(samples);
      const Matrix<double> y0 = Matrix<double>::Ones(2, samples);
      const auto gradient = strategy.make<double>(options);
      field.bind(theta.data());
      REQUIRE(gradient->forward(field, y0, times).succeeded());
      field.bind(other.data());
      const SolveReport refused = gradient->backward(field, {y0, y0});
      CHECK(refused.status == SolveStatus::invalid);
      CHECK(refused.message() ==
            "backward: expected the field bound to the parameters of the forward solve");
      field.bind(theta.data());
      CHECK(gradient->backward(field, {y0, y0}).succeeded());
    }
  }
}
