#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/core/rng.h"
#include "engine/gradient/hybrid.h"
#include "engine/ode/formula_field.h"
#include "tests/support/allocations.h"
#include "tests/support/fields.h"
#include "tests/support/finite_difference.h"
#include "tests/support/formula_event.h"
#include "tests/support/methods.h"

using namespace neural_ode;
using testing::adaptive_options;
using testing::central_difference;
using testing::column;
using testing::falling_body;
using testing::fixed_options;
using testing::formula_event;

namespace {

template <class Scalar>
std::vector<Matrix<Scalar>> zeros(Index rows, Index dim, Index batch = 1) {
  return std::vector<Matrix<Scalar>>(static_cast<std::size_t>(rows),
                                     Matrix<Scalar>::Zero(dim, batch));
}

// A ball dropped from h0 under gravity theta_0 that keeps theta_1 of its speed when it bounces.
template <class Scalar>
struct Ball {
  struct Fall {
    template <class T>
    void operator()(T, const T* y, const T* p, T* dy) const {
      dy[0] = y[1];
      dy[1] = -p[0];
    }
  };
  struct Height {
    template <class T>
    T operator()(T, const T* y, const T*) const {
      return y[0];
    }
  };
  struct Bounce {
    template <class T>
    void operator()(T, const T* y, const T* p, T* after, int) const {
      after[0] = y[0];
      after[1] = -(p[1] * y[1]);
    }
  };

  FormulaField<Scalar, 2, 2, Fall> field{
      Fall{}, Vector<Scalar>{{static_cast<Scalar>(9.81), static_cast<Scalar>(0.8)}}};
  testing::FormulaEvent<Scalar, 2, 2, Height, Bounce> floor{Height{}, &field.theta};
  Matrix<Scalar> y0 = column<Scalar>({1, 0});

  Ball() {
    floor.goes_on = true;
    floor.wanted = Crossing::falling;
  }
};

// Of h0, gravity and restitution: t_n = t_1 (1 + 2 (e + ... + e^(n-1))), t_1 = sqrt(2 h0 / g).
using Three = Dual<double, 3>;
Three bounce_time(const Three& h0, const Three& g, const Three& e, int n) {
  Three sum = 1, power = 1;
  for (int k = 1; k < n; ++k) {
    power = power * e;
    sum = sum + 2.0 * power;
  }
  return math::sqrt(2.0 * h0 / g) * sum;
}

}  // namespace

TEST_CASE("event gradients: the time of a fall has its closed form for every method and strategy") {
  // x = x0 - 4 t^2: t* = sqrt(x0) / 2, dt*/dx0 = 1 / (4 sqrt(x0)), dt*/dv0 = 1/8.
  auto field = falling_body();
  auto ground = formula_event<double, 2, 0>([](auto, const auto* y, const auto*) { return y[0]; });
  int checked = 0;
  for (const GradientStrategy& strategy : gradient_strategies()) {
    for (const ButcherTableau* method : methods()) {
      if (!validate(strategy, *method)) continue;
      for (const bool fixed : {false, true}) {
        if (!fixed && !method->adaptive()) continue;
        CAPTURE(std::string(strategy.name));
        CAPTURE(std::string(method->name));
        CAPTURE(fixed);
        HybridSolve<double> solve(
            fixed ? fixed_options(*method, 0.01) : adaptive_options(*method, 1e-9, 1e-9), strategy);
        // Methods of second order solve a parabola exactly.
        const double tolerance = method->order > 1 ? 1e-8 : 4e-3;
        for (const double x0 : {1.0, 3.0}) {
          REQUIRE(solve.forward(field, column({x0, 0}), column({0, 2}), {&ground}).status ==
                  SolveStatus::event);
          REQUIRE(solve.occurrences().size() == 1);
          CHECK(std::abs(solve.occurrences()[0].t - std::sqrt(x0) / 2) < 2 * tolerance);
          OccurrenceCotangents<double> bar;
          bar.t.setOnes(1);
          REQUIRE(solve.backward(field, zeros<double>(2, 2), bar).succeeded());
          CHECK(std::abs(solve.y0_bar()(0, 0) - 0.25 / std::sqrt(x0)) < tolerance);
          CHECK(std::abs(solve.y0_bar()(1, 0) - 0.125) < tolerance);
          // All of it starts later with t0, and the output that was cut off does not matter.
          CHECK(std::abs(solve.times_bar()(0, 0) - 1) < 2 * tolerance);
          CHECK(solve.times_bar()(1, 0) == 0);
          ++checked;
        }
      }
    }
  }
  CHECK(checked > 150);
}

