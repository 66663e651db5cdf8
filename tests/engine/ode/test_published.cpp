// Values that others have published or that closed forms give, for every registered method.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/core/rng.h"
#include "engine/gradient/gradient.h"
#include "tests/support/published_gradients.h"
#include "tests/support/published_problems.h"

using namespace neural_ode;
using namespace neural_ode::testing;

namespace {

// exp(A) by scaling and squaring of a Taylor series.
Matrix<double> matrix_exponential(const Matrix<double>& a) {
  constexpr int squarings = 8, terms = 18;
  const Matrix<double> small = a / std::pow(2.0, squarings);
  Matrix<double> sum = Matrix<double>::Identity(a.rows(), a.cols()), term = sum;
  for (int k = 1; k <= terms; ++k) {
    term = (term * small / k).eval();
    sum += term;
  }
  for (int i = 0; i < squarings; ++i) sum = (sum * sum).eval();
  return sum;
}

double largest_error(const Matrix<double>& found, const Matrix<double>& expected) {
  REQUIRE(found.rows() == expected.rows());
  return (found - expected).cwiseAbs().maxCoeff();
}

// The forward solve and the gradient of `published`, off by at most `bound` relative to the largest
// entry.
template <class Scalar>
void check_gradient(VectorField<Scalar>& field, const SolverOptions& options,
                    const PublishedGradient& published, double bound) {
  CAPTURE(std::string(published.name));
  const Matrix<Scalar> y0 = published.y0.cast<Scalar>();
  const Matrix<double> times = column({published.t0, published.t1});
  const auto relative = [](const auto& found, const Matrix<double>& expected) {
    return largest_error(found.template cast<double>(), expected) / expected.cwiseAbs().maxCoeff();
  };
  Solver<Scalar> solver(options);
  REQUIRE(solver.solve(field, y0, times).status == SolveStatus::ok);
  CHECK(relative(solver.states()[1], published.end) < bound);

  const auto gradient = make_discrete<Scalar>(options);
  REQUIRE(gradient->forward(field, y0, times).status == SolveStatus::ok);
  CHECK((gradient->states()[1].array() == solver.states()[1].array()).all());
  const std::vector<Matrix<Scalar>> bars = {Matrix<Scalar>::Zero(2, 1), Matrix<Scalar>::Ones(2, 1)};
  REQUIRE(gradient->backward(field, bars).status == SolveStatus::ok);
  CHECK(relative(gradient->y0_bar(), published.y0_bar) < bound);
  CHECK(relative(gradient->theta_bar(), published.a_bar) < bound);
}

}  // namespace

TEST_CASE(
    "published: every method keeps to a solution that is a straight line, in both directions") {
  auto field = formula_field<double, 1>([](auto t, const auto* y, const auto*, auto* dy) {
    const auto d = y[0] - (0.2 * t + 3.0);
    dy[0] = 0.2 + d * d * d * d * d;
  });
  for (const ButcherTableau* method : methods()) {
    if (method->partitioned) continue;
    CAPTURE(std::string(method->name));
    Solver<double> solver(tight_options(*method, 1e-10, 0.1));
    REQUIRE(solver.solve(field, column({3.2}), column({1, 4, 8})).status == SolveStatus::ok);
    CHECK(std::abs(solver.states()[1](0, 0) - 3.8) < 1e-10);
    CHECK(std::abs(solver.states()[2](0, 0) - 4.6) < 1e-10);
    REQUIRE(solver.solve(field, column({4.6}), column({8, 3, 1})).status == SolveStatus::ok);
    CHECK(std::abs(solver.states()[1](0, 0) - 3.6) < 1e-10);
    CHECK(std::abs(solver.states()[2](0, 0) - 3.2) < 1e-10);
  }
}

