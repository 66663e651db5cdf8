#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "engine/ode/formula_field.h"
#include "engine/ode/solver.h"
#include "tests/support/fields.h"
#include "tests/support/formula_event.h"
#include "tests/support/methods.h"

using namespace neural_ode;
using testing::adaptive_options;
using testing::column;
using testing::falling_body;
using testing::fixed_options;
using testing::formula_event;

namespace {

// x = sin t, v = cos t from (0, 1).
auto oscillator() {
  return formula_field<double, 2>([](auto, const auto* y, const auto*, auto* dy) {
    dy[0] = y[1];
    dy[1] = -y[0];
  });
}

auto first_component_is(double level) {
  return formula_event<double, 2, 0>(
      [level](auto, const auto* y, const auto*) { return y[0] - level; });
}

constexpr double pi = 3.14159265358979323846;

}  // namespace

TEST_CASE("events: y' = y reaches e at t = 1 for every adaptive method") {
  auto field =
      formula_field<double, 1>([](auto, const auto* y, const auto*, auto* dy) { dy[0] = y[0]; });
  const auto event = formula_event<double, 1, 0>(
      [](auto, const auto* y, const auto*) { return y[0] - 2.718281828459045; });
  // Measured. What is behind the others is of first order, or has a cubic for its interpolant and
  // long steps: 15 of cash_karp, 8 of kencarp5.
  const auto bound = [](std::string_view name) {
    return name == "implicit_euler" ? 3e-5
           : name == "kencarp5"     ? 3e-6
           : name == "cash_karp"    ? 1e-7
           : name == "fehlberg45"   ? 2e-8
                                    : 4e-9;
  };
  for (const ButcherTableau* method : methods()) {
    if (!method->adaptive()) continue;
    CAPTURE(std::string(method->name));
    Solver<double> solver(adaptive_options(*method, 1e-9, 1e-9));
    const SolveReport& report =
        solver.solve(field, column({1}), column({0, 3}), {.events = {&event}});
    REQUIRE(report.status == SolveStatus::event);
    REQUIRE(report.events.size() == 1);
    CHECK(std::abs(report.events[0].t - 1) < bound(method->name));
    CHECK(solver.states()[1](0, 0) == doctest::Approx(2.718281828459045).epsilon(1e-14));
  }
}

TEST_CASE("events: of two in one step the earlier one ends the sample, whatever their order") {
  auto field = falling_body();
  const auto high = first_component_is(0.75), low = first_component_is(0.5);
  // From x = 1 at rest: x = 3/4 at t = 1/4, x = 1/2 at sqrt(1/8); the step goes to t = 1.
  for (const bool swapped : {false, true}) {
    Events<double> events{&high, &low};
    if (swapped) events = {&low, &high};
    Solver<double> solver(fixed_options(*find_method("rk4"), 1));
    const SolveReport& report =
        solver.solve(field, column({1, 0}), column({0, 1}), {.events = events});
    REQUIRE(report.events.size() == 1);
    CHECK(report.accepted == 1);
    CHECK(report.events[0].event == (swapped ? 1 : 0));
    CHECK(report.events[0].t == doctest::Approx(0.25).epsilon(1e-14));
    CHECK((solver.states()[1] - column({0.75, -2})).norm() < 1e-14);
  }
}

TEST_CASE("events: a crossing counts in its direction only") {
  auto field = oscillator();
  struct Expected {
    Crossing crossing;
    std::vector<double> forward, backward;
  };
  // sin crosses 1/2 rising at pi/6 and 13 pi/6, falling at 5 pi/6; the other way round when the
  // solve goes back from 3 pi.
  const std::vector<double> rising{pi / 6, 13 * pi / 6}, falling{5 * pi / 6, 17 * pi / 6};
  const Expected all[] = {
      {Crossing::rising, rising, {falling[1], falling[0]}},
      {Crossing::falling, falling, {rising[1], rising[0]}},
      {Crossing::any,
       {rising[0], falling[0], rising[1], falling[1]},
       {falling[1], rising[1], falling[0], rising[0]}},
  };
  for (const Expected& expected : all) {
    auto event = first_component_is(0.5);
    event.wanted = expected.crossing;
    event.ends = false;
    Solver<double> solver(adaptive_options(*find_method("dopri8"), 1e-11, 1e-11));
    const auto check = [&](const SolveReport& report, const std::vector<double>& times) {
      REQUIRE(report.status == SolveStatus::ok);
      REQUIRE(report.events.size() == times.size());
      for (std::size_t i = 0; i < times.size(); ++i)
        CHECK(std::abs(report.events[i].t - times[i]) < 1e-9);
    };
    check(solver.solve(field, column({0, 1}), column({0, 3 * pi}), {.events = {&event}}),
          expected.forward);
    check(solver.solve(field, column({0, -1}), column({3 * pi, 0}), {.events = {&event}}),
          expected.backward);
  }
}

