// A batch cut into tiles has the gradient of the whole batch, on any number of threads.
#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/rng.h"
#include "engine/fields/flow_field.h"
#include "engine/fields/mlp_field.h"
#include "tests/support/allocations.h"
#include "tests/support/methods.h"
#include "tests/support/own_rate_field.h"
#include "tests/support/strategies.h"
#include "tests/support/threads.h"

using namespace neural_ode;
using namespace neural_ode::testing;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

template <class Scalar>
Matrix<Scalar> normal_matrix(Index rows, Index columns, Rng& rng) {
  Matrix<Scalar> matrix(rows, columns);
  for (Scalar& entry : matrix.reshaped()) entry = static_cast<Scalar>(rng.normal());
  return matrix;
}

template <class A, class B>
bool same(const A& a, const B& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() && (a.array() == b.array()).all();
}

// Three output times, shared or each sample's own, random states and cotangents.
template <class Scalar>
struct Case {
  Matrix<Scalar> y0;
  Matrix<double> times;
  std::vector<Matrix<Scalar>> bars;

  Case(Index dim, Index batch, bool shared_times) : times(3, shared_times ? 1 : batch) {
    Rng rng(5);
    y0 = normal_matrix<Scalar>(dim, batch, rng);
    for (Index s = 0; s < times.cols(); ++s) {
      const double end = rng.uniform(0.5, 1.5);
      times.col(s) << 0.1, 0.4 * end, end;
    }
    for (int i = 0; i < 3; ++i) bars.push_back(normal_matrix<Scalar>(dim, batch, rng));
  }
};

// Everything a Gradient tells.
template <class Scalar>
struct Answer {
  SolveReport forward, backward;
  std::vector<Matrix<Scalar>> states;
  Matrix<double> times, times_bar;
  Matrix<Scalar> y0_bar;
  Vector<Scalar> theta_bar;
  Count nfe_backward = 0, nvjp = 0;

  Answer(Gradient<Scalar>& gradient, VectorField<Scalar>& field, const Case<Scalar>& problem,
         const Events<Scalar>& events = {}) {
    forward = gradient.forward(field, problem.y0, problem.times, events);
    states = gradient.states();
    times = gradient.times();
    backward = gradient.backward(field, problem.bars);
    if (!backward.succeeded()) return;
    times_bar = gradient.times_bar();
    y0_bar = gradient.y0_bar();
    theta_bar = gradient.theta_bar();
    nfe_backward = gradient.nfe_backward();
    nvjp = gradient.nvjp();
  }
};

template <class Scalar>
Answer<Scalar> answer_of(Strategy strategy, int tile, const SolverOptions& options,
                         VectorField<Scalar>& field, const Case<Scalar>& problem,
                         const Events<Scalar>& events = {}) {
  strategy.options.tile = tile;
  const auto gradient = strategy.make<Scalar>(options);
  return Answer<Scalar>(*gradient, field, problem, events);
}

// What does not depend on the tiles.
template <class Scalar>
void check_equal(const Answer<Scalar>& a, const Answer<Scalar>& b) {
  REQUIRE(a.forward.status == SolveStatus::ok);
  REQUIRE(a.backward.status == SolveStatus::ok);
  CHECK(a.forward.nfe_per_sample == b.forward.nfe_per_sample);
  CHECK(a.forward.jacobians_per_sample == b.forward.jacobians_per_sample);
  CHECK(a.forward.accepted == b.forward.accepted);
  CHECK(a.forward.rejected == b.forward.rejected);
  REQUIRE(a.states.size() == b.states.size());
  for (std::size_t i = 0; i < a.states.size(); ++i) CHECK(same(a.states[i], b.states[i]));
  CHECK(same(a.times, b.times));
  CHECK(same(a.y0_bar, b.y0_bar));
}

template <class Scalar>
struct Network {
  MlpField<Scalar> field;
  Vector<Scalar> theta;

  explicit Network(Index dim, int hidden = 7, std::uint64_t seed = 3)
      : field(mlp_layers(static_cast<int>(dim) + 1, hidden, 2, static_cast<int>(dim),
                         Activation::tanh),
              true),
        theta(field.parameter_count()) {
    Rng rng(seed);
    field.mlp().initialize(rng, false, theta);
    field.bind(theta.data());
  }
};

// y' = theta r y with a rate r for each sample. What all clones saw is counted together.
class RateField final : public VectorField<double> {
 public:
  struct Seen {
    std::atomic<Index> widest{0};  // columns of a product
    std::atomic<int> clones{0};
  };

  RateField(std::vector<double> of_samples, double parameter, Seen& seen)
      : rates(std::move(of_samples)), theta(parameter), seen_(seen) {}