TEST_CASE("event gradients: an event function of time and of a parameter has its closed form") {
  // y' = a and g = y - b t^2 with y0 = 2, a = 1, b = 3: 2 + t = 3 t^2 at t* = 1. There
  // g_y f + g_t = a - 2 b t = -5: dt*/dy0 = 1/5, dt*/da = 1/5, dt*/db = -1/5.
  auto field = formula_field<double, 1, 2>(
      [](auto, const auto*, const auto* p, auto* dy) { dy[0] = p[0]; }, Vector<double>{{1, 3}});
  auto event = formula_event<double, 1, 2>(
      [](auto t, const auto* y, const auto* p) { return y[0] - p[1] * t * t; }, &field.theta);
  for (const GradientStrategy& strategy : gradient_strategies()) {
    HybridSolve<double> solve(adaptive_options(*find_method("dopri5"), 1e-10, 1e-10), strategy);
    REQUIRE(solve.forward(field, column({2}), column({0, 4}), {&event}).succeeded());
    OccurrenceCotangents<double> bar;
    bar.t.setOnes(1);
    REQUIRE(solve.backward(field, zeros<double>(2, 1), bar).succeeded());
    CHECK(solve.occurrences()[0].t == doctest::Approx(1).epsilon(1e-13));
    CHECK(solve.y0_bar()(0, 0) == doctest::Approx(0.2).epsilon(1e-12));
    CHECK(solve.theta_bar()[0] == doctest::Approx(0.2).epsilon(1e-12));
    CHECK(solve.theta_bar()[1] == doctest::Approx(-0.2).epsilon(1e-12));
    // The state that stays is y(t*) = 2 + t*: its gradient goes through the time as well.
    REQUIRE(solve.backward(field, {Matrix<double>::Zero(1, 1), Matrix<double>::Ones(1, 1)})
                .succeeded());
    CHECK(solve.y0_bar()(0, 0) == doctest::Approx(1.2).epsilon(1e-12));
    CHECK(solve.theta_bar()[0] == doctest::Approx(1.2).epsilon(1e-12));
    CHECK(solve.theta_bar()[1] == doctest::Approx(-0.2).epsilon(1e-12));
    CHECK(solve.times_bar()(1, 0) == 0);
  }
}

