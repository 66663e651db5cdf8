// The gradient strategies compared: discrete, interpolated and backsolve.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/support/gradient_case.h"
#include "tests/support/published_gradients.h"
#include "tests/support/strategies.h"

using namespace neural_ode;
using namespace neural_ode::testing;

namespace {

SolverOptions adaptive(const char* method, double tolerance) {
  return adaptive_options(*find_method(method), tolerance, tolerance);
}

// Zero but for the last.
template <class Scalar>
std::vector<Matrix<Scalar>> end_weights(Index times, const Matrix<Scalar>& last) {
  std::vector<Matrix<Scalar>> bars(static_cast<std::size_t>(times),
                                   Matrix<Scalar>::Zero(last.rows(), last.cols()));
  bars.back() = last;
  return bars;
}

template <class Scalar>
double largest_difference(const Matrix<Scalar>& found, const Matrix<double>& expected) {
  return (found.template cast<double>() - expected).cwiseAbs().maxCoeff() /
         expected.cwiseAbs().maxCoeff();
}

// The error of y0_bar and theta_bar with these times and a batch of equal samples.
template <class Scalar>
double published_error(const PublishedGradient& published, VectorField<Scalar>& field,
                       Gradient<Scalar>& gradient, const Matrix<double>& times, Index batch) {
  const Matrix<Scalar> y0 = published.y0.cast<Scalar>().replicate(1, batch);
  REQUIRE(gradient.forward(field, y0, times).status == SolveStatus::ok);
  REQUIRE(
      gradient.backward(field, end_weights<Scalar>(times.rows(), Matrix<Scalar>::Ones(2, batch)))
          .status == SolveStatus::ok);
  const Matrix<Scalar> theta_bar = gradient.theta_bar() / static_cast<Scalar>(batch);
  return std::max(
      largest_difference<Scalar>(gradient.y0_bar(), published.y0_bar.replicate(1, batch)),
      largest_difference<Scalar>(theta_bar, published.a_bar));
}

template <class Scalar>
double published_error(const PublishedGradient& published, VectorField<Scalar>& field,
                       Gradient<Scalar>& gradient) {
  const double t0 = published.t0, t1 = published.t1, span = t1 - t0;
  double largest = 0;
  for (const Matrix<double>& times :
       {column({t0, t1}),
        column({t0, t0 + 1e-3 * span, t0 + 0.4 * span, t0 + 0.401 * span, t0 + 0.9 * span, t1})}) {
    for (const Index batch : {1, 3})
      largest =
          std::max(largest, published_error<Scalar>(published, field, gradient, times, batch));
  }
  return largest;
}

}  // namespace

TEST_CASE("strategies: all have the published gradients, whatever times are saved, in batches") {
  auto rotation = damped_rotation<double>();
  auto spiral = cubic_spiral<double>();
  for (const char* method : {"dopri5", "tsit5", "dopri8", "kvaerno5"}) {
    const SolverOptions options = adaptive(method, 1e-11);
    for (const Strategy& strategy : strategies()) {
      CAPTURE(std::string(method));
      CAPTURE(strategy.name);
      const auto gradient = strategy.make(options);
      const double a = published_error<double>(damped_rotation_gradient(), rotation, *gradient);
      const double b = published_error<double>(cubic_spiral_gradient(), spiral, *gradient);
      const double bound = options.method->implicit() ? 3e-8 : 1e-9;
      CHECK(a < bound);
      CHECK(b < bound);
    }
  }
}

TEST_CASE("strategies: in float they are as close as float allows") {
  auto rotation = damped_rotation<float>();
  auto spiral = cubic_spiral<float>();
  for (const char* method : {"dopri5", "tsit5", "kvaerno5"}) {
    const SolverOptions options = adaptive(method, 1e-6);
    for (const Strategy& strategy : strategies()) {
      CAPTURE(std::string(method));
      CAPTURE(strategy.name);
      const auto gradient = strategy.make<float>(options);
      const double a = published_error<float>(damped_rotation_gradient(), rotation, *gradient);
      const double b = published_error<float>(cubic_spiral_gradient(), spiral, *gradient);
      const double bound = options.method->implicit() ? 3e-4 : 3e-5;
      CHECK(a < bound);
      CHECK(b < bound);
    }
  }
}

