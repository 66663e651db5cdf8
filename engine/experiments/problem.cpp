#include "engine/experiments/problem.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "engine/experiments/flow_problem.h"
#include "engine/experiments/problem_reader.h"
#include "engine/gradient/gradient.h"
#include "engine/models/flow_likelihood.h"
#include "engine/nn/activation.h"

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
  json["stats"] = {
      {"nfe", report.nfe()}, {"accepted", report.accepted}, {"rejected", report.rejected}};
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

// A system's parameters with their default values, and a first look at it.
Json system_to_json(const System& system) {
  Json json = {{"name", system.name}, {"label", system.label}, {"dim", system.dim}};
  json["params"] = Json::object();
  for (const SystemParameter& parameter : system.parameters) {
    json["params"][std::string(parameter.name)] = parameter.value;
  }
  json["y0"] = std::vector<double>(system.y0.begin(), system.y0.begin() + system.dim);
  json["times"] = {0.0, system.t_end};
  return json;
}

// The mean over every entry of (y - target)^2, and its cotangents.
double mean_squared_error(const std::vector<Matrix<double>>& states,
                          const std::vector<Matrix<double>>& target,
                          std::vector<Matrix<double>>& states_bar) {
  double sum = 0, entries = 0;
  for (const Matrix<double>& state : states) entries += static_cast<double>(state.size());
  states_bar.clear();
  for (std::size_t i = 0; i < states.size(); ++i) {
    states_bar.push_back((2 / entries) * (states[i] - target[i]));
    for (Index j = 0; j < states[i].size(); ++j) {
      const double miss = states[i].data()[j] - target[i].data()[j];
      sum += miss * miss;
    }
  }
  return sum / entries;
}

// Minus the mean log density, and its cotangents.
double flow_loss(const std::vector<Matrix<double>>& states,
                 std::vector<Matrix<double>>& states_bar) {
  states_bar.assign(2, Matrix<double>::Zero(states[0].rows(), states[0].cols()));
  return negative_log_likelihood<double>(states[1], states_bar[1]);
}

// A tolerance bounds the error of y. Its derivative converges more slowly where an activation has a
// kink in s' or s'': a step that meets the tolerance across it leaves an error of about
// tolerance^(2/3) in the gradient. So that gradients asked for at 1e-10 are good to 1e-6, the solve
// behind them is this much stricter; below the floor rounding takes over.
void tighten(SolverOptions& options) {
  constexpr double factor = 0.01, floor = 1e-13;
  if (options.rtol > floor) options.rtol = std::max(factor * options.rtol, floor);
  if (options.atol > floor) options.atol = std::max(factor * options.atol, floor);
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

Result<ProblemAnswer> grad_problem(std::string_view problem_json, std::string_view strategy) {
  if (strategy != "discrete") {
    return Error{"gradient: expected discrete, found " + std::string(strategy)};
  }
  Result<Problem> read = read_problem(problem_json);
  if (!read) return Error{read.error()};
  Problem& problem = read.value();
  if (problem.is_flow) {
    if (const Status status = check_flow_gradient(problem); !status) return Error{status.error()};
  } else if (problem.target.empty()) {
    return Error{"/loss: expected an object with type, target, found nothing"};
  }

  tighten(problem.solver);
  const auto gradient = make_discrete<double>(problem.solver, {.times = !problem.is_flow});
  const SolveReport& forward = gradient->forward(*problem.field, problem.y0, problem.times);
  Json json = describe(problem, forward, gradient->states());
  if (problem.solver.adaptive()) {
    json["stats"]["rtol"] = problem.solver.rtol;
    json["stats"]["atol"] = problem.solver.atol;
  }
  if (forward.status != SolveStatus::ok) return answer(forward, json);

  std::vector<Matrix<double>> states_bar;
  json["loss"] = problem.is_flow
                     ? flow_loss(gradient->states(), states_bar)
                     : mean_squared_error(gradient->states(), problem.target, states_bar);
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

std::string problem_vocabulary() {
  Json json;
  for (const ButcherTableau* method : methods()) {
    json["methods"].push_back({{"name", method->name},
                               {"label", method->label},
                               {"order", method->order},
                               {"stages", method->stages},
                               {"adaptive", method->adaptive()}});
  }
  for (const System& system : systems()) json["systems"].push_back(system_to_json(system));
  for (const std::string_view name : activation_names()) json["activations"].push_back(name);
  json["gradients"] = {"discrete"};
  return json.dump(2);
}

}  // namespace neural_ode
