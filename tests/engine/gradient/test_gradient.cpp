// The discrete adjoint; test_adjoints.cpp compares the strategies.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/core/rng.h"
#include "engine/gradient/gradient.h"
#include "engine/gradient/sample_field.h"
#include "tests/support/fields.h"
#include "tests/support/gradient_case.h"

using namespace neural_ode;
using namespace neural_ode::testing;

namespace {

SolverOptions adaptive(const char* method, double tolerance) {
  return adaptive_options(*find_method(method), tolerance, tolerance);
}

}  // namespace

TEST_CASE("field view: a short field keeps its way without views") {
  struct Counted final : VectorField<double> {
    int views = 0, columns = 0;
    Index dim() const override { return 1; }
    void eval(TimesIn, MatrixIn<double> y, MatrixOut<double> dy) override {
      ++views;
      dy = -y;
    }
    void eval_columns(Index n, const double*, const double* y, double* dy) override {
      ++columns;
      for (Index i = 0; i < n; ++i) dy[i] = -y[i];
    }
    void vjp(TimesIn, MatrixIn<double>, MatrixIn<double>, MatrixOut<double>, VectorOut<double>,
             TimesOut) override {}
  } field;
  SampleField<double> view;
  view.bind(field);
  Solver<double> solver({.method = "rk4", .step_size = 0.5});
  REQUIRE(solver.solve(view, Matrix<double>::Ones(1, 1), Matrix<double>{{0}, {1}}).succeeded());
  CHECK(field.columns == 8);
  CHECK(field.views == 0);
}

TEST_CASE("discrete adjoint: matches differences of the same fixed steps for every method") {
  GradientCase cases[] = {forced_swirl(), driven_pendulums()};
  for (GradientCase& problem : cases) {
    for (const ButcherTableau* method : methods()) {
      CAPTURE(std::string(method->name));
      // abm4 takes three steps of rk4 first.
      const SolverOptions options = fixed_options(*method, 0.07);
      const auto gradient = problem.pulled_back(make_discrete<double>(options));
      // Times move by too little to change the number of steps.
      const auto loss = [&] { return problem.loss(options); };
      const GradientValues expected = differences(problem, loss, 2e-3, 5e-4);
      CHECK(relative_error(*gradient, expected) < 1e-9);
      CHECK(relative_time_error(*gradient, expected) < 1e-9);
    }
  }
}

TEST_CASE("discrete adjoint: is the gradient of an adaptive solve's own steps and interpolants") {
  // Loose, so that steps are long and have outputs inside.
  GradientCase cases[] = {forced_swirl(), driven_pendulums()};
  for (GradientCase& problem : cases) {
    for (const ButcherTableau* method : methods()) {
      if (!method->adaptive()) continue;
      CAPTURE(std::string(method->name));
      // An implicit stage is solved to a part of the tolerance, and backwards to rounding.
      const double tolerance = method->implicit() ? 1e-8 : 1e-3;
      const double bound = method->implicit() ? 5e-7 : 1e-9;
      const SolverOptions options = adaptive_options(*method, tolerance, tolerance);
      const FrozenSteps frozen(problem, options);
      const auto gradient = problem.pulled_back(make_discrete<double>(options));
      const auto loss = [&] { return frozen.loss(); };
      CHECK(relative_error(*gradient, differences(problem, loss, 2e-3, 0)) < bound);
    }
  }
}

TEST_CASE("discrete adjoint: tight adaptive solves have the gradients of the solution itself") {
  GradientCase cases[] = {forced_swirl(), driven_pendulums()};
  for (GradientCase& problem : cases) {
    const SolverOptions reference = adaptive("dopri8", 1e-14);
    const auto loss = [&] { return problem.loss(reference); };
    const GradientValues expected = differences(problem, loss, 1.5e-3, 1.5e-3);
    for (const ButcherTableau* method : methods()) {
      if (!method->adaptive() || method->order < 5) continue;
      CAPTURE(std::string(method->name));
      const SolverOptions options = adaptive_options(*method, 1e-11, 1e-11);
      const auto gradient = problem.pulled_back(make_discrete<double>(options));
      // Hermite's interpolant is of order 3, whatever the method.
      const double bound = method->dense_order > 0 ? 2e-9 : 1e-7;
      CHECK(relative_error(*gradient, expected) < bound);
      CHECK(relative_time_error(*gradient, expected) < bound);
    }
  }
}