TEST_CASE("strategies: gradients in states, parameters and times match differences, both ways") {
  for (const bool reversed : {false, true}) {
    GradientCase problem = reversed ? driven_pendulums() : forced_swirl();
    if (reversed) problem.times = problem.times.colwise().reverse().eval();
    const SolverOptions reference = adaptive("dopri8", 1e-14);
    const auto loss = [&] { return problem.loss(reference); };
    const GradientValues expected = differences(problem, loss, 1.5e-3, 1.5e-3);
    for (const char* method : {"dopri5", "dopri8", "kvaerno5"}) {
      for (const Strategy& strategy : strategies()) {
        CAPTURE(reversed);
        CAPTURE(std::string(method));
        CAPTURE(strategy.name);
        const auto gradient = problem.pulled_back(strategy.make(adaptive(method, 1e-11)));
        // The outputs of kvaerno5 within a step are cubic.
        const double bound = find_method(method)->implicit() ? 3e-8 : 1e-8;
        CHECK(relative_error(*gradient, expected) < bound);
        CHECK(relative_time_error(*gradient, expected) < bound);
      }
    }
  }
}

TEST_CASE("strategies: fixed steps of the continuous adjoint converge to the discrete one") {
  GradientCase problem = forced_swirl();
  for (const Strategy& strategy : strategies()) {
    if (!strategy.strategy->continuous) continue;
    CAPTURE(strategy.name);
    std::vector<double> errors;
    for (const double h : {0.04, 0.02, 0.01}) {
      const SolverOptions options = fixed_options(*find_method("rk4"), h);
      const auto discrete = problem.pulled_back(make_discrete<double>(options, {.times = false}));
      const auto gradient = problem.pulled_back(strategy.make(options));
      errors.push_back(relative_error(
          *gradient, {discrete->y0_bar(), discrete->theta_bar(), discrete->times_bar()}));
    }
    CHECK(errors[2] < 1e-7);
    CHECK(std::log2(errors[0] / errors[2]) / 2 > 3.5);
  }
}

TEST_CASE("strategies: dL/dt of an output is f . y_bar, and an autonomous field's sum to zero") {
  auto field = cubic_spiral<double>();
  GradientCase problem = forced_swirl();
  for (const Strategy& strategy : strategies()) {
    CAPTURE(strategy.name);
    const auto gradient = strategy.make(adaptive("dopri5", 1e-11));
    REQUIRE(gradient->forward(field, problem.y0, problem.times).status == SolveStatus::ok);
    REQUIRE(gradient->backward(field, problem.weights).status == SolveStatus::ok);
    for (Index s = 0; s < 3; ++s) {
      CHECK(std::abs(gradient->times_bar().col(s).sum()) < 1e-8);
      for (Index i = 1; i < 4; ++i) {
        const auto row = static_cast<std::size_t>(i);
        const double u = gradient->states()[row](0, s), v = gradient->states()[row](1, s);
        const double fu = -0.1 * u * u * u - 2 * v * v * v, fv = 2 * u * u * u - 0.1 * v * v * v;
        CHECK(gradient->times_bar()(i, s) ==
              doctest::Approx(fu * problem.weights[row](0, s) + fv * problem.weights[row](1, s))
                  .epsilon(1e-12));
      }
    }
  }
}

TEST_CASE("strategies: a parameter that is not used gets exactly zero") {
  // Two decays side by side, of which the loss sees the first; the last parameter does nothing.
  auto field = formula_field<double, 2, 3>(
      [](auto, const auto* y, const auto* p, auto* dy) {
        dy[0] = -p[0] * y[0];
        dy[1] = -p[1] * y[1];
      },
      column({0.5, 0.3, 7}));
  for (const char* method : {"dopri5", "kvaerno5"}) {
    for (const Strategy& strategy : strategies()) {
      CAPTURE(strategy.name);
      const auto gradient = strategy.make(adaptive(method, 1e-8));
      REQUIRE(gradient->forward(field, column({1, 2}), column({0, 1})).status == SolveStatus::ok);
      gradient->backward(field, end_weights<double>(2, column({1, 0})));
      CHECK(gradient->theta_bar()[0] == doctest::Approx(-std::exp(-0.5)).epsilon(1e-6));
      CHECK(gradient->theta_bar()[1] == 0);
      CHECK(gradient->theta_bar()[2] == 0);
      CHECK(gradient->y0_bar()(1, 0) == 0);
    }
  }
}

