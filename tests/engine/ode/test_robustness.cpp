// What holds for every registered method whatever it is given: it returns, says what went wrong,
// stays within the interval, treats samples alike and does not allocate.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "engine/core/rng.h"
#include "engine/gradient/gradient.h"
#include "engine/ode/formula_field.h"
#include "tests/support/allocations.h"
#include "tests/support/methods.h"
#include "tests/support/watched_field.h"

using namespace neural_ode;
using namespace neural_ode::testing;

namespace {

// q' = v, v' = -p0 sin q + p1 cos t: separable, driven and nonlinear, so that every method can.
template <class Scalar>
auto driven_pendulum() {
  return formula_field<Scalar, 2, 2>(
      [](auto t, const auto* y, const auto* p, auto* dy) {
        using T = std::remove_cvref_t<decltype(dy[0])>;
        dy[0] = y[1];
        dy[1] = p[1] * static_cast<T>(math::cos(t)) - p[0] * static_cast<T>(math::sin(y[0]));
      },
      column<Scalar>({1.2, 0.7}));
}

// Each method with fixed steps and, where it can, with its own.
std::vector<SolverOptions> both_modes(const ButcherTableau& method, double tolerance,
                                      double step_size) {
  std::vector<SolverOptions> modes = {fixed_options(method, step_size)};
  if (method.adaptive()) modes.push_back(adaptive_options(method, tolerance, tolerance));
  return modes;
}

template <class Scalar>
Matrix<Scalar> random_matrix(Index rows, Index cols, Rng& rng) {
  Matrix<Scalar> m(rows, cols);
  for (Index i = 0; i < m.size(); ++i) m.data()[i] = static_cast<Scalar>(rng.uniform(-1.5, 1.5));
  return m;
}

// The fields of the grid, two components each. The first is harmless; the second stiff; the third
// reaches infinity at t = 1 / y0; the fourth is NaN from t = .5 on; the last does nothing.
constexpr int grid_field_count = 5;
template <class Scalar>
std::unique_ptr<VectorField<Scalar>> grid_field(int which) {
  const auto make = [](auto f) -> std::unique_ptr<VectorField<Scalar>> {
    return std::make_unique<FormulaField<Scalar, 2, 0, decltype(f)>>(f);
  };
  switch (which) {
    case 0:
      return make([](auto, const auto* y, const auto*, auto* dy) {
        dy[0] = -y[0];
        dy[1] = -y[1];
      });
    case 1:
      return make([](auto, const auto* y, const auto*, auto* dy) {
        using T = std::remove_cvref_t<decltype(dy[0])>;
        dy[0] = y[1];
        dy[1] = T(50) * (T(1) - y[0] * y[0]) * y[1] - y[0];
      });
    case 2:
      return make([](auto, const auto* y, const auto*, auto* dy) {
        dy[0] = y[0] * y[0];
        dy[1] = y[1] * y[1];
      });
    case 3:
      return make([](auto t, const auto*, const auto*, auto* dy) {
        using T = std::remove_cvref_t<decltype(dy[0])>;
        dy[0] = dy[1] = static_cast<T>(math::sqrt(T(0.5) - t));
      });
    default:
      return make([](auto, const auto*, const auto*, auto* dy) {
        using T = std::remove_cvref_t<decltype(dy[0])>;
        dy[0] = dy[1] = T(0);
      });
  }
}

template <class Scalar>
bool all_finite(const std::vector<Matrix<Scalar>>& states) {
  for (const Matrix<Scalar>& state : states) {
    if (!state.array().isFinite().all()) return false;
  }
  return true;
}

struct Span {
  const char* name;
  Matrix<double> times;
};

std::vector<Span> spans() {
  return {{"zero", column({1, 1})},
          {"tiny", column({1, 1 + 5e-14, 1 + 1e-13})},
          {"tiny from zero", column({0, 1e-13})},
          {"ordinary", column({0, 0.3, 1})},
          {"reversed", column({1, 0.9, 0})},
          {"huge", column({0, 1e9})},
          {"huge negative", column({0, -5e8, -1e9})}};
}

// One solve of the grid: it returns a status, and the status tells the truth.
template <class Scalar>
void check_grid_solve(SolverOptions options, const Span& span, int which, bool valid) {
  constexpr int max_steps = 300;
  options.max_steps = max_steps;
  const auto field = grid_field<Scalar>(which);
  const Matrix<Scalar> y0 = (Matrix<Scalar>(2, 2) << 2, 0.5, 0, 1).finished();
  Solver<Scalar> solver(options);
  const SolveReport& report = solver.solve(*field, y0, span.times);

  CAPTURE(span.name);
  CAPTURE(which);
  CAPTURE(options.rtol);
  CAPTURE(options.atol);
  CAPTURE(options.step_size);
  CAPTURE(status_name(report.status).data());
  const bool forward = span.times(0, 0) < span.times(1, 0);
  const double first = span.times(0, 0), last = span.times(span.times.rows() - 1, 0);
  CHECK(report.status != SolveStatus::running);
  CHECK((report.status == SolveStatus::invalid) == !(valid && first != last));
  CHECK_FALSE(report.message().empty());
  CHECK(report.accepted + report.rejected <= 2 * max_steps);
  if (report.status == SolveStatus::ok) {
    CHECK(solver.states().size() == static_cast<std::size_t>(span.times.rows()));
    CHECK(all_finite(solver.states()));
  } else if (report.status != SolveStatus::invalid) {
    CHECK(report.sample >= 0);
    CHECK(report.sample < 2);
    CHECK(std::isfinite(report.t));
    CHECK(
        (forward ? report.t >= first && report.t <= last : report.t <= first && report.t >= last));
  }
}

// Tolerances are drawn from their grid, a quarter of it for each method, field and span; step sizes
// are few enough to take them all.
template <class Scalar>
void check_grid(const ButcherTableau& method, Rng& rng) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double tolerances[] = {1e-14, 1e-9, 1e-3, 1, 1e3, 0, nan, -1};
  const double step_sizes[] = {1e-12, 1e-3, 1, 1e6, 0, nan, -1};
  for (const Span& span : spans()) {
    for (int which = 0; which < grid_field_count; ++which) {
      for (const double step_size : step_sizes) {
        check_grid_solve<Scalar>(fixed_options(method, step_size), span, which, step_size > 0);
      }
      if (!method.adaptive()) continue;
      for (const double rtol : tolerances) {
        for (const double atol : tolerances) {
          if (rng.below(4) != 0) continue;
          const bool valid = rtol >= 0 && atol >= 0 && rtol + atol > 0;
          check_grid_solve<Scalar>(adaptive_options(method, rtol, atol), span, which, valid);
        }
      }
    }
  }
}

