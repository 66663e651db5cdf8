// The front door: solve(field, y0, times, options), and the method of a solve by its name.
#include <doctest/doctest.h>

#include <cmath>
#include <span>
#include <string>
#include <vector>

#include "engine/ode/formula_field.h"
#include "engine/ode/solve.h"
#include "engine/ode/solver.h"
#include "tests/support/formula_event.h"
#include "tests/support/methods.h"

using namespace neural_ode;
using testing::column;

namespace {

// Turns the plane: y(t) = (cos t, -sin t) from (1, 0).
auto rotation() {
  return formula_field<double, 2>([](auto, const auto* y, auto* dy) {
    dy[0] = y[1];
    dy[1] = -y[0];
  });
}

}  // namespace

TEST_CASE("solve: a list of numbers is one sample, and the states are the solution at the times") {
  auto field = rotation();
  const Solution y = solve(field, {1, 0}, {0, 0.5, 2}, {.method = "dopri5", .rtol = 1e-10});
  REQUIRE(y);
  REQUIRE(y.states.size() == 3);
  CHECK(y.times == column({0, 0.5, 2}));
  for (Index i = 0; i < 3; ++i) {
    const double t = y.times(i);
    const Matrix<double>& state = y.states[static_cast<std::size_t>(i)];
    CHECK((state - column({std::cos(t), -std::sin(t)})).norm() < 1e-8);
  }
  CHECK(y.report.message() == "ok");
}

TEST_CASE("solve: lists, vectors, spans and matrices say the same, and so does a Solver") {
  auto field = rotation();
  const SolverOptions options = {.method = "tsit5", .rtol = 1e-7};
  Solver<double> solver(options);
  solver.solve(field, column({1, 0}), column({0, 1, 3}));
  const std::vector<double> list = {0, 1, 3};
  const Vector<double> y0 = column({1, 0}), times = column({0, 1, 3});
  for (const Solution<double>& y :
       {solve(field, {1, 0}, {0, 1, 3}, options), solve(field, y0, list, options),
        solve(field, column({1, 0}), std::span<const double>(list), options),
        solve(field, 1.0 * y0, times, options)}) {
    CHECK(y.states == solver.states());
    CHECK(y.report.nfe() == solver.report().nfe());
  }
}

TEST_CASE("solve: a matrix is a batch, each sample with times of its own if they are one too") {
  auto field = rotation();
  const Matrix<double> y0{{1, 0}, {0, 1}}, times{{0, 1}, {1, 4}};
  const Solution y = solve(field, y0, times);
  REQUIRE(y);
  CHECK(y.times == times);
  CHECK((y.states[1].col(0) - column({std::cos(1), -std::sin(1)})).norm() < 1e-5);
  CHECK((y.states[1].col(1) - column({std::sin(3), std::cos(3)})).norm() < 1e-5);
}

TEST_CASE("solve: who names no method gets dopri5") {
  auto field = rotation();
  const Solution own = solve(field, {1, 0}, {0, 9}, {.rtol = 1e-4});
  const Solution named = solve(field, {1, 0}, {0, 9}, {.method = "dopri5", .rtol = 1e-4});
  REQUIRE(own);
  CHECK(own.states == named.states);
  CHECK(own.report.nfe() == named.report.nfe());
  // A Solver has no default.
  Solver<double> solver(SolverOptions{});
  CHECK(solver.solve(field, column({1, 0}), column({0, 1})).message() ==
        "solver: expected a method");
}

TEST_CASE("solve: an unknown method is named, with what there is and what was meant") {
  auto field = rotation();
  const Solution y = solve(field, {1, 0}, {0, 1}, {.method = "dopri6"});
  CHECK_FALSE(y);
  CHECK(y.report.status == SolveStatus::invalid);
  CHECK(y.states.empty());
  const std::string message = y.report.message();
  CHECK(message.rfind("unknown method 'dopri6'; there are: euler, ", 0) == 0);
  CHECK(message.find("did you mean 'dopri5'?") != std::string::npos);
}

TEST_CASE("solve: what does not fit is said, in a word about what was expected") {
  auto field = rotation();
  CHECK(solve(field, {1, 0, 0}, {0, 1}).report.message() == "y0: expected 2 components, found 3");
  CHECK(solve(field, {1, 0}, {0, 1, 1}).report.message() ==
        "times: expected strictly increasing or strictly decreasing numbers");
  CHECK(solve(field, {1, 0}, {}).report.message() == "times: expected at least one");
}

TEST_CASE("solve: a terminal event ends it, where it was then") {
  auto field = rotation();
  const auto axis = testing::formula_event<double, 2, 0>(
      [](auto, const auto* y, const auto*) { return y[0]; });  // zero at pi / 2
  const Solution y = solve(field, {1, 0}, {0, 1, 3}, {.rtol = 1e-10, .atol = 1e-10}, {&axis});
  REQUIRE(y);
  CHECK(y.report.status == SolveStatus::event);
  CHECK(y.times(2) == doctest::Approx(std::acos(0.0)).epsilon(1e-8));
  CHECK((y.states[2] - column({0, -1})).norm() < 1e-8);
}

TEST_CASE("formula field: one without parameters need not name them, derivatives and all") {
  auto field =
      formula_field<double, 1>([](auto t, const auto* y, auto* dy) { dy[0] = t * y[0] * y[0]; });
  const Vector<double> t{{3}};
  const Matrix<double> y{{5}}, a{{2}};
  Matrix<double> dy(1, 1), y_bar = Matrix<double>::Zero(1, 1);
  Vector<double> none, t_bar = Vector<double>::Zero(1);
  field.eval(t, y, dy);
  CHECK(dy(0) == 75);
  field.vjp(t, y, a, y_bar, none, t_bar);
  CHECK(y_bar(0) == 2 * 3 * 10);
  CHECK(t_bar[0] == 2 * 25);
}

TEST_CASE("method: reads as a pointer to its table, by name or by table") {
  const Method named = "rk4", text = std::string("rk4"), table = find_method("rk4");
  for (const Method& method : {named, text, table}) {
    REQUIRE(method);
    CHECK(method == find_method("rk4"));
    CHECK(method->order == 4);
    CHECK((*method).name == "rk4");
    CHECK(method.check());
  }
  CHECK(Method() == nullptr);
  CHECK(Method().missing());
  CHECK(Method("rk5") == nullptr);
  CHECK_FALSE(Method("rk5").missing());
  CHECK_FALSE(Method("rk5").check());
}
