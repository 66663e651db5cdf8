#include "cli/problem/gradient_report.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/problem/problem_loss.h"
#include "cli/problem/problem_reader.h"
#include "engine/analysis/gradient_check.h"
#include "engine/gradient/differentiate.h"

namespace neural_ode {
namespace {

using Json = nlohmann::ordered_json;

// The problem as a function of its parameters.
LossOfSolve loss_of(Problem& problem) {
  LossOfSolve loss;
  loss.field = [&problem](VectorIn<double> theta) -> VectorField<double>& {
    if (problem.system == nullptr) {
      problem.theta = theta;  // where the network finds them
    } else {
      problem.field = problem.system->make(std::vector<double>(theta.begin(), theta.end()));
    }
    return *problem.field;
  };
  loss.theta = problem.theta;
  loss.y0 = problem.y0;
  loss.times = problem.times;
  loss.solver = problem.solver;
  loss.loss = [&problem](const auto& states, auto& states_bar) {
    return problem_loss(problem, states, states_bar);
  };
  return loss;
}

struct Row {
  std::string_view strategy;
  GradientOptions gradient;
};

std::vector<Row> rows_for(Count steps) {
  const int kept = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(steps))));
  return {{"discrete", {}},
          {"discrete", {.checkpoints = kept}},
          {"interpolated", {}},
          {"interpolated", {.seminorm = false}},
          {"backsolve", {}},
          {"backsolve", {.seminorm = false}},
          {"backsolve", {.reset = true}}};
}

Json describe(const Row& row, const GradientStrategy& strategy) {
  Json json = {{"strategy", row.strategy}};
  if (!strategy.continuous) json["checkpoints"] = row.gradient.checkpoints;
  if (strategy.continuous) json["norm"] = row.gradient.seminorm ? "semi" : "full";
  if (row.strategy == "backsolve") json["reset"] = row.gradient.reset;
  return json;
}

Json error_of(const std::optional<double>& error) {
  return error ? Json(*error) : Json();
}

Json describe(const Row& row, const LossOfSolve& problem, bool with_times,
              const LossDifferences& differences) {
  const GradientStrategy& strategy = *find_gradient(row.strategy);
  Json json = describe(row, strategy);
  if (const Status status = validate(strategy, *problem.solver.method); !status) {
    json["reason"] = status.error();
    return json;
  }
  GradientOptions options = row.gradient;
  options.times = with_times;
  const SolverOptions solver = solver_behind(strategy, problem.solver);
  if (solver.adaptive()) {
    json["rtol"] = solver.rtol;
    json["atol"] = solver.atol;
  }
  const Gradients<double> found = gradient(problem.field(problem.theta), problem.y0, problem.times,
                                           problem.loss, solver, row.strategy, options);
  json["status"] = status_name(found.report().status);
  if (!found) {
    json["message"] = found.report().message();
    return json;
  }
  const GradientErrors errors = compare(found, differences);
  json["error_y0"] = error_of(errors.y0);
  json["error_theta"] = error_of(errors.theta);
  json["error_times"] = error_of(errors.times);
  json["nfe"] = found.solution.report.nfe();
  json["nfe_backward"] = found.nfe_backward;
  json["nvjp"] = found.nvjp;
  json["state_bytes"] = found.state_bytes;
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
  Json json = {{"report", Json::array()}};
  const LossOfSolve loss = loss_of(problem);
  const bool flow = problem.is_flow;
  const LossDifferences differences = difference_loss(loss, {.y0 = !flow, .times = !flow});
  if (!differences.report.succeeded()) {
    json["status"] = status_name(differences.report.status);
    json["message"] = differences.report.message();
    return ProblemAnswer{json.dump(), false, differences.report.message()};
  }

  Solver<double> solver(solver_behind(*find_gradient("discrete"), loss.solver));
  const SolveReport& forward = solver.solve(*problem.field, problem.y0, problem.times);
  const Count steps = forward.accepted / std::max<Index>(1, problem.y0.cols());
  for (const Row& row : rows_for(std::max<Count>(1, steps)))
    json["report"].push_back(describe(row, loss, !flow, differences));
  json["differences"] = {{"method", differences.method},
                         {"y0", describe(differences.y0)},
                         {"theta", describe(differences.theta)},
                         {"times", describe(differences.times)}};
  return ProblemAnswer{json.dump(), true, ""};
}

}  // namespace neural_ode
