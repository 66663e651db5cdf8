#include "engine/analysis/gradient_check.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "engine/ode/solver.h"

namespace neural_ode {
namespace {

// Spread evenly, the first and the last among them.
std::vector<Index> choose(Index total, Index most) {
  const Index n = std::min(total, most);
  std::vector<Index> entries;
  for (Index i = 0; i < n; ++i) {
    entries.push_back(n == 1 ? 0 : i * (total - 1) / (n - 1));
  }
  return entries;
}

// The loss as a function of theta, y0 and the times.
class Loss {
 public:
  Loss(const LossOfSolve& problem, const SolverOptions& options)
      : problem_(problem),
        options_(options),
        solver_(options),
        field_(&problem.field(problem.theta)) {
    constexpr double slack = 1 - 1e-9;  // as in Solver
    for (Index i = 1; i < problem.times.rows(); ++i) {
      const double length = std::abs(problem.times(i, 0) - problem.times(i - 1, 0));
      steps_.push_back(std::max(1.0, std::ceil(length / options.step_size * slack)));
    }
  }

  const SolveReport& report() const { return solver_.report(); }

  // NaN when the solve fails.
  double operator()() {
    if (options_.adaptive()) {
      solver_.solve(*field_, problem_.y0, problem_.times);
      states_ = solver_.states();
    } else {
      solve_by_intervals();
    }
    if (!report().succeeded()) return std::numeric_limits<double>::quiet_NaN();
    states_bar_.resize(states_.size());
    for (std::size_t i = 0; i < states_.size(); ++i)
      states_bar_[i].setZero(states_[i].rows(), states_[i].cols());
    return problem_.loss(states_, states_bar_);
  }

  Differences by_theta(Index most) {
    double* theta = problem_.theta.data();
    return difference(
        theta, problem_.theta.size(), most, [&](Index i) { return step_at(theta[i]); },
        [&] { field_ = &problem_.field(problem_.theta); });
  }
  Differences by_y0(Index most) {
    double* y0 = problem_.y0.data();
    return difference(
        y0, problem_.y0.size(), most, [&](Index i) { return step_at(y0[i]); }, [] {});
  }
  Differences by_times(Index most) {
    double* times = problem_.times.data();
    const Index rows = problem_.times.rows();
    if (rows < 2) return {};
    const auto step = [&](Index i) {
      double length = step_at(times[i]);
      if (i > 0) length = std::min(length, std::abs(times[i] - times[i - 1]) / 5);
      if (i + 1 < rows) length = std::min(length, std::abs(times[i + 1] - times[i]) / 5);
      return length;
    };
    return difference(times, rows, most, step, [] {});
  }

 private:
  // Long enough for a loss good to 1e-13; the five points leave an error of the step's fourth
  // power.
  static double step_at(double x) { return 1e-3 * std::max(std::abs(x), 0.1); }

  void solve_by_intervals() {
    states_.assign(1, problem_.y0);
    for (Index i = 1; i < problem_.times.rows(); ++i) {
      const Matrix<double> interval = problem_.times.middleRows(i - 1, 2);
      SolverOptions options = options_;
      options.step_size =
          std::abs(interval(1) - interval(0)) / steps_[static_cast<std::size_t>(i - 1)];
      solver_.set_options(options);
      const Matrix<double> start = states_.back();
      if (!solver_.solve(*field_, start, interval).succeeded()) break;
      states_.push_back(solver_.states()[1]);
    }
  }

  // `update` after every change of a variable.
  template <class Step, class Update>
  Differences difference(double* variables, Index total, Index most, Step step, Update update) {
    Differences result;
    result.total = total;
    result.entries = choose(total, most);
    for (const Index i : result.entries)
      result.values.push_back(derivative(variables[i], step(i), update));
    return result;
  }

  template <class Update>
  double derivative(double& variable, double step, Update update) {
    const double middle = variable;
    const auto at = [&](double offset) {
      variable = middle + offset;
      update();
      return (*this)();
    };
    const double near = at(step) - at(-step), far = at(2 * step) - at(-2 * step);
    variable = middle;
    update();
    return (8 * near - far) / (12 * step);
  }

  LossOfSolve problem_;
  SolverOptions options_;
  Solver<double> solver_;
  VectorField<double>* field_;
  std::vector<double> steps_;  // in each interval between output times
  std::vector<Matrix<double>> states_, states_bar_;
};

std::vector<SolverOptions> for_differences(const SolverOptions& asked) {
  if (!asked.adaptive()) return {asked};
  std::vector<SolverOptions> candidates(2);
  for (SolverOptions& options : candidates) {
    options.rtol = options.atol = 1e-13;
    options.forced_times = asked.forced_times;
    options.jumps = asked.jumps;
  }
  const bool stiff = asked.method->implicit();
  candidates[0].method = stiff ? "kencarp5" : "dopri8";
  candidates[1].method = stiff ? "dopri8" : "kencarp5";
  return candidates;
}

Status check(const LossOfSolve& problem, const SolverOptions& solver) {
  if (Status status = validate(solver); !status) return status;
  if (Status status = validate_times(problem.times, 1); !status) return status;
  return {};
}

std::optional<double> largest_error(std::span<const double> found, const Differences& differences) {
  if (differences.entries.empty() || std::ssize(found) != differences.total) return {};
  double error = 0, scale = 0;
  for (std::size_t i = 0; i < differences.entries.size(); ++i) {
    const double value = found[static_cast<std::size_t>(differences.entries[i])];
    error = std::max(error, std::abs(value - differences.values[i]));
    scale = std::max(scale, std::abs(differences.values[i]));
  }
  return scale > 0 ? error / scale : error;
}

}  // namespace

LossDifferences difference_loss(const LossOfSolve& problem, const DifferenceOptions& options) {
  const SolverOptions asked = with_default_method(problem.solver);
  LossDifferences result;
  if (const Status status = check(problem, asked); !status) {
    result.report.status = SolveStatus::invalid;
    result.report.reason = status.error();
    return result;
  }
  std::optional<Loss> loss;
  for (const SolverOptions& candidate : for_differences(asked)) {
    loss.emplace(problem, candidate);
    result.method = candidate.method->name;
    if (!std::isnan((*loss)())) break;
  }
  result.report = loss->report();
  if (!result.report.succeeded()) return result;
  if (options.theta) result.theta = loss->by_theta(options.entries);
  if (options.y0) result.y0 = loss->by_y0(options.entries);
  if (options.times) result.times = loss->by_times(options.entries);
  return result;
}

GradientErrors compare(const Gradients<double>& found, const LossDifferences& differences) {
  const auto entries = [](const auto& gradient) {
    return std::span(gradient.data(), static_cast<std::size_t>(gradient.size()));
  };
  return {largest_error(entries(found.theta_bar), differences.theta),
          largest_error(entries(found.y0_bar), differences.y0),
          largest_error(entries(found.times_bar), differences.times)};
}

}  // namespace neural_ode
