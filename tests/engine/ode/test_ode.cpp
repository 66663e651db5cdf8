#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <Eigen/LU>
#include "engine/core/rng.h"

#include "engine/ode/formula_field.h"
#include "engine/ode/solver.h"
#include "engine/ode/tableau_check.h"
#include "tests/support/fields.h"

using namespace neural_ode;

namespace {

Matrix<double> row_of_times(std::initializer_list<double> list) {
  Matrix<double> times(static_cast<Index>(list.size()), 1);
  Index row = 0;
  for (const double t : list) times(row++, 0) = t;
  return times;
}

Matrix<double> column(std::initializer_list<double> list) {
  return row_of_times(list);
}

SolverOptions adaptive(const char* method, double tolerance) {
  SolverOptions options;
  options.method = find_method(method);
  options.rtol = options.atol = tolerance;
  return options;
}

SolverOptions fixed(const char* method, double step_size) {
  SolverOptions options;
  options.method = find_method(method);
  options.fixed = true;
  options.step_size = step_size;
  return options;
}

FunctionField cosine_growth() {
  return FunctionField(1,
                       [](double t, const double* y, double* dy) { dy[0] = y[0] * std::cos(t); });
}

// The slope of log2(error) under doubling of the step; the error is summed over several times,
// since at a single one it can happen to vanish.
double measured_order(const ButcherTableau& method, VectorField<double>& field,
                      const std::function<Matrix<double>(double)>& exact, double h) {
  const Matrix<double> times = row_of_times({0, 1, 2, 3, 4, 5});
  double error[2] = {0, 0};
  for (int i = 0; i < 2; ++i) {
    Solver<double> solver(fixed(method.name.data(), h / (i + 1)));
    const SolveReport& report = solver.solve(field, exact(0), times);
    REQUIRE_MESSAGE(report.status == SolveStatus::ok, report.message());
    for (std::size_t k = 1; k < 6; ++k) {
      error[i] += (solver.states()[k] - exact(static_cast<double>(k))).norm();
    }
  }
  return std::log2(error[0] / error[1]);
}

// A step at which the error is that of the leading term, and far above rounding.
double telling_step(int order) {
  return order >= 8 ? 0.5 : order >= 4 ? 0.04 : 0.005;
}

bool same_bits(const Matrix<double>& a, const Matrix<double>& b) {
  return a.rows() == b.rows() && a.cols() == b.cols() && (a.array() == b.array()).all();
}

constexpr std::array adaptive_methods = {"dopri5", "tsit5", "cash_karp", "dopri8"};

}  // namespace

TEST_CASE("tableau: every method satisfies its order conditions, at run time too") {
  CHECK(methods().size() >= 23);
  for (const ButcherTableau* method : methods()) {
    CAPTURE(std::string(method->name));
    CHECK(TableauCheck(*method).all());
    CHECK(find_method(method->name) == method);
    CHECK(!method->citation.empty());
  }
  CHECK(find_method("rk5") == nullptr);
}

TEST_CASE("tableau: a wrong digit anywhere is noticed") {
  const ButcherTableau& good = *find_method("tsit5");
  for (int i = 0; i < good.stages; ++i) {
    ButcherTableau bad = good;
    bad.b[i] += 1e-9;
    CHECK_FALSE(TableauCheck(bad).order());
    CHECK_FALSE(TableauCheck(bad).first_same_as_last());
    bad = good;
    bad.c[i] += 1e-9;
    CHECK_FALSE(TableauCheck(bad).rows());
    bad = good;
    bad.b_error[i] += 1e-9;
    CHECK_FALSE(TableauCheck(bad).embedded());
    bad = good;
    bad.dense[i][2] += 1e-9;
    CHECK_FALSE(TableauCheck(bad).dense());
  }
  // The embedded row in place of the solution: a mistake that has been shipped.
  ButcherTableau swapped = good;
  for (int i = 0; i < good.stages; ++i) swapped.b[i] = good.b[i] - good.b_error[i];
  CHECK_FALSE(TableauCheck(swapped).order());
}

