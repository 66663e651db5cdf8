#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/analysis/batch_cost.h"
#include "engine/analysis/convergence.h"
#include "engine/analysis/linearisation.h"
#include "engine/analysis/lyapunov.h"
#include "engine/analysis/separable.h"
#include "engine/core/math.h"
#include "engine/fields/systems.h"
#include "engine/ode/formula_field.h"
#include "tests/support/fields.h"

using namespace neural_ode;
using nlohmann::json;

namespace {

// sigma = 10, rho = 28, beta = 8/3.
auto lorenz() {
  return formula_field<double, 3>([](auto, const auto* y, const auto*, auto* dy) {
    dy[0] = 10.0 * (y[1] - y[0]);
    dy[1] = y[0] * (28.0 - y[2]) - y[1];
    dy[2] = y[0] * y[1] - 8.0 / 3.0 * y[2];
  });
}

Matrix<double> spiral_matrix() {
  return (Matrix<double>(2, 2) << -0.1, -1, 1, -0.1).finished();
}

SolverOptions adaptive(const char* name) {
  SolverOptions options;
  options.method = find_method(name);
  return options;
}

// y' = y cos t, y(0) = 1: y = e^sin t.
auto cosine_growth() {
  return formula_field<double, 1>(
      [](auto t, const auto* y, const auto*, auto* dy) { dy[0] = y[0] * math::cos(t); });
}

ConvergenceProblem cosine_problem(VectorField<double>& field) {
  return {
      &field, Vector<double>::Ones(1), 0, 5, Vector<double>::Constant(1, std::exp(std::sin(5.0))),
      0};
}

}  // namespace

TEST_CASE("linearisation: of Lorenz at the origin is known in closed form") {
  auto field = lorenz();
  const auto found = linearise(field, 0, Vector<double>::Zero(3));
  REQUIRE(found);
  const Linearisation& at = found.value();
  // Two eigenvalues of [-10 10; 28 -1], and -8/3 by itself.
  const double root = std::sqrt(1201.0);
  REQUIRE(at.eigenvalues.size() == 3);
  CHECK(at.eigenvalues[0].real() == doctest::Approx((-11 + root) / 2).epsilon(1e-12));
  CHECK(at.eigenvalues[1].real() == doctest::Approx(-8.0 / 3).epsilon(1e-12));
  CHECK(at.eigenvalues[2].real() == doctest::Approx((-11 - root) / 2).epsilon(1e-12));
  for (const auto& eigenvalue : at.eigenvalues) CHECK(eigenvalue.imag() == 0);
  CHECK(at.spectral_radius == doctest::Approx((11 + root) / 2).epsilon(1e-12));
  CHECK(at.divergence == doctest::Approx(-41.0 / 3).epsilon(1e-14));
  CHECK(at.jacobian(1, 0) == 28);
}

TEST_CASE("linearisation: at a fixed point of Lorenz the eigenvalues solve its cubic") {
  // C+ = (q, q, 27), q = sqrt(72): l^3 + 41/3 l^2 + 304/3 l + 1440 = 0.
  auto field = lorenz();
  const double q = std::sqrt(72.0);
  const auto at = linearise(field, 0, Vector<double>((Vector<double>(3) << q, q, 27).finished()));
  REQUIRE(at);
  for (const auto& l : at.value().eigenvalues) {
    CHECK(std::abs(((l + 41.0 / 3) * l + 304.0 / 3) * l + 1440.0) < 1e-9);
  }
  const auto& values = at.value().eigenvalues;
  CHECK(values[0].imag() > 0);
  CHECK(values[0] == std::conj(values[1]));
  CHECK(values[0].real() == doctest::Approx(0.0939556));
}

