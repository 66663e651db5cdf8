// Where solving the state backwards goes wrong, and what is said about it.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/fields/systems.h"
#include "engine/ode/formula_field.h"
#include "tests/support/methods.h"
#include "tests/support/strategies.h"

using namespace neural_ode;
using namespace neural_ode::testing;

namespace {

// y' = -theta y.
auto decay(double rate) {
  return formula_field<double, 1, 1>(
      [](auto, const auto* y, const auto* p, auto* dy) { dy[0] = -p[0] * y[0]; }, column({rate}));
}

SolverOptions dopri5(double tolerance) {
  return adaptive_options(*find_method("dopri5"), tolerance, tolerance);
}

// L = sum over times and components of the states.
struct Answer {
  SolveReport report;
  Matrix<double> y0_bar, theta_bar;
};

Answer gradient_of_sum(const char* strategy, const GradientOptions& options,
                       VectorField<double>& field, const Matrix<double>& y0,
                       const Matrix<double>& times, double tolerance) {
  const auto gradient = find_gradient(strategy)->make<double>(dopri5(tolerance), options);
  REQUIRE(gradient->forward(field, y0, times).status == SolveStatus::ok);
  const std::vector<Matrix<double>> ones(static_cast<std::size_t>(times.rows()),
                                         Matrix<double>::Ones(y0.rows(), 1));
  Answer answer;
  answer.report = gradient->backward(field, ones);
  answer.y0_bar = gradient->y0_bar();
  answer.theta_bar = gradient->theta_bar();
  return answer;
}

double relative_difference(const Matrix<double>& found, const Matrix<double>& expected) {
  return (found - expected).cwiseAbs().maxCoeff() / expected.cwiseAbs().maxCoeff();
}

Matrix<double> equidistant(double end, int count) {
  return Vector<double>::LinSpaced(count, 0, end);
}

}  // namespace

TEST_CASE("backsolve: a fast decay is unstable backwards and its rate's gradient wrong by far") {
  constexpr double rate = 20;
  auto field = decay(rate);
  const Matrix<double> times = equidistant(1.5, 7);
  double y0_bar = 0, rate_bar = 0;
  for (const double t : times.reshaped()) {
    y0_bar += std::exp(-rate * t);
    rate_bar -= t * std::exp(-rate * t);
  }
  const auto error = [&](const char* strategy, const GradientOptions& options = {}) {
    const Answer answer = gradient_of_sum(strategy, options, field, column({1}), times, 1e-8);
    CAPTURE(std::string(strategy));
    REQUIRE(answer.report.status == SolveStatus::ok);
    REQUIRE(std::isfinite(answer.theta_bar(0)));
    // lambda does not depend on y: this is right whatever becomes of y.
    CHECK(answer.y0_bar(0) == doctest::Approx(y0_bar).epsilon(1e-6));
    return std::abs(answer.theta_bar(0) - rate_bar) / std::abs(rate_bar);
  };
  CHECK(error("discrete") < 1e-4);
  CHECK(error("interpolated") < 1e-4);
  CHECK(error("backsolve") > 1000);
  CHECK(error("backsolve", {.seminorm = false}) > 1000);
  CHECK(error("backsolve", {.reset = true}) < 1e-4);
}

TEST_CASE("backsolve: of Lorenz' attractor the gradient is lost, and repaired by resets") {
  const auto field = find_system("lorenz")->make();
  const Matrix<double> y0 = column({1, 1, 1}), times = equidistant(3, 31);
  const auto answer = [&](const char* strategy, const GradientOptions& options = {}) {
    return gradient_of_sum(strategy, options, *field, y0, times, 1e-10);
  };
  const Answer discrete = answer("discrete");
  const auto error = [&](const Answer& found) {
    REQUIRE(found.report.status == SolveStatus::ok);
    return std::max(relative_difference(found.y0_bar, discrete.y0_bar),
                    relative_difference(found.theta_bar, discrete.theta_bar));
  };
  const double lost = error(answer("backsolve"));
  CHECK(error(answer("interpolated")) < 1e-6);
  CHECK(std::isfinite(lost));
  CHECK(lost > 1);
  CHECK(error(answer("backsolve", {.reset = true})) < 1e-6);
}

TEST_CASE("backsolve: a state that overflows on its way back is reported, not answered with NaN") {
  auto field = decay(20);
  const Matrix<double> times = column({0, 60});
  CHECK(gradient_of_sum("discrete", {}, field, column({1}), times, 1e-8).report.succeeded());
  CHECK(gradient_of_sum("interpolated", {}, field, column({1}), times, 1e-8).report.succeeded());
  for (const bool seminorm : {false, true}) {
    const SolveReport report =
        gradient_of_sum("backsolve", {.seminorm = seminorm}, field, column({1}), times, 1e-8)
            .report;
    CHECK_FALSE(report.succeeded());
    CHECK(report.sample == 0);
    CHECK(report.t > 0);
    CHECK(report.t < 60);
    CHECK_FALSE(report.message().empty());
  }
}