TEST_CASE(
    "solver: every method shows its declared order on y' = y cos t and on a random linear system") {
  auto cosine = formula_field<double, 1>(
      [](auto t, const auto* y, const auto*, auto* dy) { dy[0] = y[0] * math::cos(t); });
  const auto growth = [](double t) { return column({std::exp(std::sin(t))}); };
  // A = V diag(-.3 +- i 1.7) V^-1 in real form, with a random V.
  Rng rng(12);
  Matrix<double> v(2, 2), rotation(2, 2);
  for (Index i = 0; i < 4; ++i) v.data()[i] = rng.normal();
  rotation << -0.3, -1.7, 1.7, -0.3;
  PowerField linear(v * rotation * v.inverse());
  const auto spiral = [&](double t) {
    Matrix<double> turned(2, 2);
    turned << std::cos(1.7 * t), -std::sin(1.7 * t), std::sin(1.7 * t), std::cos(1.7 * t);
    return Matrix<double>(std::exp(-0.3 * t) * (v * turned * v.inverse() * column({1, -0.4})));
  };
  // q' = p cos t, p' = -q cos t is separable and turns by sin t.
  auto separable = formula_field<double, 2>([](auto t, const auto* y, const auto*, auto* dy) {
    dy[0] = y[1] * math::cos(t);
    dy[1] = -(y[0] * math::cos(t));
  });
  const auto turn = [](double t) {
    return column({std::cos(std::sin(t)), -std::sin(std::sin(t))});
  };
  for (const ButcherTableau* method : methods()) {
    CAPTURE(std::string(method->name));
    const double h = telling_step(method->order);
    if (method->partitioned) {
      CHECK(std::abs(measured_order(*method, separable, turn, h) - method->order) < 0.25);
    } else {
      CHECK(std::abs(measured_order(*method, cosine, growth, h) - method->order) < 0.25);
      // The leading error term of dopri8 almost vanishes where f is linear: order nine there.
      const double order = measured_order(*method, linear, spiral, h);
      CHECK(order > method->order - 0.25);
      if (method->name != "dopri8") CHECK(order < method->order + 0.25);
    }
  }
}

TEST_CASE(
    "solver: every error estimate shrinks with one more power of the step than the lower of its "
    "two orders") {
  auto cosine = formula_field<double, 1>(
      [](auto t, const auto* y, const auto*, auto* dy) { dy[0] = y[0] * math::cos(t); });
  for (const ButcherTableau* method : methods()) {
    if (!method->adaptive()) continue;
    CAPTURE(std::string(method->name));
    double estimate[2] = {0, 0};
    for (int i = 0; i < 2; ++i) {
      // One step from several places, its estimate read off the report whether accepted or not.
      for (const double t : {0.3, 0.9, 2.2, 3.1}) {
        SolverOptions options = adaptive(method->name.data(), 1e-12);
        options.rtol = 0;
        options.first_step = (method->order >= 8 ? 0.4 : 0.05) / (i + 1);
        Solver<double> solver(options);
        solver.start(cosine, column({std::exp(std::sin(t))}), row_of_times({t, t + 100}));
        solver.advance(1);
        estimate[i] += solver.report().error_norm;
      }
    }
    CHECK(std::abs(std::log2(estimate[0] / estimate[1]) -
                   (std::min(method->order, method->embedded_order) + 1)) < 0.35);
  }
}

TEST_CASE(
    "solver: powers of t are integrated exactly as far as the weights say, and no less far than "
    "the order") {
  for (const ButcherTableau* method : methods()) {
    if (method->partitioned || method->past > 0) continue;
    CAPTURE(std::string(method->name));
    // The first p with sum b c^p different from 1 / (p + 1): the order itself but for Ralston's
    // method, whose weights are a Radau rule, for ssprk3, whose are Simpson's, and for dopri8.
    int missed = 0;
    for (double sum = 1; std::abs(sum - 1.0 / (missed + 1)) < 1e-12;) {
      sum = 0;
      ++missed;
      for (int i = 0; i < method->stages; ++i) sum += method->b[i] * std::pow(method->c[i], missed);
    }
    CHECK(missed >= method->order);
    const bool better =
        method->name == "ralston" || method->name == "ssprk3" || method->name == "dopri8";
    CHECK((missed > method->order) == better);
    if (method->latest_stage() > 1) continue;  // its substitute would take the step
    for (int p = 0; p <= missed; ++p) {
      FunctionField field(
          1, [p](double t, const double*, double* dy) { dy[0] = (p + 1) * std::pow(t, p); });
      Solver<double> solver(fixed(method->name.data(), 1));
      solver.solve(field, column({0}), row_of_times({0, 1}));
      const double error = std::abs(solver.states()[1](0, 0) - 1);
      if (p < missed) CHECK(error < 1e-12);
      if (p == missed) CHECK(error > 1e-6);
    }
  }
}