TEST_CASE("published: y' = 2y/t + t^4 sin 2t - t^2 + 4t^3 ends at its closed form, both ways") {
  auto field = formula_field<double, 1>([](auto t, const auto* y, const auto*, auto* dy) {
    const auto square = t * t;
    dy[0] = 2.0 * y[0] / t + square * square * math::sin(2.0 * t) - square + 4.0 * square * t;
  });
  constexpr double low = 4.450278076139420, high = 9737.322744780611;
  for (const ButcherTableau* method : methods()) {
    if (method->partitioned || method->order < 4) continue;
    CAPTURE(std::string(method->name));
    Solver<double> solver(tight_options(*method, 1e-11, 0.002));
    REQUIRE(solver.solve(field, column({low}), column({1, 8})).status == SolveStatus::ok);
    CHECK(std::abs(solver.states()[1](0, 0) - high) < 1e-8 * high);
    REQUIRE(solver.solve(field, column({high}), column({8, 1})).status == SolveStatus::ok);
    CHECK(std::abs(solver.states()[1](0, 0) - low) < 1e-8 * low);
  }
}

TEST_CASE("published: a random rotation in ten dimensions is exp(At), and keeps the norm") {
  constexpr int dim = 10;
  Rng rng(3);
  Matrix<double> u(dim, dim), y0(dim, 1);
  for (Index i = 0; i < u.size(); ++i) u.data()[i] = 0.1 * rng.normal();
  for (Index i = 0; i < dim; ++i) y0(i, 0) = rng.normal();
  const Matrix<double> a = u - u.transpose();
  auto field = formula_field<double, dim>([a](auto, const auto* y, const auto*, auto* dy) {
    for (int i = 0; i < dim; ++i) {
      dy[i] = a(i, 0) * y[0];
      for (int j = 1; j < dim; ++j) dy[i] = dy[i] + a(i, j) * y[j];
    }
  });
  for (const double end : {5.0, -5.0}) {
    const Matrix<double> expected = matrix_exponential(end * a) * y0;
    REQUIRE(std::abs(expected.norm() - y0.norm()) < 1e-13);
    for (const ButcherTableau* method : methods()) {
      if (method->partitioned || method->order < 4) continue;
      CAPTURE(std::string(method->name));
      CAPTURE(end);
      Solver<double> solver(tight_options(*method, 1e-11, 0.005));
      REQUIRE(solver.solve(field, y0, column({0, end})).status == SolveStatus::ok);
      CHECK(largest_error(solver.states()[1], expected) < 1e-8);
      CHECK(std::abs(solver.states()[1].norm() - y0.norm()) < 1e-8);
    }
  }
  if (const ButcherTableau* method = find_method("implicit_midpoint")) {
    Solver<double> solver(fixed_options(*method, 0.5));
    REQUIRE(solver.solve(field, y0, column({0, 5})).status == SolveStatus::ok);
    CHECK(std::abs(solver.states()[1].norm() - y0.norm()) < 1e-12);
  }
}

TEST_CASE("published: the DETEST problems end where they should at tolerance 1e-8") {
  for (const PublishedProblem& problem : detest()) {
    CAPTURE(std::string(problem.name));
    for (const ButcherTableau* method : methods()) {
      if (!method->adaptive() || method->implicit() || method->order < 4) continue;
      CAPTURE(std::string(method->name));
      Solver<double> solver(adaptive_options(*method, 1e-8, 1e-8));
      REQUIRE(solver.solve(*problem.field, problem.y0, problem.times()).status == SolveStatus::ok);
      CHECK(largest_error(solver.states()[1], problem.end) < 4e-5);
    }
  }
}

TEST_CASE("published: Lotka-Volterra and Lorenz end where they should") {
  const PublishedProblem problems[] = {lotka_volterra(), lorenz()};
  for (const PublishedProblem& problem : problems) {
    CAPTURE(std::string(problem.name));
    for (const ButcherTableau* method : methods()) {
      if (method->partitioned) continue;
      CAPTURE(std::string(method->name));
      const bool accurate = method->order >= 4 && !method->implicit();
      if (!accurate && (!method->adaptive() || method->order < 2)) continue;
      Solver<double> solver(accurate ? tight_options(*method, 1e-12, problem.t1 / 20000)
                                     : adaptive_options(*method, 1e-7, 1e-7));
      REQUIRE(solver.solve(*problem.field, problem.y0, problem.times()).status == SolveStatus::ok);
      CHECK(largest_error(solver.states()[1], problem.end) < (accurate ? 1e-8 : 5e-2));
    }
  }
}