TEST_CASE("linearisation: follows the solution") {
  // y' = y^2 has df/dy = 2y, and y = 1 / (1 - t) from 1.
  auto field = formula_field<double, 1>(
      [](auto, const auto* y, const auto*, auto* dy) { dy[0] = y[0] * y[0]; });
  SolverOptions options = adaptive("tsit5");
  options.rtol = options.atol = 1e-10;
  const double times[] = {0, 0.25, 0.5};
  const auto along = linearise_along(field, Vector<double>::Ones(1), times, options);
  REQUIRE(along);
  REQUIRE(along.value().size() == 3);
  for (const Linearisation& at : along.value()) {
    CHECK(at.eigenvalues[0].real() == doctest::Approx(2 / (1 - at.t)).epsilon(1e-8));
    CHECK(at.y[0] == doctest::Approx(1 / (1 - at.t)).epsilon(1e-8));
  }
  const double beyond[] = {0, 2};
  const auto blown_up = linearise_along(field, Vector<double>::Ones(1), beyond, options);
  CHECK_FALSE(blown_up);
  CHECK(blown_up.error().find("t = ") != std::string::npos);
}

TEST_CASE("linearisation: a state of another size and an infinite Jacobian are refused") {
  auto field = formula_field<double, 1>(
      [](auto, const auto* y, const auto*, auto* dy) { dy[0] = math::sqrt(y[0]); });
  CHECK(linearise(field, 0, Vector<double>::Ones(2)).error() ==
        "y: expected 1 components, found 2");
  CHECK(linearise(field, 3, Vector<double>::Zero(1)).error() ==
        "the Jacobian at t = 3 is not finite");
}

TEST_CASE("lyapunov: of a linear system is the largest real part") {
  PowerField spiral(spiral_matrix());
  LyapunovOptions options;
  options.intervals = 50;
  const Vector<double> y0 = Vector<double>::Ones(2);
  const auto decay = largest_lyapunov(spiral, y0, 0, options);
  REQUIRE(decay);
  CHECK(decay.value().exponent == doctest::Approx(-0.1).epsilon(1e-6));
  CHECK(decay.value().standard_error < 1e-6);
  PowerField saddle((Matrix<double>(2, 2) << 0.3, 5, 0, -2).finished());
  const auto growth = largest_lyapunov(saddle, y0, 0, options);
  REQUIRE(growth);
  CHECK(growth.value().exponent == doctest::Approx(0.3).epsilon(1e-6));
}

TEST_CASE("lyapunov: of Lorenz is 0.9056") {
  auto field = lorenz();
  LyapunovOptions options;
  options.intervals = 2000;
  options.rtol = 1e-6;
  options.atol = 1e-8;
  const auto found = largest_lyapunov(field, Vector<double>::Ones(3), 0, options);
  REQUIRE(found);
  CHECK(found.value().exponent == doctest::Approx(0.9056).epsilon(0.015));
  CHECK(found.value().standard_error > 0.0005);
  CHECK(found.value().standard_error < 0.02);
}

TEST_CASE("lyapunov: options that cannot be used are refused, and a blow-up is told") {
  PowerField spiral(spiral_matrix());
  const Vector<double> y0 = Vector<double>::Ones(2);
  CHECK(largest_lyapunov(spiral, y0, 0, {.intervals = 0}).error() ==
        "intervals: expected at least 1");
  CHECK(largest_lyapunov(spiral, y0, 0, {.interval = 0}).error() ==
        "interval: expected a finite number > 0");
  CHECK(largest_lyapunov(spiral, y0, 0, {.warm_up = -1}).error() ==
        "warm_up: expected a finite number >= 0");
  CHECK(largest_lyapunov(spiral, Vector<double>::Ones(3), 0, {}).error() ==
        "y0: expected 2 components, found 3");
  auto square = formula_field<double, 1>(
      [](auto, const auto* y, const auto*, auto* dy) { dy[0] = y[0] * y[0]; });
  CHECK_FALSE(largest_lyapunov(square, Vector<double>::Ones(1), 0, {}));
}