TEST_CASE("solver: ten Euler steps of y' = y make 1.1^10") {
  PowerField field(column({1}));
  Solver<double> solver(fixed("euler", 0.1));
  solver.solve(field, column({1}), row_of_times({0, 1}));
  CHECK(solver.states()[1](0, 0) == doctest::Approx(2.5937424601).epsilon(1e-14));
}

TEST_CASE("solver: published end states of Lotka-Volterra and Lorenz") {
  FunctionField prey(2, [](double, const double* y, double* dy) {
    dy[0] = 1.5 * y[0] - y[0] * y[1];
    dy[1] = -3 * y[1] + y[0] * y[1];
  });
  FunctionField lorenz(3, [](double, const double* y, double* dy) {
    dy[0] = 10 * (y[1] - y[0]);
    dy[1] = y[0] * (28 - y[2]) - y[1];
    dy[2] = y[0] * y[1] - 8.0 / 3 * y[2];
  });
  for (const char* method : adaptive_methods) {
    CAPTURE(std::string(method));
    Solver<double> solver(adaptive(method, 1e-12));
    solver.solve(prey, column({1, 1}), row_of_times({0, 10}));
    CHECK((solver.states()[1] - column({1.026344767575, 0.909691078136})).norm() < 1e-9);
    solver.solve(lorenz, column({1, 1, 1}), row_of_times({0, 1}));
    CHECK(
        (solver.states()[1] - column({-9.378570010925, -8.357033788427, 29.362325337363})).norm() <
        1e-8);
  }
}

TEST_CASE("solver: a solution that is a straight line is met in both directions") {
  FunctionField field(1, [](double t, const double* y, double* dy) {
    const double d = y[0] - (0.2 * t + 3);
    dy[0] = 0.2 + d * d * d * d * d;
  });
  for (const char* method : adaptive_methods) {
    Solver<double> solver(adaptive(method, 1e-10));
    solver.solve(field, column({3.2}), row_of_times({1, 4, 8}));
    CHECK(std::abs(solver.states()[1](0, 0) - 3.8) < 1e-10);
    CHECK(std::abs(solver.states()[2](0, 0) - 4.6) < 1e-10);
    solver.solve(field, column({4.6}), row_of_times({8, 1}));
    CHECK(std::abs(solver.states()[1](0, 0) - 3.2) < 1e-10);
  }
}

TEST_CASE("solver: the error follows the tolerance") {
  FunctionField field = cosine_growth();
  for (const char* method : adaptive_methods) {
    for (const double tolerance : {1e-4, 1e-6, 1e-8, 1e-10}) {
      Solver<double> solver(adaptive(method, tolerance));
      solver.solve(field, column({1}), row_of_times({0, 5}));
      const double error = std::abs(solver.states()[1](0, 0) - std::exp(std::sin(5.0)));
      CAPTURE(std::string(method));
      CAPTURE(tolerance);
      CHECK(error < 20 * tolerance);
    }
  }
}

TEST_CASE("solver: steps and evaluations are accounted for") {
  FunctionField field = cosine_growth();
  for (const double direction : {1.0, -1.0}) {
    Solver<double> solver(fixed("euler", 0.1));
    const Matrix<double> there = direction > 0 ? row_of_times({0, 1}) : row_of_times({1, 0});
    const SolveReport& report = solver.solve(field, column({1}), there);
    CHECK(report.accepted == 10);
    CHECK(report.rejected == 0);
    CHECK(report.nfe() == 10);
  }
  Solver<double> rk4(fixed("rk4", 0.1));
  CHECK(rk4.solve(field, column({1}), row_of_times({0, 0.25, 1})).accepted == 3 + 8);
  CHECK(rk4.report().nfe() == 4 * 11);
  Solver<double> dopri5(adaptive("dopri5", 1e-8));
  const SolveReport& report = dopri5.solve(field, column({1}), row_of_times({0, 20}));
  CHECK(report.rejected > 0);
  CHECK(report.nfe() == 2 + 6 * (report.accepted + report.rejected));
}

TEST_CASE("solver: the only time there is gives back y0") {
  FunctionField field = cosine_growth();
  for (const SolverOptions& options : {adaptive("dopri5", 1e-6), fixed("euler", 0.1)}) {
    Solver<double> solver(options);
    const SolveReport& report = solver.solve(field, column({7}), row_of_times({3}));
    CHECK(report.status == SolveStatus::ok);
    CHECK(report.nfe() == 0);
    CHECK(solver.states().size() == 1);
    CHECK(solver.states()[0](0, 0) == 7);
  }
}