TEST_CASE("discrete adjoint: steps of a linear field transpose exactly (dot-product test)") {
  // The solve of a linear field is linear in y0: <w, S v> = <S^T w, v>.
  Rng rng(5);
  Matrix<double> a(4, 4);
  for (Index i = 0; i < 16; ++i) a.data()[i] = 0.5 * rng.normal();
  PowerField field(a);
  for (const ButcherTableau* method : methods()) {
    CAPTURE(std::string(method->name));
    for (const int steps : {1, 6}) {
      CAPTURE(steps);
      Matrix<double> v(4, 2), w(4, 2);
      for (Index i = 0; i < 8; ++i) {
        v.data()[i] = rng.normal();
        w.data()[i] = rng.normal();
      }
      const auto gradient = make_discrete<double>(fixed_options(*method, 1.0 / steps));
      gradient->forward(field, v, column({0, 1}));
      const Matrix<double>& end = gradient->states()[1];
      gradient->backward(field, {Matrix<double>::Zero(4, 2), w});
      const double difference =
          (w.array() * end.array()).sum() - (gradient->y0_bar().array() * v.array()).sum();
      CHECK(std::abs(difference) < 1e-13 * w.norm() * end.norm());
    }
  }
}

TEST_CASE("discrete adjoint: time gradients of an autonomous field sum to zero") {
  PowerField field((Matrix<double>(2, 2) << -0.3, 0.8, -0.9, -0.2).finished(), 3);
  for (const SolverOptions& options : {adaptive("dopri5", 1e-11), adaptive("tsit5", 1e-11),
                                       fixed_options(*find_method("rk4"), 0.05)}) {
    const GradientCase problem = forced_swirl();
    const auto gradient = make_discrete<double>(options);
    gradient->forward(field, problem.y0, problem.times);
    gradient->backward(field, problem.weights);
    for (Index s = 0; s < 3; ++s) {
      CHECK(std::abs(gradient->times_bar().col(s).sum()) < 1e-8);
      CHECK(gradient->times_bar().col(s).norm() > 0.01);
    }
    // One column of shared times gets the sum over samples.
    const Matrix<double> shared = problem.times.col(0);
    gradient->forward(field, problem.y0, shared);
    gradient->backward(field, problem.weights);
    const Matrix<double> together = gradient->times_bar();
    gradient->forward(field, problem.y0, shared.replicate(1, 3));
    gradient->backward(field, problem.weights);
    CHECK((together - gradient->times_bar().rowwise().sum()).norm() < 1e-12);
  }
}

TEST_CASE("discrete adjoint: costs are measured, and times can be left out") {
  const GradientCase problem = forced_swirl();
  const auto with_times = problem.pulled_back(make_discrete<double>(adaptive("dopri5", 1e-8)));
  const auto without =
      problem.pulled_back(make_discrete<double>(adaptive("dopri5", 1e-8), {.times = false}));
  CHECK(without->times_bar().size() == 0);
  CHECK((without->y0_bar().array() == with_times->y0_bar().array()).all());
  CHECK((without->theta_bar().array() == with_times->theta_bar().array()).all());
  CHECK(with_times->nfe_backward() == without->nfe_backward() + 4);
  CHECK(without->nvjp() > without->nfe_backward());
  CHECK(without->state_bytes() > 0);

  const auto rk4 = make_discrete<double>(fixed_options(*find_method("rk4"), 0.1), {.times = false});
  rk4->forward(*problem.field, problem.y0, column({0, 1}));
  rk4->backward(*problem.field, {problem.weights[0], problem.weights[1]});
  CHECK(rk4->nvjp() == 40);
  CHECK(rk4->nfe_backward() == 30);
  CHECK(rk4->state_bytes() > 10 * sizeof(double) * 6);
}

TEST_CASE("discrete adjoint: backward without a finished forward is refused") {
  GradientCase problem = forced_swirl();
  const auto gradient = make_discrete<double>(adaptive("dopri5", 1e-8));
  CHECK(gradient->backward(*problem.field, problem.weights).status == SolveStatus::invalid);
  gradient->forward(*problem.field, problem.y0, problem.times);
  problem.weights.pop_back();
  CHECK(gradient->backward(*problem.field, problem.weights).status == SolveStatus::invalid);
}