TEST_CASE("event gradients: a ball bounces five times as the closed form has it") {
  const Three h0 = Three::variable(1, 0), g = Three::variable(9.81, 1), e = Three::variable(0.8, 2);
  constexpr double end = 2.7;  // between the fifth and the sixth bounce
  const Three left = end - bounce_time(h0, g, e, 5);
  const Three speed = e * e * e * e * e * math::sqrt(2.0 * g * h0);
  const Three height = speed * left - 0.5 * g * left * left, velocity = speed - g * left;
  const Three third = bounce_time(h0, g, e, 3);

  Ball<double> ball;
  for (const GradientStrategy& strategy : gradient_strategies()) {
    for (const SolverOptions& options : {adaptive_options(*find_method("dopri5"), 1e-10, 1e-10),
                                         adaptive_options(*find_method("kvaerno5"), 1e-10, 1e-10),
                                         fixed_options(*find_method("rk4"), 0.05)}) {
      CAPTURE(std::string(strategy.name));
      CAPTURE(std::string(options.method->name));
      HybridSolve<double> solve(options, strategy);
      const auto run = [&] {
        return solve.forward(ball.field, ball.y0, column({0, end}), {&ball.floor}).status;
      };
      REQUIRE(run() == SolveStatus::ok);
      REQUIRE(solve.occurrences().size() == 5);
      for (int n = 1; n <= 5; ++n) {
        const auto k = static_cast<std::size_t>(n - 1);
        CHECK(std::abs(solve.occurrences()[k].t - bounce_time(h0, g, e, n).value) < 1e-10);
        CHECK(solve.after(k)[1] == -0.8 * solve.before(k)[1]);
      }
      CHECK(std::abs(solve.states()[1](0, 0) - height.value) < 1e-9);
      CHECK(std::abs(solve.states()[1](1, 0) - velocity.value) < 1e-9);

      const auto check = [&](const Three& expected) {
        CHECK(std::abs(solve.y0_bar()(0, 0) - expected.slope[0]) < 1e-8);
        CHECK(std::abs(solve.theta_bar()[0] - expected.slope[1]) < 1e-8);
        CHECK(std::abs(solve.theta_bar()[1] - expected.slope[2]) < 1e-8);
      };
      for (const Index component : {0, 1}) {
        auto states_bar = zeros<double>(2, 2);
        states_bar[1](component, 0) = 1;
        REQUIRE(solve.backward(ball.field, states_bar).succeeded());
        check(component == 0 ? height : velocity);
      }
      OccurrenceCotangents<double> bar;
      bar.t = Vector<double>::Unit(5, 2);
      REQUIRE(solve.backward(ball.field, zeros<double>(2, 2), bar).succeeded());
      check(third);
      const double initial = solve.y0_bar()(0, 0);
      const double difference = central_difference(
          [&] {
            run();
            return solve.occurrences()[2].t;
          },
          ball.y0(0, 0), 1e-3);
      CHECK(std::abs(initial - difference) < 1e-8);
    }
  }
}

namespace {

// Everything that a gradient can depend on: a damped ball in a wind over a floor that moves, reset
// with the floor's speed, stopped by a wall, its bounces and its ways through a mark recorded; a
// loss linear in all that comes of it. theta: gravity, damping, wind, floor, restitution, wall.
struct Playground {
  struct Flight {
    template <class T>
    void operator()(T t, const T* y, const T* p, T* dy) const {
      dy[0] = y[1];
      dy[1] = -p[0] - p[1] * y[1] * y[1] * y[1] + p[2] * t * t * y[0];
    }
  };
  struct Gap {
    template <class T>
    T operator()(T t, const T* y, const T* p) const {
      return y[0] - p[3] * t * (t - 1.0) * y[1] * y[1];
    }
  };
  struct Bounce {
    template <class T>
    void operator()(T t, const T* y, const T* p, T* after, int) const {
      after[0] = y[0] + 0.1 * t;
      after[1] = -(p[4] * y[1]) + p[3] * t;
    }
  };
  struct Mark {
    template <class T>
    T operator()(T t, const T* y, const T*) const {
      return y[0] - 0.6 + 0.1 * t;
    }
  };
  struct Wall {
    template <class T>
    T operator()(T t, const T*, const T* p) const {
      return t - p[5];
    }
  };

  static constexpr Index batch = 2, rows = 6;
  FormulaField<double, 2, 6, Flight> field{Flight{},
                                           Vector<double>{{4, 0.1, 0.3, 0.05, 0.8, 2.45}}};
  testing::FormulaEvent<double, 2, 6, Gap, Bounce> floor{Gap{}, &field.theta};
  testing::FormulaEvent<double, 2, 6, Mark> mark{Mark{}, &field.theta};
  testing::FormulaEvent<double, 2, 6, Wall> wall{Wall{}, &field.theta};
  Matrix<double> y0{2, batch}, times{rows, batch};
  std::vector<Matrix<double>> states_bar;
  OccurrenceCotangents<double> bar;