TEST_CASE("strategies: the continuous ones refuse methods that they cannot use backwards") {
  GradientCase problem = driven_pendulums();
  for (const char* method : {"abm4", "semi_implicit_euler", "leapfrog"}) {
    for (const Strategy& strategy : strategies()) {
      const auto gradient = strategy.make(fixed_options(*find_method(method), 0.1));
      REQUIRE(gradient->forward(*problem.field, problem.y0, problem.times).status ==
              SolveStatus::ok);
      const SolveReport& report = gradient->backward(*problem.field, problem.weights);
      if (strategy.strategy->continuous) {
        CHECK(report.status == SolveStatus::invalid);
        CHECK(report.message().find("the discrete gradient takes it") != std::string::npos);
      } else {
        CHECK(report.status == SolveStatus::ok);
      }
    }
  }
}

TEST_CASE("strategies: back to an output nearer than a step the continuous ones take one step") {
  auto field = cubic_spiral<double>();
  constexpr Index intervals = 100;
  const Matrix<double> times = Vector<double>::LinSpaced(intervals + 1, 0, 1);
  const std::vector<Matrix<double>> bars(static_cast<std::size_t>(intervals + 1),
                                         column({1, -0.5}));
  const auto discrete = make_discrete<double>(adaptive("dopri5", 1e-12), {.times = false});
  REQUIRE(discrete->forward(field, column({1, 0}), times).status == SolveStatus::ok);
  REQUIRE(discrete->backward(field, bars).status == SolveStatus::ok);
  for (const char* name : {"interpolated", "backsolve"}) {
    CAPTURE(std::string(name));
    const auto gradient =
        find_gradient(name)->make<double>(adaptive("dopri5", 1e-6), {.times = false});
    REQUIRE(gradient->forward(field, column({1, 0}), times).status == SolveStatus::ok);
    const SolveReport& report = gradient->backward(field, bars);
    REQUIRE(report.status == SolveStatus::ok);
    CHECK(report.accepted == intervals);
    CHECK(report.rejected == 0);
    // The slope after the cotangent's jump and six more; five stages have a weight in theta's, and
    // two more products tell how good their sum is.
    CHECK(gradient->nvjp() == intervals * (7 + 5 + 2));
    CHECK(gradient->nfe_backward() == (std::string(name) == "backsolve" ? intervals * 7 : 0));
    CHECK(largest_difference<double>(gradient->y0_bar(), discrete->y0_bar()) < 1e-5);
    CHECK(largest_difference<double>(gradient->theta_bar(), discrete->theta_bar()) < 1e-5);
  }
}

TEST_CASE("seminorm: costs no more steps or evaluations backwards than the full norm") {
  const GradientCase problems[] = {GradientCase(damped_rotation<double>()),
                                   GradientCase(cubic_spiral<double>()), forced_swirl(),
                                   driven_pendulums()};
  const Matrix<double> times = column({0, 1, 3});
  for (const char* name : {"interpolated", "backsolve"}) {
    Count all_steps[2] = {};
    for (const char* method : {"dopri5", "tsit5", "dopri8", "bosh3"}) {
      for (const double tolerance : {1e-3, 1e-5, 1e-7, 1e-9}) {
        for (const GradientCase& problem : problems) {
          CAPTURE(std::string(name));
          CAPTURE(std::string(method));
          CAPTURE(tolerance);
          const Matrix<double> y0 = problem.y0.leftCols(1);
          const Matrix<double> weight = Matrix<double>::Ones(y0.rows(), 1);
          Count steps[2];
          Count nfe[2];
          for (const bool seminorm : {false, true}) {
            const auto gradient = find_gradient(name)->make<double>(
                adaptive(method, tolerance), {.times = false, .seminorm = seminorm});
            REQUIRE(gradient->forward(*problem.field, y0, times).status == SolveStatus::ok);
            const SolveReport& report =
                gradient->backward(*problem.field, {weight, weight, weight});
            REQUIRE(report.status == SolveStatus::ok);
            steps[seminorm] = report.accepted + report.rejected;
            nfe[seminorm] = gradient->nfe_backward();
            all_steps[seminorm] += steps[seminorm];
          }
          // One step: a smaller norm can lead to a step that is then rejected.
          CHECK(steps[1] <= steps[0] + 1);
          CHECK(nfe[1] <= nfe[0] + find_method(method)->stages - 1);
        }
      }
    }
    CHECK(all_steps[1] < all_steps[0]);
  }
}