template <class Scalar>
void check_batch_independence(const SolverOptions& options) {
  constexpr Index batch = 5, rows = 4;
  Rng rng(24);
  auto field = driven_pendulum<Scalar>();
  const Matrix<Scalar> y0 = random_matrix<Scalar>(2, batch, rng);
  Matrix<double> times(rows, batch);
  for (Index s = 0; s < batch; ++s) {
    for (Index i = 0; i < rows; ++i) times(i, s) = static_cast<double>(i) + rng.uniform(0, 0.8);
  }
  const std::vector<int> order = {3, 0, 4, 1, 2};
  Matrix<Scalar> permuted_y0(2, batch);
  Matrix<double> permuted_times(rows, batch);
  for (Index s = 0; s < batch; ++s) {
    permuted_y0.col(s) = y0.col(order[static_cast<std::size_t>(s)]);
    permuted_times.col(s) = times.col(order[static_cast<std::size_t>(s)]);
  }

  Solver<Scalar> together(options), permuted(options), alone(options);
  REQUIRE(together.solve(field, y0, times).status == SolveStatus::ok);
  REQUIRE(permuted.solve(field, permuted_y0, permuted_times).status == SolveStatus::ok);
  for (Index s = 0; s < batch; ++s) {
    const int sample = order[static_cast<std::size_t>(s)];
    REQUIRE(alone.solve(field, y0.col(sample), times.col(sample)).status == SolveStatus::ok);
    for (std::size_t i = 0; i < static_cast<std::size_t>(rows); ++i) {
      CHECK(together.states()[i].col(sample) == alone.states()[i].col(0));
      CHECK(permuted.states()[i].col(s) == alone.states()[i].col(0));
    }
    CHECK(together.report().nfe_per_sample[static_cast<std::size_t>(sample)] ==
          alone.report().nfe());
    CHECK(permuted.report().nfe_per_sample[static_cast<std::size_t>(s)] == alone.report().nfe());
  }
}