TEST_CASE("events: several within one step are recorded in their order, up to a terminal one") {
  // x = 4 t - 4 t^2: up through 1/4 and 3/4, down through them again, all in one step.
  auto field = falling_body();
  auto low = first_component_is(0.25), high = first_component_is(0.75);
  low.ends = high.ends = false;
  auto ground = first_component_is(-0.0625);
  ground.wanted = Crossing::falling;
  const auto at = [](double x, double sign) { return 0.5 * (1 + sign * std::sqrt(1 - x)); };
  const struct {
    int event;
    double t;
  } expected[] = {{1, at(0.25, -1)},
                  {0, at(0.75, -1)},
                  {0, at(0.75, 1)},
                  {1, at(0.25, 1)},
                  {2, at(-0.0625, 1)}};
  for (const double sign : {1.0, -1.0}) {  // and the same back in time
    Solver<double> solver(fixed_options(*find_method("rk4"), 2));
    const SolveReport& report = solver.solve(field, column({0, sign * 4}), column({0, sign * 1.5}),
                                             {.events = {&high, &low, &ground}});
    REQUIRE(report.accepted == 1);
    REQUIRE(report.events.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) {
      CHECK(report.events[i].event == expected[i].event);
      CHECK(report.events[i].t == doctest::Approx(sign * expected[i].t).epsilon(1e-14));
    }
  }
}

TEST_CASE("events: in a batch they are what they are alone, to the last bit") {
  auto field = oscillator();
  auto half = first_component_is(0.5), top = first_component_is(0.9);
  half.ends = false;
  top.wanted = Crossing::falling;
  Matrix<double> y0(2, 4), times(3, 4);
  y0 << 0, 0.1, 1.3, 0, 1, -0.4, 0.2, 0.6;
  times << 0, 0.2, 5, 0, 2, 3, 1, 3.7, 9, 4, -3, 8;
  for (const SolverOptions& options : {adaptive_options(*find_method("tsit5"), 1e-7, 1e-7),
                                       adaptive_options(*find_method("kvaerno5"), 1e-7, 1e-7),
                                       fixed_options(*find_method("abm4"), 0.1)}) {
    Solver<double> together(options);
    const SolveReport& report = together.solve(field, y0, times, {.events = {&half, &top}});
    REQUIRE(report.succeeded());
    Index ended = 0;
    for (int s = 0; s < 4; ++s) {
      Solver<double> alone(options);
      const SolveReport& own =
          alone.solve(field, y0.col(s), Matrix<double>(times.col(s)), {.events = {&half, &top}});
      REQUIRE(own.succeeded());
      ended += alone.plan().ended(0);
      CHECK(alone.plan().ended(0) == together.plan().ended(s));
      std::vector<Occurrence> mine;
      for (const Occurrence& occurrence : report.events) {
        if (occurrence.sample == s) mine.push_back(occurrence);
      }
      REQUIRE(mine.size() == own.events.size());
      for (std::size_t i = 0; i < mine.size(); ++i) {
        CHECK(mine[i].event == own.events[i].event);
        CHECK(mine[i].t == own.events[i].t);
      }
      for (std::size_t i = 0; i < 3; ++i) {
        CHECK((alone.states()[i].array() == together.states()[i].col(s).array()).all());
        CHECK(alone.time(static_cast<Index>(i), 0) == together.time(static_cast<Index>(i), s));
      }
    }
    CHECK(ended > 0);
    CHECK(ended < 4);
  }
}

TEST_CASE("events: outputs before a terminal one are as ever, those after it stay there") {
  auto field = falling_body();
  const auto ground = first_component_is(0);
  const Matrix<double> times = column({0, 0.2, 0.4, 0.6, 0.8});
  for (const SolverOptions& options :
       {adaptive_options(*find_method("dopri5"), 1e-9, 1e-9),
        fixed_options(*find_method("rk4"), 0.15), fixed_options(*find_method("kvaerno5"), 0.15)}) {
    Solver<double> solver(options);
    REQUIRE(solver.solve(field, column({1, 0}), times, {.events = {&ground}}).status ==
            SolveStatus::event);
    CHECK((solver.states()[1] - column({0.84, -1.6})).norm() < 1e-13);
    CHECK((solver.states()[2] - column({0.36, -3.2})).norm() < 1e-13);
    for (const std::size_t i : {3U, 4U}) {
      CHECK((solver.states()[i] - column({0, -4})).norm() < 1e-13);
      CHECK(solver.time(static_cast<Index>(i), 0) == doctest::Approx(0.5).epsilon(1e-14));
    }
    CHECK(solver.plan().ended(0));
  }
}