TEST_CASE("solver: a sample's bits and cost do not depend on its batch") {
  FunctionField field(2, [](double t, const double* y, double* dy) {
    dy[0] = y[1];
    dy[1] = 5 * (1 - y[0] * y[0]) * y[1] - y[0] + std::sin(t);
  });
  Rng rng(3);
  const Index batch = 7;
  Matrix<double> y0(2, batch), times(4, batch);
  for (Index s = 0; s < batch; ++s) {
    y0(0, s) = rng.uniform(-2, 2);
    y0(1, s) = rng.uniform(-2, 2);
    for (Index i = 0; i < 4; ++i) times(i, s) = rng.uniform(0, 1) + 2 * static_cast<double>(i);
  }
  for (const SolverOptions& options :
       {adaptive("dopri5", 1e-7), adaptive("tsit5", 1e-5), fixed("rk4", 0.05)}) {
    Solver<double> together(options), alone(options), permuted(options);
    together.solve(field, y0, times);
    permuted.solve(field, y0.rowwise().reverse(), times.rowwise().reverse());
    for (Index s = 0; s < batch; ++s) {
      alone.solve(field, y0.col(s), times.col(s));
      const auto at = static_cast<std::size_t>(s),
                 mirrored = static_cast<std::size_t>(batch - 1 - s);
      CHECK(alone.report().nfe() == together.report().nfe_per_sample[at]);
      CHECK(alone.report().nfe() == permuted.report().nfe_per_sample[mirrored]);
      for (std::size_t i = 0; i < 4; ++i) {
        CHECK(same_bits(alone.states()[i], together.states()[i].col(s)));
        CHECK(same_bits(alone.states()[i], permuted.states()[i].col(batch - 1 - s)));
      }
    }
  }
}

TEST_CASE("dense output: exact for cubics, and more output times cost nothing") {
  FunctionField cubic(1, [](double t, const double*, double* dy) { dy[0] = 1 + t * (2 + 3 * t); });
  for (const char* method : adaptive_methods) {
    Solver<double> few(adaptive(method, 1e-6)), many(adaptive(method, 1e-6));
    few.solve(cubic, column({0}), row_of_times({0, 4}));
    const Index count = 101;
    Matrix<double> times(count, 1);
    for (Index i = 0; i < count; ++i) times(i, 0) = 4 * static_cast<double>(i) / (count - 1);
    many.solve(cubic, column({0}), times);
    CHECK(many.report().nfe() == few.report().nfe());
    CHECK(same_bits(many.states().back(), few.states().back()));
    for (Index i = 0; i < count; ++i) {
      const double t = times(i, 0);
      CHECK(std::abs(many.states()[static_cast<std::size_t>(i)](0, 0) - t * (1 + t * (1 + t))) <
            1e-11);
    }
  }
}

TEST_CASE_TEMPLATE("slope sums: the bits of adding one slope after the other", Scalar, float,
                   double) {
  Rng rng(8);
  for (const Index dim : {1, 2, 3, 7, 17, 40}) {
    for (int count = 0; count <= ButcherTableau::max_stages; ++count) {
      for (const int kind :
           {0, 1, 2}) {  // one column, columns that share h, and columns that do not
        const Index n = kind == 0 ? 1 : 3, rows = kind == 2 ? (dim + 1) / 2 : dim;
        const auto random = [&](Index r, Index c) {
          Matrix<Scalar> x(r, c);
          for (Index e = 0; e < x.size(); ++e) x.data()[e] = static_cast<Scalar>(rng.normal());
          return x;
        };
        const Matrix<Scalar> y = random(dim, n);
        Vector<double> h = Vector<double>::Constant(n, 0.3);
        if (kind == 2) h[n - 1] = 0.7;
        std::vector<Matrix<Scalar>> k;
        SlopeSum<Scalar> sum(rows, dim);
        Matrix<Scalar> from_y = y, from_zero = Matrix<Scalar>::Zero(dim, n);
        for (int j = 0; j < count; ++j) k.push_back(random(dim, n));
        for (int j = 0; j < count; ++j) {
          const double weight = j % 4 == 3 ? 0 : rng.normal();
          sum.add(weight, k[static_cast<std::size_t>(j)].data());
          if (weight == 0) continue;
          for (Index p = 0; p < n; ++p) {
            const auto factor = static_cast<Scalar>(h[p] * weight);
            for (Index d = 0; d < rows; ++d) {
              from_y(d, p) += factor * k[static_cast<std::size_t>(j)](d, p);
              from_zero(d, p) += factor * k[static_cast<std::size_t>(j)](d, p);
            }
          }
        }
        Matrix<Scalar> out = y, zero = Matrix<Scalar>::Zero(dim, n), in_place = y;
        sum.write(n, h.data(), y.data(), out.data());
        sum.write(n, h.data(), zero.data());
        sum.write(n, h.data(), in_place.data(), in_place.data());
        CHECK(out == from_y);
        CHECK(zero == from_zero);
        CHECK(in_place == from_y);
      }
    }
  }
}