  std::vector<double> rates;
  double theta;

  Index dim() const override { return 1; }
  Index parameter_count() const override { return 1; }
  void select(std::span<const int> samples) override {
    selected_.assign(samples.begin(), samples.end());
  }
  void eval(TimesIn, MatrixIn<double> y, MatrixOut<double> dy) override {
    for (Index p = 0; p < y.cols(); ++p) dy(0, p) = theta * rate(p) * y(0, p);
  }
  void vjp(TimesIn, MatrixIn<double> y, MatrixIn<double> a, MatrixOut<double> y_bar,
           VectorOut<double> theta_bar, TimesOut) override {
    if (y.cols() > seen_.widest) seen_.widest = y.cols();
    for (Index p = 0; p < y.cols(); ++p) {
      y_bar(0, p) += theta * rate(p) * a(0, p);
      if (theta_bar.size() > 0) theta_bar[0] += rate(p) * y(0, p) * a(0, p);
    }
  }
  std::unique_ptr<VectorField<double>> clone() const override {
    ++seen_.clones;
    return std::make_unique<RateField>(rates, theta, seen_);
  }
  bool follow(const VectorField<double>& original) override {
    const auto* field = dynamic_cast<const RateField*>(&original);
    if (field == nullptr) return false;
    rates = field->rates;
    theta = field->theta;
    return true;
  }

 private:
  double rate(Index p) const {
    return rates[static_cast<std::size_t>(selected_[static_cast<std::size_t>(p)])];
  }

  Seen& seen_;
  std::vector<int> selected_;
};

std::vector<double> increasing_rates(Index batch) {
  std::vector<double> rates;
  for (Index s = 0; s < batch; ++s) rates.push_back(0.1 + 0.05 * static_cast<double>(s));
  return rates;
}

class NeverHappens final : public Event<double> {
 public:
  double value(double, const double*) const override { return 1; }
  double vjp(double, const double*, double, double*, VectorOut<double>) const override { return 0; }
};

}  // namespace

TEST_CASE("tiles: states, y0_bar and steps are those of the whole batch, sums to rounding") {
  constexpr Index batch = 29;
  Network<double> network(2);
  for (const bool shared_times : {true, false}) {
    const Case<double> problem(2, batch, shared_times);
    for (const char* name :
         {"dopri5", "rk4", "kvaerno5", "implicit_midpoint", "abm4", "leapfrog"}) {
      const ButcherTableau& method = *find_method(name);
      const SolverOptions options = tight_options(method, 1e-6, 0.07);
      for (const Strategy& strategy : strategies()) {
        if (!validate(*strategy.strategy, method)) continue;
        CAPTURE(std::string(name));
        CAPTURE(strategy.name);
        CAPTURE(shared_times);
        const auto whole = answer_of(strategy, 0, options, network.field, problem);
        const auto tiled = answer_of(strategy, 8, options, network.field, problem);
        check_equal(tiled, whole);
        CHECK((tiled.theta_bar - whole.theta_bar).norm() < 1e-13 * whole.theta_bar.norm());
        CHECK((tiled.times_bar - whole.times_bar).norm() < 1e-13 * whole.times_bar.norm());
        if (!shared_times) CHECK(same(tiled.times_bar, whole.times_bar));
        // Each sample's own cost, but for what a batched step does for all of its samples.
        if (strategy.strategy->continuous) {
          CHECK(tiled.nvjp == whole.nvjp);
          CHECK(tiled.backward.nfe_per_sample == whole.backward.nfe_per_sample);
          CHECK(tiled.nfe_backward == whole.nfe_backward);
        }
      }
    }
  }
}

TEST_CASE("tiles: every bit is the same for any number of threads") {
  const Case<float> problem(3, 70, true);
  Network<float> network(3, 16);
  for (const char* name : {"dopri5", "rk4"}) {
    const SolverOptions options = tight_options(*find_method(name), 1e-5, 0.1);
    for (const Strategy& strategy : strategies()) {
      CAPTURE(std::string(name));
      CAPTURE(strategy.name);
      const auto one = answer_of(strategy, 16, options, network.field, problem);
      for (const int count : {2, 3}) {
        const Threads threads_now(count);
        const auto more = answer_of(strategy, 16, options, network.field, problem);
        check_equal(more, one);
        CHECK(same(more.theta_bar, one.theta_bar));
        CHECK(same(more.times_bar, one.times_bar));
        CHECK(more.nvjp == one.nvjp);
      }
    }
  }
}