TEST_CASE("convergence: the measured order of every method is its own") {
  // Turns ever faster: the angle is t + t^2 / 2. Its error has two components, so that it does not
  // pass through zero at some step.
  auto field = formula_field<double, 2>([](auto t, const auto* y, const auto*, auto* dy) {
    dy[0] = -(1.0 + t) * y[1];
    dy[1] = (1.0 + t) * y[0];
  });
  const double t1 = 3, angle = t1 + t1 * t1 / 2;
  const ConvergenceProblem problem{
      &field,
      Vector<double>::Unit(2, 0),
      0,
      t1,
      (Vector<double>(2) << std::cos(angle), std::sin(angle)).finished(),
      0};
  for (const auto* method : methods()) {
    CAPTURE(method->name);
    SolverOptions options;
    options.method = method;
    const MeasuredOrder measured = measure_order(problem, options, method->order >= 8 ? 6 : 16, 9);
    // Where f is linear in y, the leading error term of dopri8 almost vanishes.
    CHECK(measured.order > method->order - 0.25);
    CHECK(measured.order < method->order + (method->name == "dopri8" ? 1.25 : 0.25));
    CHECK(measured.curve.failed.empty());
  }
}

TEST_CASE("convergence: Euler's errors and evaluations are those of its formula") {
  // y' = -y to t = 1: Euler gives (1 - 1/n)^n.
  PowerField field(-Matrix<double>::Ones(1, 1));
  const ConvergenceProblem problem{
      &field, Vector<double>::Ones(1), 0, 1, Vector<double>::Constant(1, std::exp(-1.0)), 0};
  const MeasuredOrder measured = measure_order(problem, adaptive("euler"), 4, 2);
  REQUIRE(measured.curve.points.size() == 3);
  int n = 4;
  for (const ErrorPoint& point : measured.curve.points) {
    CHECK(point.control == 1.0 / n);
    CHECK(point.nfe == n);
    CHECK(point.error == doctest::Approx(1 - std::exp(1.0) * std::pow(1 - 1.0 / n, n)));
    n *= 2;
  }
}

TEST_CASE("convergence: points in the rounding floor do not count") {
  auto field = cosine_growth();
  ConvergenceProblem problem = cosine_problem(field);
  // Down to steps whose error is rounding alone, the slope stays that of the method.
  const MeasuredOrder measured = measure_order(problem, adaptive("dopri5"), 16, 14);
  CHECK(measured.order == doctest::Approx(5).epsilon(0.04));
  CHECK(measured.curve.points.size() < 12);
  // A poor reference hides everything below its own error.
  problem.reference[0] *= 1 + 1e-8;
  problem.reference_error = 1e-8;
  const MeasuredOrder hidden = measure_order(problem, adaptive("rk4"), 16, 14);
  CHECK(hidden.rounding_floor == doctest::Approx(1e-7));
  CHECK(hidden.order == doctest::Approx(4).epsilon(0.07));
  // Nothing above the floor: no slope.
  problem.reference_error = 1;
  CHECK(std::isnan(measure_order(problem, adaptive("rk4"), 16, 4).order));
}

TEST_CASE("convergence: a reference is as good as it says") {
  auto field = cosine_growth();
  const auto problem = with_reference(field, Vector<double>::Ones(1), 0, 5);
  REQUIRE(problem);
  const Vector<double> exact = cosine_problem(field).reference;
  CHECK(relative_error(problem.value().reference, exact) < 1e-12);
  CHECK(problem.value().reference_error < 1e-12);
  // Chaos makes e^(0.9 t) of rounding errors; the estimate knows.
  auto chaos = lorenz();
  const auto wild = with_reference(chaos, Vector<double>::Ones(3), 0, 25);
  REQUIRE(wild);
  CHECK(wild.value().reference_error > 1e-9);
  auto square = formula_field<double, 1>(
      [](auto, const auto* y, const auto*, auto* dy) { dy[0] = y[0] * y[0]; });
  CHECK_FALSE(with_reference(square, Vector<double>::Ones(1), 0, 2));
}