  Playground() {
    floor.goes_on = true;
    floor.wanted = Crossing::falling;
    mark.ends = false;
    y0 << 1, 0.7, 0.2, -0.5;
    // The first sample ends at the wall, the second before it.
    times << 0.1, 0, 0.3, 0.4, 0.9, 1, 1.5, 1.3, 2.6, 1.9, 2.8, 2.2;
    Rng rng(5);
    const auto random = [&](Index r, Index c) {
      Matrix<double> matrix(r, c);
      for (Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = rng.normal();
      return matrix;
    };
    for (Index i = 0; i < rows; ++i) states_bar.push_back(random(2, batch));
    constexpr Index most = 40;
    bar.t = random(most, 1).col(0);
    bar.before = random(2, most);
    bar.after = random(2, most);
  }
  Events<double> events() const { return {&floor, &mark, &wall}; }

  double loss(HybridSolve<double>& solve, std::size_t count) {
    const SolveReport& report = solve.forward(field, y0, times, events());
    REQUIRE(report.status == SolveStatus::event);
    REQUIRE(solve.occurrences().size() == count);
    double sum = 0;
    for (std::size_t i = 0; i < states_bar.size(); ++i)
      sum += (solve.states()[i].array() * states_bar[i].array()).sum();
    for (std::size_t k = 0; k < count; ++k) {
      const Index c = static_cast<Index>(k);
      sum += bar.t[c] * solve.occurrences()[k].t + solve.before(k).dot(bar.before.col(c)) +
             solve.after(k).dot(bar.after.col(c));
    }
    return sum;
  }
};

}  // namespace

TEST_CASE("event gradients: all of them match differences where everything depends on everything") {
  for (const GradientStrategy& strategy : gradient_strategies()) {
    for (const char* method : {"dopri8", "kvaerno5"}) {
      for (const bool reversed : {false, true}) {
        CAPTURE(std::string(strategy.name));
        CAPTURE(std::string(method));
        CAPTURE(reversed);
        const bool quick = std::string(method) == "dopri8";
        if (!quick && reversed) continue;
        Playground p;
        if (reversed) {
          // The same fall the other way round, but for what the floor does.
          p.times = -p.times;
          p.y0.row(1) = -p.y0.row(1).eval();
          p.field.theta[1] = -p.field.theta[1];
          p.field.theta[5] = -p.field.theta[5];
        }
        const double tolerance = quick ? 1e-12 : 1e-10;
        HybridSolve<double> solve(adaptive_options(*find_method(method), tolerance, tolerance),
                                  strategy);
        REQUIRE(solve.forward(p.field, p.y0, p.times, p.events()).status == SolveStatus::event);
        const std::size_t count = solve.occurrences().size();
        CHECK(count >= 8);
        OccurrenceCotangents<double> bar;
        bar.t = p.bar.t.head(static_cast<Index>(count));
        bar.before = p.bar.before.leftCols(static_cast<Index>(count));
        bar.after = p.bar.after.leftCols(static_cast<Index>(count));
        REQUIRE(solve.backward(p.field, p.states_bar, bar).succeeded());
        const Matrix<double> y0_bar = solve.y0_bar(), times_bar = solve.times_bar();
        const Vector<double> theta_bar = solve.theta_bar();
        const double bound = (quick ? 2e-7 : 2e-5) * theta_bar.norm();
        const double step = quick ? 1e-4 : 3e-4;
        const auto loss = [&] { return p.loss(solve, count); };
        for (Index i = 0; i < p.y0.size(); ++i) {
          CHECK(std::abs(y0_bar.data()[i] - central_difference(loss, p.y0.data()[i], step)) <
                bound);
        }
        for (Index i = 0; i < 6; ++i)
          CHECK(std::abs(theta_bar[i] - central_difference(loss, p.field.theta[i], step)) < bound);
        for (Index i = 0; i < p.times.size(); ++i) {
          CHECK(std::abs(times_bar.data()[i] - central_difference(loss, p.times.data()[i], step)) <
                bound);
        }
      }
    }
  }
}

TEST_CASE("hybrid: without events it is the gradient strategy itself, to the last bit") {
  PowerField field((Matrix<double>(2, 2) << -0.3, 0.8, -0.9, -0.2).finished(), 3);
  const Matrix<double> y0 = column({0.8, -0.5}), times = column({0, 0.5, 1.5});
  const std::vector<Matrix<double>> states_bar{column({1, 2}), column({-1, 0.5}), column({2, -3})};
  for (const GradientStrategy& strategy : gradient_strategies()) {
    for (const SolverOptions& options : {adaptive_options(*find_method("tsit5"), 1e-6, 1e-6),
                                         fixed_options(*find_method("rk4"), 0.1)}) {
      const auto gradient = strategy.make<double>(options);
      HybridSolve<double> solve(options, strategy);
      gradient->forward(field, y0, times);
      gradient->backward(field, states_bar);
      REQUIRE(solve.forward(field, y0, times, {}).status == SolveStatus::ok);
      REQUIRE(solve.backward(field, states_bar).status == SolveStatus::ok);
      CHECK((solve.states()[2].array() == gradient->states()[2].array()).all());
      CHECK((solve.y0_bar().array() == gradient->y0_bar().array()).all());
      CHECK((solve.theta_bar().array() == gradient->theta_bar().array()).all());
      CHECK((solve.times_bar().array() == gradient->times_bar().array()).all());
      CHECK(solve.nvjp() == gradient->nvjp());
    }
  }
}

TEST_CASE(
    "hybrid: an output at the time of an event is the state before it, with its own gradient") {
  // y' = 1; at t = 1 the state becomes 10 y: y(3) = 10 (y0 + 1) + 2.
  auto field =
      formula_field<double, 1>([](auto, const auto*, const auto*, auto* dy) { dy[0] = 1.0; });
  auto clock = formula_event<double, 1, 0>(
      [](auto t, const auto*, const auto*) { return t - 1.0; }, nullptr,
      [](auto, const auto* y, const auto*, auto* after, int) { after[0] = 10.0 * y[0]; });
  clock.goes_on = true;
  for (const SolverOptions& options : {adaptive_options(*find_method("dopri5"), 1e-8, 1e-8),
                                       fixed_options(*find_method("rk4"), 0.25)}) {
    for (const double end : {3.0, 1.0}) {
      HybridSolve<double> solve(options, *find_gradient("discrete"));
      const Matrix<double> times = end == 3 ? column({0, 1, 3}) : column({0, 1});
      REQUIRE(solve.forward(field, column({0.5}), times, {&clock}).status == SolveStatus::ok);
      REQUIRE(solve.occurrences().size() == 1);
      REQUIRE(solve.occurrences()[0].t == 1);
      CHECK(solve.states()[1](0, 0) == doctest::Approx(1.5));
      CHECK(solve.after(0)[0] == doctest::Approx(15));
      auto states_bar = zeros<double>(times.rows(), 1);
      states_bar[1](0, 0) = 2;
      OccurrenceCotangents<double> bar;
      bar.after = Matrix<double>::Constant(1, 1, 0.5);
      REQUIRE(solve.backward(field, states_bar, bar).succeeded());
      CHECK(solve.y0_bar()(0, 0) == doctest::Approx(2 + 5));
      CHECK(solve.times_bar()(1, 0) == doctest::Approx(2));
      // The clock does not move with t0: what starts later has grown less.
      CHECK(solve.times_bar()(0, 0) == doctest::Approx(-2 - 5));
      if (end == 3) CHECK(solve.states()[2](0, 0) == doctest::Approx(17));
    }
  }
}

TEST_CASE("hybrid: events at the same time happen one after another") {
  // Into a corner and out again: x and y both change their direction at t = 1.
  auto field = formula_field<double, 4>([](auto, const auto* y, const auto*, auto* dy) {
    dy[0] = y[2];
    dy[1] = y[3];
    dy[2] = dy[3] = 0.0;
  });
  const auto wall = [](int axis) {
    const auto distance = [axis](auto, const auto* y, const auto*) { return y[axis]; };
    const auto turn = [axis](auto, const auto* y, const auto*, auto* after, int) {
      for (int d = 0; d < 4; ++d) after[d] = y[d];
      after[2 + axis] = -y[2 + axis];
    };
    auto event = formula_event<double, 4, 0>(distance, nullptr, turn);
    event.goes_on = true;
    return event;
  };
  const auto left = wall(0), bottom = wall(1);
  for (const double start : {1.0, 0.3, 0.7}) {
    for (const SolverOptions& options : {adaptive_options(*find_method("tsit5"), 1e-8, 1e-8),
                                         fixed_options(*find_method("rk4"), 0.4)}) {
      HybridSolve<double> solve(options, *find_gradient("discrete"));
      REQUIRE(solve
                  .forward(field, column({start, start / 3, -start, -start / 3}), column({0, 2}),
                           {&left, &bottom})
                  .succeeded());
      CHECK(solve.occurrences().size() == 2);
      CHECK((solve.states()[1] - column({start, start / 3, start, start / 3})).norm() < 1e-12);
    }
  }
}

TEST_CASE("hybrid: a bounce much shorter than a step is not missed") {
  Ball<double> ball;
  ball.y0 << 1e-4, 0;  // up again after 4.5 ms; t6 = 28.8 ms and no more than 46 ms in all
  HybridSolve<double> solve(fixed_options(*find_method("rk4"), 0.02), *find_gradient("discrete"));
  REQUIRE(solve.forward(ball.field, ball.y0, column({0, 0.027}), {&ball.floor}).succeeded());
  REQUIRE(solve.occurrences().size() == 5);
  CHECK(solve.occurrences()[4].t ==
        doctest::Approx(bounce_time(1e-4, 9.81, 0.8, 5).value).epsilon(1e-12));
}

TEST_CASE("hybrid: events that come ever faster, and too many of them, end with a status") {
  Ball<double> ball;
  for (const SolverOptions& options : {adaptive_options(*find_method("dopri5"), 1e-8, 1e-8),
                                       fixed_options(*find_method("rk4"), 0.05)}) {
    // The bounces pile up at t = 9 t_1 = 4.06.
    HybridSolve<double> zeno(options, *find_gradient("discrete"), {}, 60);
    const SolveReport& report = zeno.forward(ball.field, ball.y0, column({0, 5}), {&ball.floor});
    CHECK(report.status == SolveStatus::max_events);
    CHECK(report.t == doctest::Approx(9 * std::sqrt(2 / 9.81)).epsilon(1e-3));
    CHECK(report.sample == 0);
    CHECK(report.message().find("events") != std::string::npos);
    CHECK(zeno.occurrences().size() == 60);
    CHECK(std::isnan(zeno.states()[1](0, 0)));
    CHECK(zeno.backward(ball.field, zeros<double>(2, 2)).status == SolveStatus::invalid);

    HybridSolve<double> two(options, *find_gradient("discrete"), {}, 2);
    CHECK(two.forward(ball.field, ball.y0, column({0, 1.2}), {&ball.floor}).succeeded());
    CHECK(two.forward(ball.field, ball.y0, column({0, 2}), {&ball.floor}).status ==
          SolveStatus::max_events);
  }
}

TEST_CASE("hybrid: a function that only touches zero has no event gradient, and says so") {
  // x = 1 - (t - 1)^2 against 1, which it reaches at rest.
  auto field = formula_field<double, 2>([](auto, const auto* y, const auto*, auto* dy) {
    dy[0] = y[1];
    dy[1] = -2.0;
  });
  auto ceiling =
      formula_event<double, 2, 0>([](auto, const auto* y, const auto*) { return y[0] - 1.0; });
  HybridSolve<double> solve(fixed_options(*find_method("rk4"), 0.5), *find_gradient("discrete"));
  REQUIRE(solve.forward(field, column({0, 2}), column({0, 2}), {&ceiling}).status ==
          SolveStatus::event);
  auto states_bar = zeros<double>(2, 2);
  CHECK(solve.backward(field, states_bar).succeeded());  // nobody asks for it
  states_bar[1].setOnes();
  const SolveReport& report = solve.backward(field, states_bar);
  CHECK(report.status == SolveStatus::grazing);
  CHECK(report.t == doctest::Approx(1));
  CHECK(report.message().find("touched") != std::string::npos);
}

TEST_CASE("hybrid: each sample is told by its number") {
  // y' = rate of the sample; the event at 1.
  class Rates final : public VectorField<double> {
   public:
    Index dim() const override { return 1; }
    void select(std::span<const int> samples) override {
      samples_.assign(samples.begin(), samples.end());
    }
    void eval(TimesIn, MatrixIn<double> y, MatrixOut<double> dy) override {
      REQUIRE(static_cast<Index>(samples_.size()) == y.cols());
      for (Index s = 0; s < y.cols(); ++s) dy(0, s) = samples_[static_cast<std::size_t>(s)] + 1;
    }
    void vjp(TimesIn, MatrixIn<double>, MatrixIn<double>, MatrixOut<double>, VectorOut<double>,
             TimesOut) override {}

   private:
    std::vector<int> samples_;
  } field;
  const auto event =
      formula_event<double, 1, 0>([](auto, const auto* y, const auto*) { return y[0] - 1.0; });
  for (const GradientStrategy& strategy : gradient_strategies()) {
    HybridSolve<double> solve(adaptive_options(*find_method("tsit5"), 1e-8, 1e-8), strategy);
    REQUIRE(
        solve.forward(field, Matrix<double>::Zero(1, 3), column({0, 0.75}), {&event}).succeeded());
    REQUIRE(solve.occurrences().size() == 2);
    for (const int s : {1, 2}) {
      CHECK(solve.occurrences()[static_cast<std::size_t>(s - 1)].sample == s);
      CHECK(solve.occurrences()[static_cast<std::size_t>(s - 1)].t ==
            doctest::Approx(1.0 / (s + 1)));
    }
    CHECK(solve.times().col(0) == column({0, 0.75}));
    CHECK(solve.times()(1, 1) == doctest::Approx(0.5));
    OccurrenceCotangents<double> bar;
    bar.t.setOnes(2);
    REQUIRE(solve.backward(field, zeros<double>(2, 1, 3), bar).succeeded());
    CHECK((solve.y0_bar() - (Matrix<double>(1, 3) << 0, -1.0 / 2, -1.0 / 3).finished()).norm() <
          1e-12);
    CHECK(solve.times_bar()(0, 0) == doctest::Approx(2));
  }
}

TEST_CASE("hybrid: single precision bounces too") {
  Ball<float> ball;
  HybridSolve<float> solve(adaptive_options(*find_method("tsit5"), 1e-5, 1e-5),
                           *find_gradient("discrete"));
  REQUIRE(solve.forward(ball.field, ball.y0, column({0, 2.7}), {&ball.floor}).succeeded());
  REQUIRE(solve.occurrences().size() == 5);
  OccurrenceCotangents<float> bar;
  bar.t = Vector<double>::Unit(5, 2);
  REQUIRE(solve.backward(ball.field, zeros<float>(2, 2), bar).succeeded());
  const Three third =
      bounce_time(Three::variable(1, 0), Three::variable(9.81, 1), Three::variable(0.8, 2), 3);
  CHECK(solve.y0_bar()(0, 0) == doctest::Approx(third.slope[0]).epsilon(1e-4));
  CHECK(solve.theta_bar()[1] == doctest::Approx(third.slope[2]).epsilon(1e-4));
}

TEST_CASE("hybrid: a bounce does not count twice where a rounding error is large") {
  // Near 10000 the floats are 1e-3 apart, and none is the floor.
  auto field = formula_field<float, 2>([](auto, const auto* y, const auto*, auto* dy) {
    dy[0] = y[1];
    dy[1] = -9.81F;
  });
  auto floor = formula_event<float, 2, 0>(
      [](auto, const auto* y, const auto*) { return y[0] - 10000.0F - 0.0003F; }, nullptr,
      [](auto, const auto* y, const auto*, auto* after, int) {
        after[0] = y[0];
        after[1] = -0.8F * y[1];
      });
  floor.goes_on = true;
  HybridSolve<float> solve(adaptive_options(*find_method("tsit5"), 1e-5, 1e-5),
                           *find_gradient("discrete"));
  for (int i = 0; i < 20; ++i) {
    Matrix<float> y0 = column<float>({10001, 0});
    y0(1, 0) = 0.01F * static_cast<float>(i);
    REQUIRE(solve.forward(field, y0, column({0, 2.7}), {&floor}).succeeded());
    CHECK(solve.occurrences().size() == 5);
  }
}

TEST_CASE("hybrid: what is solved again asks for no memory") {
  Ball<double> ball;
  const Matrix<double> times = column({0, 1, 2.7});
  const Events<double> events{&ball.floor};
  const auto states_bar = std::vector<Matrix<double>>(3, Matrix<double>::Ones(2, 1));
  for (const GradientStrategy& strategy : gradient_strategies()) {
    CAPTURE(std::string(strategy.name));
    HybridSolve<double> solve(adaptive_options(*find_method("dopri5"), 1e-7, 1e-7), strategy);
    const auto run = [&] {
      solve.forward(ball.field, ball.y0, times, events);
      solve.backward(ball.field, states_bar);
    };
    run();
    run();
    const long before = testing::allocation_count();
    run();
    CHECK(testing::allocation_count() == before);
    CHECK(solve.state_bytes() > 0);
  }
}

TEST_CASE("hybrid: what does not fit is refused with a reason") {
  Ball<double> ball;
  HybridSolve<double> solve(adaptive_options(*find_method("dopri5"), 1e-7, 1e-7),
                            *find_gradient("discrete"));
  CHECK(solve.backward(ball.field, zeros<double>(2, 2)).status == SolveStatus::invalid);
  CHECK(solve.forward(ball.field, column({1}), column({0, 1}), {&ball.floor}).status ==
        SolveStatus::invalid);
  CHECK(solve.forward(ball.field, ball.y0, column({0, 0}), {&ball.floor}).message().find("times") ==
        0);
  REQUIRE(solve.forward(ball.field, ball.y0, column({0, 1}), {&ball.floor}).succeeded());
  CHECK(solve.backward(ball.field, zeros<double>(3, 2)).status == SolveStatus::invalid);
  OccurrenceCotangents<double> bar;
  bar.t.setOnes(7);
  CHECK(solve.backward(ball.field, zeros<double>(2, 2), bar).status == SolveStatus::invalid);
  // A strategy that cannot take the method back says so, too.
  HybridSolve<double> backsolve(fixed_options(*find_method("abm4"), 0.1),
                                *find_gradient("backsolve"));
  REQUIRE(backsolve.forward(ball.field, ball.y0, column({0, 1}), {&ball.floor}).succeeded());
  CHECK(backsolve.backward(ball.field, zeros<double>(2, 2)).message().find("backsolve") == 0);
}