// Allocations of a second run, after a first one has sized everything.
template <class Run>
long second_run_allocations(Run run) {
  run();
  const long before = allocation_count();
  run();
  return allocation_count() - before;
}

template <class Scalar>
void check_allocations(const SolverOptions& options) {
  Rng rng(7);
  auto field = driven_pendulum<Scalar>();
  const Matrix<Scalar> y0 = random_matrix<Scalar>(2, 4, rng);
  const Matrix<double> times = column({0, 0.4, 1.1, 2});
  const std::vector<Matrix<Scalar>> bars(4, Matrix<Scalar>::Ones(2, 4));

  Solver<Scalar> solver(options);
  for (const Recording recording :
       {Recording::nothing, Recording::states, Recording::interpolant}) {
    CAPTURE(static_cast<int>(recording));
    CHECK(second_run_allocations(
              [&] { solver.solve(field, y0, times, {.recording = recording}); }) == 0);
    CHECK(solver.report().status == SolveStatus::ok);
  }
  for (const GradientStrategy& strategy : gradient_strategies()) {
    CAPTURE(std::string(strategy.name));
    const bool whole_state = !options.method->partitioned && options.method->past == 0;
    if (strategy.name != "discrete" && !whole_state) continue;
    for (const GradientOptions& how :
         {GradientOptions{}, GradientOptions{.times = false, .checkpoints = 3},
          GradientOptions{.seminorm = false, .reset = true}}) {
      const auto gradient = strategy.make<Scalar>(options, how);
      SolveStatus status = SolveStatus::running;
      const auto run = [&] {
        gradient->forward(field, y0, times);
        status = gradient->backward(field, bars).status;
      };
      CHECK(second_run_allocations(run) == 0);
      CHECK(status == SolveStatus::ok);
    }
  }
}

}  // namespace

TEST_CASE(
    "every method: whatever options, times and field it is given, a solve ends and says how") {
  Rng rng(2024);
  for (const ButcherTableau* method : methods()) {
    CAPTURE(std::string(method->name));
    check_grid<double>(*method, rng);
    check_grid<float>(*method, rng);
  }
}

TEST_CASE("every method: f is never evaluated outside the interval, backward pass included") {
  for (const ButcherTableau* method : methods()) {
    CAPTURE(std::string(method->name));
    for (const double step_size : {0.07, 0.3, 10.0}) {
      for (const SolverOptions& options : both_modes(*method, step_size * 1e-4, step_size)) {
        CAPTURE(options.fixed);
        for (const double scale : {1.0, 1.0 / 3, 0.1}) {
          const double low = scale * 0.7, high = scale * 5.3, middle = 0.5 * (low + high);
          for (const Matrix<double>& times : {column({low, middle, high}), column({high, low})}) {
            auto pendulum = driven_pendulum<double>();
            WatchedField<double> field(pendulum);
            const auto gradient = make_discrete<double>(options);
            // Newton's iteration may give up on a step of half the interval.
            const SolveStatus status = gradient->forward(field, column({1, -0.5}), times).status;
            CHECK((status == SolveStatus::ok || (options.fixed && method->implicit())));
            if (status == SolveStatus::ok) {
              const std::vector<Matrix<double>> bars(static_cast<std::size_t>(times.rows()),
                                                     Matrix<double>::Ones(2, 1));
              CHECK(gradient->backward(field, bars).status == SolveStatus::ok);
            }
            CHECK(field.earliest >= low);
            CHECK(field.latest <= high);
          }
        }
      }
    }
  }
}

TEST_CASE("every method: a sample's bits and cost are its own, alone, in a batch or permuted") {
  for (const ButcherTableau* method : methods()) {
    CAPTURE(std::string(method->name));
    for (const SolverOptions& options : both_modes(*method, 1e-5, 0.1)) {
      CAPTURE(options.fixed);
      check_batch_independence<double>(options);
      check_batch_independence<float>(options);
    }
  }
}

TEST_CASE("every method: a solve and its gradient allocate nothing once they have run") {
  for (const ButcherTableau* method : methods()) {
    CAPTURE(std::string(method->name));
    for (const SolverOptions& options : both_modes(*method, 1e-5, 0.1)) {
      CAPTURE(options.fixed);
      check_allocations<double>(options);
      check_allocations<float>(options);
    }
  }
}