TEST_CASE("work-precision: a tighter tolerance costs more and errs less") {
  auto field = cosine_growth();
  const ConvergenceProblem problem = cosine_problem(field);
  const double tolerances[] = {1e-3, 1e-6, 1e-9};
  const ErrorCurve curve = work_precision(problem, adaptive("tsit5"), tolerances);
  REQUIRE(curve.points.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(curve.points[i].control == tolerances[i]);
    CHECK(curve.points[i].error < 100 * tolerances[i]);
    if (i == 0) continue;
    CHECK(curve.points[i].nfe > curve.points[i - 1].nfe);
    CHECK(curve.points[i].error < curve.points[i - 1].error);
  }
  const double steps[] = {0.5, 0.05};
  const ErrorCurve fixed = work_precision(problem, adaptive("rk4"), steps);
  REQUIRE(fixed.points.size() == 2);
  CHECK(fixed.points[0].nfe == 4 * 10);
  CHECK(fixed.points[1].nfe == 4 * 100);
}

TEST_CASE("work-precision: a solve that does not end is told, not counted") {
  auto square = formula_field<double, 1>(
      [](auto, const auto* y, const auto*, auto* dy) { dy[0] = y[0] * y[0]; });
  const ConvergenceProblem problem{&square, Vector<double>::Ones(1), 0,
                                   2,       Vector<double>::Ones(1), 0};
  const double tolerances[] = {1e-3};
  const ErrorCurve curve = work_precision(problem, adaptive("dopri5"), tolerances);
  CHECK(curve.points.empty());
  REQUIRE(curve.failed.size() == 1);
  CHECK(curve.failed[0].control == 1e-3);
  CHECK(curve.failed[0].status != SolveStatus::ok);
}

TEST_CASE("work-precision: a stiff method is what a stiff problem wants") {
  // Van der Pol, mu = 1000: the state stays near 2 and is drawn there at rates to 3000.
  const double mu = 1000;
  auto field = find_system("van_der_pol")->make(std::span(&mu, 1));
  const Vector<double> y0 = Vector<double>::Unit(2, 0) * 2;
  const Matrix<double> times = (Matrix<double>(2, 1) << 0, 200).finished();
  SolverOptions options = adaptive("kvaerno5");
  options.atol = options.rtol;
  options.max_steps = 1000000;
  Solver<double> solver(options);
  const SolveReport implicit = solver.solve(*field, y0, times);
  REQUIRE(implicit.status == SolveStatus::ok);
  const Vector<double> y = solver.states()[1].col(0);
  // On the slow manifold: log x - x^2 / 2 = const - t / mu, up to 1 / mu^2.
  const double before = std::log(2.0) - 2.0, after = std::log(y[0]) - y[0] * y[0] / 2;
  CHECK(after - before == doctest::Approx(0.2).epsilon(1e-3));
  CHECK(y[1] == doctest::Approx(-y[0] / (mu * (y[0] * y[0] - 1))).epsilon(1e-4));
  for (const auto* method : methods()) {
    CAPTURE(method->name);
    options.method = method;
    if (!options.adaptive() || method->implicit()) continue;
    solver.set_options(options);
    const SolveReport& report = solver.solve(*field, y0, times);
    CHECK(report.cost(2) > 100 * implicit.cost(2));
    CHECK(std::abs(solver.states()[1](0, 0) - y[0]) < 1e-4);
  }
}

TEST_CASE("work-precision: an implicit method does not trust a convergence it measured long ago") {
  // T13: van der Pol mu = 100 from (2, 0) at t = 200, over a jump.
  const double mu = 100;
  auto field = find_system("van_der_pol")->make(std::span(&mu, 1));
  const Matrix<double> times = (Matrix<double>(2, 1) << 0, 200).finished();
  SolverOptions options = adaptive("kvaerno5");
  options.atol = options.rtol;
  Solver<double> solver(options);
  const SolveReport& report = solver.solve(*field, Vector<double>::Unit(2, 0) * 2, times);
  REQUIRE(report.status == SolveStatus::ok);
  CHECK(report.accepted < 300);
  CHECK(report.rejected < report.accepted / 2);
  CHECK(report.cost(2) < 6000);
  CHECK(solver.states()[1](0, 0) == doctest::Approx(1.718587208019).epsilon(1e-5));
  CHECK(solver.states()[1](1, 0) == doctest::Approx(-8.796821912417e-3).epsilon(1e-5));
}