TEST_CASE("published: every adaptive method finishes Robertson's stiff reaction at t = .4") {
  const PublishedProblem problem = robertson();
  for (const ButcherTableau* method : methods()) {
    if (!method->adaptive()) continue;
    CAPTURE(std::string(method->name));
    Solver<double> solver(adaptive_options(*method, 1e-6, 1e-10));
    REQUIRE(solver.solve(*problem.field, problem.y0, problem.times()).status == SolveStatus::ok);
    const Matrix<double>& y = solver.states()[1];
    const double bound = method->order >= 3 ? 1e-5 : 1e-3;
    CHECK(std::abs(y(0, 0) - problem.end(0, 0)) < bound);
    CHECK(std::abs(y(1, 0) - problem.end(1, 0)) < 1e-3 * bound);
    CHECK(std::abs(y(2, 0) - problem.end(2, 0)) < bound);
  }
}

TEST_CASE(
    "published: van der Pol at mu = 100 is finished by implicit methods, by others reported") {
  const PublishedProblem problem = stiff_van_der_pol();
  for (const ButcherTableau* method : methods()) {
    if (!method->adaptive() || method->order < 3) continue;
    CAPTURE(std::string(method->name));
    for (const int max_steps : {500, 100000}) {
      CAPTURE(max_steps);
      SolverOptions options = adaptive_options(*method, 1e-8, 1e-8);
      options.max_steps = max_steps;
      Solver<double> solver(options);
      const SolveReport& report = solver.solve(*problem.field, problem.y0, problem.times());
      if (max_steps > 500 && method->implicit()) CHECK(report.status == SolveStatus::ok);
      if (report.status == SolveStatus::ok) {
        CHECK(largest_error(solver.states()[1], problem.end) < 1e-3);
      } else {
        CHECK(report.status == SolveStatus::max_steps);
        CHECK(report.sample == 0);
        CHECK(report.t > 0);
        CHECK(report.t < problem.t1);
        CHECK_FALSE(report.message().empty());
      }
    }
  }
}

TEST_CASE("published: implicit Euler on y' = -10 y^3 fails in steps of 1 and adapts itself to it") {
  const ButcherTableau* method = find_method("implicit_euler");
  if (method == nullptr) return;
  auto field = formula_field<double, 1>(
      [](auto, const auto* y, const auto*, auto* dy) { dy[0] = -10.0 * y[0] * y[0] * y[0]; });
  Solver<double> fixed(fixed_options(*method, 1));
  CHECK(status_name(fixed.solve(field, column({1}), column({0, 10})).status) == "newton_failed");
  CHECK_FALSE(fixed.report().message().empty());
  Solver<double> adaptive(adaptive_options(*method, 1e-4, 1e-6));
  REQUIRE(adaptive.solve(field, column({1}), column({0, 10})).status == SolveStatus::ok);
  CHECK(std::abs(adaptive.states()[1](0, 0) - 1 / std::sqrt(201.0)) < 1e-3);
}

TEST_CASE("published: gradients of the damped rotation and of the cubic spiral, in double") {
  auto rotation = damped_rotation<double>();
  auto spiral = cubic_spiral<double>();
  for (const ButcherTableau* method : methods()) {
    if (method->partitioned || method->order < 4) continue;
    CAPTURE(std::string(method->name));
    const double bound = method->adaptive() ? 1e-8 : 1e-6;
    check_gradient<double>(rotation, tight_options(*method, 1e-11, 0.01),
                           damped_rotation_gradient(), bound);
    check_gradient<double>(spiral, tight_options(*method, 1e-11, 0.002), cubic_spiral_gradient(),
                           bound);
  }
}

TEST_CASE("published: the same gradients in float, as closely as float allows") {
  auto rotation = damped_rotation<float>();
  auto spiral = cubic_spiral<float>();
  for (const ButcherTableau* method : methods()) {
    if (method->partitioned || method->order < 4) continue;
    CAPTURE(std::string(method->name));
    // Rounding in the weights of kencarp5, up to 2.4 with both signs, shows in float.
    const double bound = method->implicit() ? 3e-4 : 1e-4;
    check_gradient<float>(rotation, tight_options(*method, 1e-6, 0.02), damped_rotation_gradient(),
                          bound);
    check_gradient<float>(spiral, tight_options(*method, 1e-6, 0.005), cubic_spiral_gradient(),
                          bound);
  }
}