TEST_CASE("events: one at exactly an output time has that time, within and at the end of a solve") {
  auto field = oscillator();
  const auto clock =
      formula_event<double, 2, 0>([](auto t, const auto*, const auto*) { return t - 0.7; });
  for (const SolverOptions& options : {adaptive_options(*find_method("dopri5"), 1e-9, 1e-9),
                                       fixed_options(*find_method("rk4"), 0.3)}) {
    for (const double end : {0.7, 2.0}) {
      Matrix<double> times = column({0.1, 0.7, end});
      if (end == 0.7) times = column({0.1, 0.7});
      Solver<double> solver(options);
      const SolveReport& report = solver.solve(field, column({0, 1}), times, {.events = {&clock}});
      REQUIRE(report.events.size() == 1);
      // Regula falsi may end on the other side of a rounding error.
      CHECK(report.events[0].t == doctest::Approx(0.7).epsilon(4e-16));
      CHECK(report.events[0].t <= end);
      CHECK((solver.states()[1] - column({std::sin(0.6), std::cos(0.6)})).norm() < 1e-4);
      CHECK((solver.states().back() - solver.states()[1]).norm() < 1e-15);
    }
  }
}

TEST_CASE("events: one at the end of a solve is not after it by a rounding error") {
  // 0.3 + (0.9 - 0.3) > 0.9 in double precision.
  auto field = oscillator();
  const auto clock =
      formula_event<double, 2, 0>([](auto t, const auto*, const auto*) { return t - 0.9; });
  Solver<double> solver(fixed_options(*find_method("rk4"), 1));
  const SolveReport& report =
      solver.solve(field, column({0, 1}), column({0.3, 0.9}), {.events = {&clock}});
  REQUIRE(report.events.size() == 1);
  CHECK(report.events[0].t == 0.9);
  CHECK(solver.time(1, 0) == 0.9);
}

TEST_CASE("events: a function that starts at zero counts only after it has left it") {
  auto field = falling_body();
  auto ground = first_component_is(0);
  // Thrown up from the ground with speed 4: back at t = 1.
  Solver<double> solver(adaptive_options(*find_method("tsit5"), 1e-9, 1e-9));
  const SolveReport& report =
      solver.solve(field, column({0, 4}), column({0, 3}), {.events = {&ground}});
  REQUIRE(report.events.size() == 1);
  CHECK(report.events[0].t == doctest::Approx(1).epsilon(1e-12));
}

TEST_CASE(
    "events: two crossings within a hundredth of a step are both found, and a touch is none") {
  // Thrown up with v = 1 where f(x) = (v, -2): the height is t - t^2, at most a quarter at t = 1/2.
  auto field = formula_field<double, 2>([](auto, const auto* y, const auto*, auto* dy) {
    dy[0] = y[1];
    dy[1] = 0 * y[0] - 2;
  });
  for (const char* method : {"rk4", "dopri5", "bosh3"}) {
    for (const double apart : {0.1, 1e-2, 1e-3, 1e-5}) {
      CAPTURE(std::string(method));
      CAPTURE(apart);
      auto event = formula_event<double, 2, 0>(
          [apart](auto, const auto* y, const auto*) { return y[0] - (0.25 - apart * apart / 4); });
      event.ends = false;
      Solver<double> solver(fixed_options(*find_method(method), 1));
      const SolveReport& report =
          solver.solve(field, column({0, 1}), column({0, 1}), {.events = {&event}});
      REQUIRE(report.events.size() == 2);
      CHECK(report.events[0].t == doctest::Approx(0.5 - apart / 2).epsilon(1e-9));
      CHECK(report.events[1].t == doctest::Approx(0.5 + apart / 2).epsilon(1e-9));
    }
  }
  const auto above = first_component_is(0.25 + 1e-9);
  Solver<double> solver(fixed_options(*find_method("rk4"), 1));
  CHECK(solver.solve(field, column({0, 1}), column({0, 1}), {.events = {&above}}).events.empty());
}