TEST_CASE("work-precision: the error of every adaptive method is near its tolerance") {
  // Implicit Euler takes so many steps that their errors, each within the tolerance, add up.
  constexpr double factor = 50, factor_of_first_order = 5000, t1 = 2;
  for (const char* name : {"lorenz", "pendulum", "van_der_pol"}) {
    const System& system = *find_system(name);
    auto field = system.make();
    const Vector<double> y0 = Eigen::Map<const Vector<double>>(system.y0.data(), system.dim);
    const auto problem = with_reference(*field, y0, 0, t1, 1);
    REQUIRE(problem);
    const double rtol = 1e-6;
    for (const auto* method : methods()) {
      SolverOptions options;
      options.method = method;
      if (!options.adaptive()) continue;
      CAPTURE(name);
      CAPTURE(method->name);
      const ErrorCurve curve = work_precision(problem.value(), options, std::span(&rtol, 1));
      REQUIRE(curve.points.size() == 1);
      CHECK(curve.points[0].error < (method->order == 1 ? factor_of_first_order : factor) * rtol);
    }
  }
}

TEST_CASE(
    "batch cost: own steps cost a sample what it costs alone, shared ones cost more together") {
  const System& system = *find_system("van_der_pol");
  SampleFields fields;
  for (const double mu : {1.0, 5.0, 25.0}) fields.push_back(system.make(std::span(&mu, 1)));
  const Vector<double> y0 = Vector<double>::Unit(2, 0) * 2;
  const auto reference = batch_reference(fields, y0, 0, 20, adaptive("dopri5"));
  REQUIRE(reference);
  for (const char* name : {"dopri5", "kvaerno5"}) {
    CAPTURE(name);
    const auto cost = batch_cost(fields, y0, 0, 20, reference.value(), adaptive(name));
    REQUIRE(cost);
    CHECK(cost.value().own == cost.value().alone);
    REQUIRE(cost.value().shared.size() == 3);
    CHECK(BatchCost::total(cost.value().shared) > BatchCost::total(cost.value().own));
    CHECK(cost.value().own_error < 1e-4);
    CHECK(cost.value().shared_error < 1e-4);
  }
  // By itself, mu = 5 is not of the batch.
  Solver<double> solver(adaptive("dopri5"));
  const Matrix<double> times = (Matrix<double>(2, 1) << 0, 20).finished();
  const Count five = solver.solve(*fields[1], y0, times).nfe();
  CHECK(batch_cost(fields, y0, 0, 20, reference.value(), adaptive("dopri5")).value().own[1] ==
        five);
  SolverOptions few = adaptive("dopri5");
  few.max_steps = 10;
  CHECK_FALSE(batch_cost(fields, y0, 0, 20, reference.value(), few));
}

TEST_CASE("separable: positions and momenta that drive only each other") {
  const auto at = [](const char* name, std::vector<double> theta = {}) {
    const System& system = *find_system(name);
    auto field = system.make(theta);
    return separable(*field, 0, Eigen::Map<const Vector<double>>(system.y0.data(), system.dim));
  };
  CHECK(at("pendulum"));
  CHECK_FALSE(at("pendulum", {9.81, 1, 0.2}));  // friction
  CHECK_FALSE(at("van_der_pol"));
  CHECK(at("van_der_pol", {0}));
  CHECK_FALSE(at("lorenz"));  // three components
  CHECK_FALSE(at("arenstorf"));
}