TEST_CASE("tiles: of equal width but for the last, and samples keep what is theirs") {
  const SolverOptions options = adaptive_options(*find_method("dopri8"), 1e-12, 1e-12);
  const std::pair<Index, Index> widths[] = {
      {8, 8}, {9, 6}, {16, 12}, {17, 6}, {29, 12}};  // of a batch, and of its tiles of about 8
  for (const auto& width : widths) {
    const Index batch = width.first;
    CAPTURE(batch);
    Case<double> problem(1, batch, false);
    for (std::size_t i = 0; i < 2; ++i) problem.bars[i].setZero();
    RateField::Seen seen;
    RateField field(increasing_rates(batch), -1.5, seen);
    const auto answer = answer_of(strategies()[0], 8, options, field, problem);
    REQUIRE(answer.backward.status == SolveStatus::ok);
    CHECK(seen.widest.load() == width.second);

    // y = y0 e^(theta r t), hence dy/dy0 = e^(theta r t) and dy/dtheta = r t y.
    double theta_bar = 0;
    for (Index s = 0; s < batch; ++s) {
      CAPTURE(s);
      const double r = field.rates[static_cast<std::size_t>(s)];
      const double t = problem.times(2, s) - problem.times(0, s), growth = std::exp(-1.5 * r * t);
      const double y = problem.y0(0, s) * growth, bar = problem.bars[2](0, s);
      CHECK(answer.states[2](0, s) == doctest::Approx(y).epsilon(1e-10));
      CHECK(answer.y0_bar(0, s) == doctest::Approx(bar * growth).epsilon(1e-9));
      CHECK(answer.times_bar(2, s) == doctest::Approx(-1.5 * r * y * bar).epsilon(1e-9));
      theta_bar += bar * r * t * y;
    }
    CHECK(answer.theta_bar[0] == doctest::Approx(theta_bar).epsilon(1e-9));
  }
}

TEST_CASE("tiles: a flow's samples keep their own probes, new ones with every solve") {
  constexpr Index batch = 21;
  FlowField<double> field(mlp_layers(3, 6, 2, 2, Activation::tanh), true, Trace::rademacher, 2);
  Rng rng(8);
  Vector<double> theta(field.parameter_count());
  field.network().initialize(rng, false, theta);
  field.bind(theta.data());
  const Case<double> problem(3, batch, true);
  Strategy strategy = strategies()[0];
  const SolverOptions options = adaptive_options(*find_method("dopri5"), 1e-6, 1e-6);
  strategy.options.tile = 8;
  const auto gradient = strategy.make(options);
  Matrix<double> before;
  for (int draw = 0; draw < 3; ++draw) {
    field.draw_probes(batch, rng);
    const Answer<double> tiled(*gradient, field, problem);
    check_equal(tiled, answer_of(strategy, 0, options, field, problem));
    CHECK_FALSE(same(tiled.states[2], before));
    before = tiled.states[2];
  }
}

TEST_CASE("tiles: theta may move and the field be another one from one solve to the next") {
  const Case<double> problem(2, 20, true);
  Strategy strategy = strategies()[0];
  strategy.options.tile = 8;
  const SolverOptions options = fixed_options(*find_method("rk4"), 0.1);
  const auto gradient = strategy.make(options);
  std::optional<Network<double>> network(std::in_place, 2, 7, 3);
  const auto check = [&] {
    const Answer<double> tiled(*gradient, network->field, problem);
    check_equal(tiled, answer_of(strategy, 0, options, network->field, problem));
  };
  check();
  network->theta *= 0.5;
  check();
  const Vector<double> elsewhere = 2 * network->theta;
  network->field.bind(elsewhere.data());
  check();
  network.emplace(2, 5, 4);  // in the same place
  check();
}

TEST_CASE("tiles: the first sample that fails, in the order of tiles, is reported") {
  constexpr Index batch = 29;
  const Case<double> problem(1, batch, true);
  RateField::Seen seen;
  RateField field(increasing_rates(batch), -1, seen);
  for (const std::size_t broken : {17U, 25U}) field.rates[broken] = not_a_number;
  for (const char* name : {"dopri5", "rk4"}) {
    for (const int count : {1, 3}) {
      const Threads threads_now(count);
      const auto answer = answer_of(strategies()[0], 8,
                                    tight_options(*find_method(name), 1e-6, 0.1), field, problem);
      CHECK(answer.forward.status == SolveStatus::non_finite);
      CHECK(answer.forward.sample == 17);
      CHECK(answer.forward.t == 0.1);
      CHECK(answer.backward.status == SolveStatus::invalid);
      CHECK(answer.backward.reason.find("finished forward solve") != std::string::npos);
    }
  }

  field.rates = increasing_rates(batch);
  Case<double> bad = problem;
  bad.bars[1](0, 20) = not_a_number;
  const SolverOptions options = adaptive_options(*find_method("dopri5"), 1e-6, 1e-6);
  for (const Strategy& strategy : strategies()) {
    CAPTURE(strategy.name);
    const auto answer = answer_of(strategy, 8, options, field, bad);
    const auto whole = answer_of(strategy, 0, options, field, bad);
    CHECK(answer.backward.status == SolveStatus::non_finite);
    CHECK(answer.backward.sample == whole.backward.sample);
    CHECK(answer.backward.t == whole.backward.t);
  }
}

