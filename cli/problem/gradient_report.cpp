#include "cli/problem/gradient_report.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/problem/problem_loss.h"
#include "cli/problem/problem_reader.h"
#include "engine/gradient/gradient.h"

namespace neural_ode {
namespace {

using Json = nlohmann::ordered_json;

constexpr Index most_entries = 100;

// Some entries of a gradient, by their place in it.
struct Differences {
  Index total = 0;
  std::vector<Index> entries;
  std::vector<double> values;
};

// Spread evenly, the first and the last among them.
std::vector<Index> choose(Index total) {
  const Index n = std::min(total, most_entries);
  std::vector<Index> entries;
  for (Index i = 0; i < n; ++i) {
    entries.push_back(n == 1 ? 0 : i * (total - 1) / (n - 1));
  }
  return entries;
}

// The loss as a function of the problem. Fixed steps are of as many as at first between two output
// times, whatever the times are moved to: their number jumps, and the discrete gradient is that of
// the steps.
class Loss {
 public:
  explicit Loss(Problem& problem) : problem_(problem), solver_(problem.solver) {
    constexpr double slack = 1 - 1e-9;  // as in Solver
    for (Index i = 1; i < problem.times.rows(); ++i) {
      const double length = std::abs(problem.times(i, 0) - problem.times(i - 1, 0));
      steps_.push_back(std::max(1.0, std::ceil(length / problem.solver.step_size * slack)));
    }
  }

  std::string_view method() const { return solver_.options().method->name; }
  const SolveReport& report() const { return solver_.report(); }

  // NaN when the solve fails.
  double operator()() {
    if (problem_.solver.adaptive()) {
      solver_.solve(*problem_.field, problem_.y0, problem_.times);
      states_ = solver_.states();
    } else {
      states_.assign(1, problem_.y0);
      for (Index i = 1; i < problem_.times.rows(); ++i) {
        const Matrix<double> interval = problem_.times.middleRows(i - 1, 2);
        SolverOptions options = problem_.solver;
        options.step_size = std::abs(interval(1) - interval(0)) / step_count(i);
        solver_.set_options(options);
        const Matrix<double> start = states_.back();
        if (!solver_.solve(*problem_.field, start, interval).succeeded()) break;
        states_.push_back(solver_.states()[1]);
      }
    }
    if (!report().succeeded()) return std::numeric_limits<double>::quiet_NaN();
    return problem_loss(problem_, states_, states_bar_);
  }

  // By five points, where `variable` is one entry of what the loss depends on.
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

 private:
  double step_count(Index row) const { return steps_[static_cast<std::size_t>(row - 1)]; }

  Problem& problem_;
  Solver<double> solver_;
  std::vector<double> steps_;
  std::vector<Matrix<double>> states_, states_bar_;
};

// Long enough for a loss good to 1e-13; the five points leave an error of the step's fourth power.
double step_at(double x) {
  return 1e-3 * std::max(std::abs(x), 0.1);
}

template <class Step, class Update>
Differences difference(Loss& loss, double* variables, Index total, Step step, Update update) {
  Differences result;
  result.total = total;
  result.entries = choose(total);
  for (const Index i : result.entries) {
    result.values.push_back(loss.derivative(variables[i], step(i), update));
  }
  return result;
}

// The same steps where they are fixed. Adaptive ones stand for the exact solution: differences take
// it as good as rounding lets it be, from the first of these methods that comes to the end.
std::vector<SolverOptions> for_differences(const SolverOptions& asked) {
  if (!asked.adaptive()) return {asked};
  std::vector<SolverOptions> candidates(2);
  for (SolverOptions& options : candidates) {
    options.rtol = options.atol = 1e-13;
    options.forced_times = asked.forced_times;
    options.jumps = asked.jumps;
  }
  const bool stiff = asked.method->implicit();
  candidates[0].method = find_method(stiff ? "kencarp5" : "dopri8");
  candidates[1].method = find_method(stiff ? "dopri8" : "kencarp5");
  return candidates;
}

struct AllDifferences {
  Differences y0, theta, times;
};

AllDifferences difference_all(Problem& problem, Loss& loss) {
  const auto nothing = [] {};
  const auto rebuild = [&] {
    const std::vector<double> values(problem.theta.begin(), problem.theta.end());
    if (problem.system != nullptr) problem.field = problem.system->make(values);
  };
  AllDifferences result;
  double* theta = problem.theta.data();
  result.theta = difference(
      loss, theta, problem.theta.size(), [&](Index i) { return step_at(theta[i]); }, rebuild);
  if (problem.is_flow) return result;

  double *y0 = problem.y0.data(), *times = problem.times.data();
  result.y0 = difference(
      loss, y0, problem.y0.size(), [&](Index i) { return step_at(y0[i]); }, nothing);
  const Index rows = problem.times.rows();
  const auto time_step = [&](Index i) {
    double step = step_at(times[i]);
    if (i > 0) step = std::min(step, std::abs(times[i] - times[i - 1]) / 5);
    if (i + 1 < rows) step = std::min(step, std::abs(times[i + 1] - times[i]) / 5);
    return step;
  };
  if (rows > 1) result.times = difference(loss, times, rows, time_step, nothing);
  return result;
}

// Null where there is nothing to compare; an absolute error where the differences are all zero.
Json error_of(const double* found, const Differences& differences) {
  if (differences.entries.empty()) return {};
  double error = 0, scale = 0;
  for (std::size_t i = 0; i < differences.entries.size(); ++i) {
    error = std::max(error, std::abs(found[differences.entries[i]] - differences.values[i]));
    scale = std::max(scale, std::abs(differences.values[i]));
  }
  return scale > 0 ? error / scale : error;
}

struct Row {
  std::string_view strategy;
  GradientOptions gradient;
};

std::vector<Row> rows_for(Index steps) {
  const int kept = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(steps))));
  return {{"discrete", {}},  {"discrete", {.checkpoints = kept}}, {"interpolated", {}},
          {"backsolve", {}}, {"backsolve", {.seminorm = false}},  {"backsolve", {.reset = true}}};
}