TEST_CASE("dense output: the error of every interpolant falls as its order says") {
  // One step of length h from t = 0 of y' = y cos t, looked at inside.
  FunctionField field = cosine_growth();
  for (const ButcherTableau* method : methods()) {
    if (method->partitioned || method->past > 0 || method->implicit()) continue;
    double error[2] = {0, 0};
    for (int i = 0; i < 2; ++i) {
      const Vector<double> t = Vector<double>::Zero(1),
                           h = Vector<double>::Constant(1, 0.2 / (i + 1));
      const Matrix<double> y = column({1});
      Stages<double> stages;
      stages.reserve(*method, 1, 1);
      for (int stage = 0; stage < method->stages; ++stage) {
        stages.place(stage, 1, t, h, t, h);
        stages.state(stage, 1, y.data(), h);
        stages.eval(stage, 1, field);
      }
      std::array<double, 7> polynomial;
      stages.polynomial(0, h[0], y.data(), polynomial.data());
      for (const double x : {0.25, 0.5, 0.75}) {
        double value = 0, horner = 0;
        stages.interpolate(0, x, h[0], y.data(), &value);
        for (int j = method->interpolant_degree(); j >= 0; --j) {
          horner = horner * x + polynomial[static_cast<std::size_t>(j)];
        }
        CHECK(std::abs(value - horner) < 1e-14);
        error[i] += std::abs(value - std::exp(std::sin(x * h[0])));
      }
    }
    CAPTURE(std::string(method->name));
    CHECK(std::abs(std::log2(error[0] / error[1]) - (method->interpolant_order() + 1)) < 0.4);
  }
}

TEST_CASE("solver: f is never evaluated outside the interval") {
  for (const SolverOptions& options :
       {adaptive("dopri5", 1e-3), adaptive("tsit5", 1e-9), fixed("rk4", 0.07), fixed("heun", 0.3),
        fixed("dopri5", 0.3)}) {
    for (const double scale : {1.0, 1.0 / 3, 0.1}) {
      const double low = scale * 0.7, high = scale * 5.3;
      for (const Matrix<double>& times :
           {row_of_times({low, 0.5 * (low + high), high}), row_of_times({high, low})}) {
        FunctionField field = cosine_growth();
        Solver<double> solver(options);
        CHECK(solver.solve(field, column({1}), times).status == SolveStatus::ok);
        CHECK(field.earliest >= low);
        CHECK(field.latest <= high);
      }
    }
  }
}

TEST_CASE("solver: descending times retrace the way") {
  FunctionField field = cosine_growth();
  Solver<double> solver(adaptive("tsit5", 1e-11));
  solver.solve(field, column({std::exp(std::sin(3.0))}), row_of_times({3, 1, 0}));
  CHECK(solver.states()[1](0, 0) == doctest::Approx(std::exp(std::sin(1.0))).epsilon(1e-9));
  CHECK(solver.states()[2](0, 0) == doctest::Approx(1).epsilon(1e-9));
}

