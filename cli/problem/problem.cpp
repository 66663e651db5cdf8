#include "cli/problem/problem.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>
#include <vector>

#include "cli/problem/problem_loss.h"
#include "cli/problem/problem_reader.h"
#include "engine/core/nearest_name.h"
#include "engine/gradient/gradient.h"
#include "engine/models/flow_likelihood.h"

namespace neural_ode {
namespace {

using Json = nlohmann::ordered_json;

// D x B as [batch][dim].
Json to_json(MatrixIn<double> states) {
  Json samples = Json::array();
  for (Index s = 0; s < states.cols(); ++s) {
    Json sample = Json::array();
    for (Index d = 0; d < states.rows(); ++d) sample.push_back(states(d, s));
    samples.push_back(std::move(sample));
  }
  return samples;
}

// z at t0 and the log density of x; states at t1 and t0.
void describe_flow(const std::vector<Matrix<double>>& states, Json& json) {
  const Matrix<double>& end = states.back();
  Vector<double> log_prob(end.cols());
  log_likelihood<double>(end, log_prob);
  json["z"] = to_json(end.topRows(end.rows() - 1));
  json["log_prob"] = Json::array();
  for (const double each : log_prob) json["log_prob"].push_back(each);
}

Count total(const std::vector<Count>& counts) {
  return std::accumulate(counts.begin(), counts.end(), Count(0));
}

Json describe(const Problem& problem, const SolveReport& report,
              const std::vector<Matrix<double>>& states) {
  Json json;
  json["status"] = status_name(report.status);
  if (report.status != SolveStatus::ok) json["message"] = report.message();
  if (problem.is_flow) {
    describe_flow(states, json);
  } else {
    json["y"] = Json::array();
    for (const Matrix<double>& state : states) json["y"].push_back(to_json(state));
  }
  json["stats"] = {{"nfe", report.nfe()},
                   {"jacobians", report.jacobians()},
                   {"nfe_per_sample", report.nfe_per_sample},
                   {"jacobians_per_sample", report.jacobians_per_sample},
                   {"nfe_total", total(report.nfe_per_sample)},
                   {"jacobians_total", total(report.jacobians_per_sample)},
                   {"accepted", report.accepted},
                   {"rejected", report.rejected},
                   {"largest_step", report.largest_step}};
  return json;
}

ProblemAnswer answer(const SolveReport& report, const Json& json) {
  const bool ok = report.status == SolveStatus::ok;
  return {json.dump(), ok, ok ? "" : report.message()};
}

// theta_bar as [{"weight", "bias"}], weights out x in.
Json layers_to_json(const Mlp<double>& mlp, const Vector<double>& theta_bar) {
  Json layers = Json::array();
  Index offset = 0;
  for (const LayerSpec& spec : mlp.layers()) {
    Json layer;
    const Eigen::Map<const Matrix<double>> weight(theta_bar.data() + offset, spec.outputs,
                                                  spec.inputs);
    offset += weight.size();
    layer["weight"] = to_json(Matrix<double>(weight.transpose()));
    if (spec.bias) {
      layer["bias"] = Json::array();
      for (int i = 0; i < spec.outputs; ++i) layer["bias"].push_back(theta_bar[offset++]);
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

// theta_bar as {"mu": value}.
Json params_to_json(const System& system, const Vector<double>& theta_bar) {
  Json params = Json::object();
  for (Index i = 0; i < theta_bar.size(); ++i) {
    params[std::string(system.parameters[static_cast<std::size_t>(i)].name)] = theta_bar[i];
  }
  return params;
}

Status check_request(const GradientRequest& request, const ButcherTableau& method) {
  const GradientStrategy* strategy = find_gradient(request.strategy);
  if (strategy == nullptr) {
    return Error{"gradient: expected " + one_of(names_of(gradient_strategies())) + ", found " +
                 request.strategy};
  }
  const auto expected = [&](const char* option, const char* takes_it) {
    return Error{std::string(option) + ": expected " + takes_it + ", found " + request.strategy};
  };
  const GradientOptions& options = request.options;
  if (options.checkpoints < 0) return Error{"checkpoints: expected a number >= 0"};
  if (options.checkpoints > 0 && strategy->continuous) return expected("checkpoints", "discrete");
  if (!options.seminorm && !strategy->continuous) {
    return expected("norm", "interpolated or backsolve");
  }
  if (options.reset && request.strategy != "backsolve") return expected("reset", "backsolve");
  if (const Status status = validate(*strategy, method); !status) {
    return Error{"/solver/method: " + status.error()};
  }
  return {};
}

}  // namespace

Result<ProblemAnswer> solve_problem(std::string_view problem_json) {
  Result<Problem> read = read_problem(problem_json);
  if (!read) return Error{read.error()};
  Problem& problem = read.value();
  Solver<double> solver(problem.solver);
  const SolveReport& report = solver.solve(*problem.field, problem.y0, problem.times);
  return answer(report, describe(problem, report, solver.states()));
}

Result<ProblemAnswer> grad_problem(std::string_view problem_json, const GradientRequest& request) {
  Result<Problem> read = read_problem(problem_json);
  if (!read) return Error{read.error()};
  Problem& problem = read.value();
  if (const Status status = check_loss(problem); !status) return Error{status.error()};
  if (const Status status = check_request(request, *problem.solver.method); !status) {
    return Error{status.error()};
  }

  const GradientStrategy& strategy = *find_gradient(request.strategy);
  problem.solver = solver_behind(strategy, problem.solver);
  GradientOptions options = request.options;
  options.times = !problem.is_flow;
  const auto gradient = strategy.make<double>(problem.solver, options);
  const SolveReport& forward = gradient->forward(*problem.field, problem.y0, problem.times);
  Json json = describe(problem, forward, gradient->states());
  if (problem.solver.adaptive()) {
    json["stats"]["rtol"] = problem.solver.rtol;
    json["stats"]["atol"] = problem.solver.atol;
  }
  if (forward.status != SolveStatus::ok) return answer(forward, json);

  std::vector<Matrix<double>> states_bar;
  const double loss = problem_loss(problem, gradient->states(), states_bar);
  if (!std::isfinite(loss)) {
    // Not the solution, which is finite.
    const char* message =
        std::isnan(loss) ? "the loss became NaN" : "the loss became infinite: it overflows";
    json["loss"] = nullptr;
    json["status"] = status_name(SolveStatus::non_finite);
    json["message"] = message;
    return ProblemAnswer{json.dump(), false, message};
  }
  json["loss"] = loss;
  const SolveReport& backward = gradient->backward(*problem.field, states_bar);
  json["status"] = status_name(backward.status);
  if (backward.status != SolveStatus::ok) {
    json["message"] = backward.message();
    return answer(backward, json);
  }
  if (!problem.is_flow) {
    json["grad_y0"] = to_json(gradient->y0_bar());
    json["grad_times"] = to_json(gradient->times_bar())[0];
  }
  if (problem.network != nullptr) {
    json["grad_layers"] = layers_to_json(*problem.network, gradient->theta_bar());
  }
  if (problem.system != nullptr) {
    json["grad_params"] = params_to_json(*problem.system, gradient->theta_bar());
  }
  json["stats"]["nfe_backward"] = gradient->nfe_backward();
  json["stats"]["nvjp"] = gradient->nvjp();
  json["stats"]["state_bytes"] = gradient->state_bytes();
  return answer(backward, json);
}

}  // namespace neural_ode