Json describe(const Row& row, const GradientStrategy& strategy) {
  Json json = {{"strategy", row.strategy}};
  if (!strategy.continuous) json["checkpoints"] = row.gradient.checkpoints;
  if (strategy.continuous) json["norm"] = row.gradient.seminorm ? "semi" : "full";
  if (row.strategy == "backsolve") json["reset"] = row.gradient.reset;
  return json;
}

Json describe(const Row& row, Problem& problem, const AllDifferences& differences) {
  const GradientStrategy& strategy = *find_gradient(row.strategy);
  Json json = describe(row, strategy);
  if (const Status status = validate(strategy, *problem.solver.method); !status) {
    json["reason"] = status.error();
    return json;
  }
  GradientOptions options = row.gradient;
  options.times = !problem.is_flow;
  const SolverOptions solver = solver_behind(strategy, problem.solver);
  if (solver.adaptive()) {
    json["rtol"] = solver.rtol;
    json["atol"] = solver.atol;
  }
  const auto gradient = strategy.make<double>(solver, options);
  const SolveReport& forward = gradient->forward(*problem.field, problem.y0, problem.times);
  json["status"] = status_name(forward.status);
  const auto failed = [&](const SolveReport& report) {
    json["message"] = report.message();
    return json;
  };
  if (!forward.succeeded()) return failed(forward);
  const int nfe = forward.nfe();
  std::vector<Matrix<double>> states_bar;
  problem_loss(problem, gradient->states(), states_bar);
  const SolveReport& backward = gradient->backward(*problem.field, states_bar);
  json["status"] = status_name(backward.status);
  if (!backward.succeeded()) return failed(backward);
  json["error_y0"] = error_of(gradient->y0_bar().data(), differences.y0);
  json["error_theta"] = error_of(gradient->theta_bar().data(), differences.theta);
  json["error_times"] = error_of(gradient->times_bar().data(), differences.times);
  json["nfe"] = nfe;
  json["nfe_backward"] = gradient->nfe_backward();
  json["nvjp"] = gradient->nvjp();
  json["state_bytes"] = gradient->state_bytes();
  return json;
}

Json describe(const Differences& differences) {
  return {{"entries", differences.total}, {"compared", differences.entries.size()}};
}

}  // namespace

Result<ProblemAnswer> gradient_report(std::string_view problem_json) {
  Result<Problem> read = read_problem(problem_json);
  if (!read) return Error{read.error()};
  Problem& problem = read.value();
  if (const Status status = check_loss(problem); !status) return Error{status.error()};
  const SolverOptions asked = problem.solver;
  Json json = {{"report", Json::array()}};

  std::optional<Loss> loss;
  for (const SolverOptions& options : for_differences(asked)) {
    problem.solver = options;
    loss.emplace(problem);
    if (!std::isnan((*loss)())) break;
  }
  if (!loss->report().succeeded()) {
    json["status"] = status_name(loss->report().status);
    json["message"] = loss->report().message();
    return ProblemAnswer{json.dump(), false, loss->report().message()};
  }
  const AllDifferences differences = difference_all(problem, *loss);

  problem.solver = asked;
  Solver<double> solver(solver_behind(*find_gradient("discrete"), asked));
  const SolveReport& forward = solver.solve(*problem.field, problem.y0, problem.times);
  const Index steps = forward.accepted / std::max<Index>(1, problem.y0.cols());
  for (const Row& row : rows_for(std::max<Index>(1, steps)))
    json["report"].push_back(describe(row, problem, differences));
  json["differences"] = {{"method", loss->method()},
                         {"y0", describe(differences.y0)},
                         {"theta", describe(differences.theta)},
                         {"times", describe(differences.times)}};
  return ProblemAnswer{json.dump(), true, ""};
}

}  // namespace neural_ode