TEST_CASE("tiles: what does not fit is refused as for a whole batch") {
  const Case<double> problem(2, 20, true);
  Network<double> network(2);
  const SolverOptions options = fixed_options(*find_method("rk4"), 0.1);
  std::vector<std::pair<SolverOptions, Case<double>>> bad(6, {options, problem});
  bad[0].second.y0.resize(3, 20);
  bad[1].second.times = Matrix<double>::Zero(3, 1);
  bad[2].second.times.resize(3, 7);
  bad[3].second.bars.pop_back();
  bad[4].second.bars[1].resize(2, 12);  // as wide as a tile
  bad[5].first.method = nullptr;
  for (const auto& each : bad) {
    const auto whole = answer_of(strategies()[0], 0, each.first, network.field, each.second);
    const auto tiled = answer_of(strategies()[0], 8, each.first, network.field, each.second);
    CHECK(whole.backward.status == SolveStatus::invalid);
    CHECK(tiled.forward.status == whole.forward.status);
    CHECK(tiled.forward.reason == whole.forward.reason);
    CHECK(tiled.states.size() == whole.states.size());
    CHECK(tiled.backward.status == whole.backward.status);
    CHECK(tiled.backward.reason == whole.backward.reason);
  }
}

TEST_CASE("tiles: shared steps, events and fields without a clone keep the batch whole") {
  constexpr Index batch = 20;
  const Case<double> problem(1, batch, true);
  RateField::Seen seen;
  RateField field(increasing_rates(batch), -1, seen);
  const NeverHappens never;
  SolverOptions options = adaptive_options(*find_method("dopri5"), 1e-6, 1e-6);
  const auto check = [&](VectorField<double>& any, const Case<double>& of,
                         const Events<double>& events) {
    const auto whole = answer_of(strategies()[0], 0, options, any, of, events);
    const auto tiled = answer_of(strategies()[0], 8, options, any, of, events);
    check_equal(tiled, whole);
    CHECK(same(tiled.theta_bar, whole.theta_bar));
    CHECK(tiled.nvjp == whole.nvjp);
  };
  check(field, problem, {&never});
  options.shared_steps = true;
  check(field, problem, {});
  CHECK(seen.clones.load() == 0);
  CHECK(seen.widest.load() == batch);
  options.shared_steps = false;
  OwnRateField without_clone(increasing_rates(batch), column({0.3, 0.2}));
  check(without_clone, Case<double>(2, batch, false), {});
  CHECK(without_clone.mismatches == 0);
}

TEST_CASE("tiles: one gradient serves whole batches and tiled ones in turn") {
  Network<double> network(2);
  Strategy strategy = strategies()[0];
  strategy.options.tile = 8;
  const SolverOptions options = fixed_options(*find_method("rk4"), 0.1);
  const auto gradient = strategy.make(options);
  for (const Index batch : {20, 5, 40, 8, 9}) {
    CAPTURE(batch);
    const Case<double> problem(2, batch, true);
    const Answer<double> tiled(*gradient, network.field, problem);
    check_equal(tiled, answer_of(strategy, 0, options, network.field, problem));
    CHECK(gradient->state_bytes() > 0);
  }
}

TEST_CASE("tiles: nothing is allocated after warm-up, on one thread or two") {
  const Case<double> problem(1, 29, true);
  RateField::Seen seen;
  RateField field(increasing_rates(29), -1, seen);
  Network<double> network(1);
  for (Strategy strategy : strategies()) {
    CAPTURE(strategy.name);
    strategy.options.tile = 8;
    const auto check = [&](VectorField<double>& any) {
      const auto gradient = strategy.make(adaptive_options(*find_method("dopri5"), 1e-6, 1e-6));
      const auto run = [&] {
        gradient->forward(any, problem.y0, problem.times);
        gradient->backward(any, problem.bars);
      };
      run();
      const long before = allocation_count();
      for (int i = 0; i < 3; ++i) run();
      CHECK(allocation_count() == before);
    };
    check(network.field);
    // Without products, whose scratch each thread has of its own.
    const Threads threads_now(2);
    check(field);
  }
}