TEST_CASE("solver: what goes wrong is reported with its place and sample") {
  FunctionField blow_up(1, [](double, const double* y, double* dy) { dy[0] = y[0] * y[0]; });
  Matrix<double> y0(1, 3);
  y0 << 0.1, 2, 0.1;  // the middle one reaches infinity at t = .5
  Solver<double> dopri5(adaptive("dopri5", 1e-6));
  const SolveReport& report = dopri5.solve(blow_up, y0, row_of_times({0, 1}));
  CHECK((report.status == SolveStatus::step_underflow || report.status == SolveStatus::non_finite));
  CHECK(report.sample == 1);
  CHECK(report.t == doctest::Approx(0.5).epsilon(1e-3));
  CHECK(report.message().find("sample 1") != std::string::npos);
  CHECK(std::isnan(dopri5.states()[1](0, 1)));

  FunctionField nan_later(1,
                          [](double t, const double*, double* dy) { dy[0] = std::sqrt(0.5 - t); });
  for (const SolverOptions& options : {adaptive("dopri5", 1e-6), fixed("rk4", 0.1)}) {
    Solver<double> solver(options);
    const SolveReport& nan_report = solver.solve(nan_later, column({0}), row_of_times({0, 1}));
    CHECK(nan_report.status == SolveStatus::non_finite);
    CHECK(nan_report.t == doctest::Approx(0.5).epsilon(0.25));
  }

  SolverOptions short_of_steps = adaptive("dopri5", 1e-10);
  short_of_steps.max_steps = 5;
  FunctionField cosine = cosine_growth();
  Solver<double> limited(short_of_steps);
  CHECK(limited.solve(cosine, column({1}), row_of_times({0, 50})).status == SolveStatus::max_steps);

  Matrix<double> bad = column({std::numeric_limits<double>::quiet_NaN()});
  CHECK(dopri5.solve(cosine, bad, row_of_times({0, 1})).status == SolveStatus::non_finite);
}

TEST_CASE("solver: a stiff problem ends, with an answer or a report") {
  FunctionField stiff(
      1, [](double t, const double* y, double* dy) { dy[0] = -1e6 * (y[0] - std::cos(t)); });
  for (const char* method : adaptive_methods) {
    SolverOptions options = adaptive(method, 1e-6);
    options.max_steps = 2000;
    Solver<double> solver(options);
    CHECK(solver.solve(stiff, column({0}), row_of_times({0, 1})).status == SolveStatus::max_steps);
  }
}

TEST_CASE("solver: options and times that make no sense are refused, never looped on") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  FunctionField field = cosine_growth();
  const auto status_of = [&](const SolverOptions& options, const Matrix<double>& times) {
    Solver<double> solver(options);
    const SolveReport& report = solver.solve(field, column({1}), times);
    CHECK((report.status == SolveStatus::ok || !report.message().empty()));
    return report.status;
  };
  const Matrix<double> times = row_of_times({0, 1});
  CHECK(status_of(adaptive("dopri5", 0), times) == SolveStatus::invalid);
  CHECK(status_of(adaptive("dopri5", -1), times) == SolveStatus::invalid);
  CHECK(status_of(adaptive("dopri5", nan), times) == SolveStatus::invalid);
  CHECK(status_of(adaptive("dopri5", 1e-300), times) != SolveStatus::ok);
  for (const double step : {0.0, -0.1, nan, std::numeric_limits<double>::infinity()}) {
    CHECK(status_of(fixed("rk4", step), times) == SolveStatus::invalid);
  }
  CHECK(status_of(fixed("rk4", 1e-300), times) == SolveStatus::max_steps);
  CHECK(status_of(fixed("rk4", 1e-300), row_of_times({1, 2})) == SolveStatus::step_underflow);
  CHECK(status_of(fixed("rk4", 1e-9), times) == SolveStatus::max_steps);
  CHECK(status_of(SolverOptions{}, times) == SolveStatus::invalid);
  CHECK(status_of(adaptive("dopri5", 1e-6), row_of_times({0, 1, 1})) == SolveStatus::invalid);
  CHECK(status_of(adaptive("dopri5", 1e-6), row_of_times({0, 1, 0.5})) == SolveStatus::invalid);
  CHECK(status_of(adaptive("dopri5", 1e-6), row_of_times({0, nan})) == SolveStatus::invalid);
  CHECK(status_of(adaptive("dopri5", 1e-6), Matrix<double>(0, 1)) == SolveStatus::invalid);
}

TEST_CASE(
    "solver: advancing in small budgets gives the same bits as one go, and can be cancelled") {
  FunctionField field = cosine_growth();
  Matrix<double> y0(1, 3);
  y0 << 1, 2, 3;
  const Matrix<double> times = row_of_times({0, 2, 9});
  Solver<double> whole(adaptive("dopri5", 1e-8)), pieces(adaptive("dopri5", 1e-8));
  whole.solve(field, y0, times);
  pieces.start(field, y0, times);
  int calls = 0;
  while (pieces.advance(2) == SolveStatus::running) ++calls;
  CHECK(calls > 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(same_bits(whole.states()[i], pieces.states()[i]));

  pieces.start(field, y0, times);
  pieces.advance(2);
  pieces.cancel();
  CHECK(pieces.advance(100) == SolveStatus::cancelled);
}
