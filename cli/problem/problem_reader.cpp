#include "cli/problem/problem_reader.h"

#include <string>
#include <utility>

#include "cli/problem/flow_problem.h"
#include "cli/problem/json_reader.h"
#include "cli/problem/solver_reader.h"
#include "engine/fields/mlp_field.h"
#include "engine/nn/activation.h"

namespace neural_ode {
namespace {

std::string system_names() {
  std::vector<std::string> names;
  for (const System& system : systems()) names.emplace_back(system.name);
  return one_of(names);
}

std::string plural(Index n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

struct LayerValues {
  Matrix<double> weight;
  Vector<double> bias;  // empty: none
};

// Binds a network of these layers, whose slices of theta come in the same order: weight, bias, ...
void bind_network(std::vector<LayerSpec> specs, const std::vector<LayerValues>& values,
                  bool time_input, Problem& problem) {
  auto field = std::make_unique<MlpField<double>>(std::move(specs), time_input);
  problem.theta.resize(field->parameter_count());
  Index offset = 0;
  const auto append = [&](const auto& entries) {
    for (Index i = 0; i < entries.size(); ++i) problem.theta[offset++] = entries.data()[i];
  };
  for (const LayerValues& layer : values) {
    append(layer.weight);
    append(layer.bias);
  }
  field->bind(problem.theta.data());
  problem.network = &field->mlp();
  problem.field = std::move(field);
}

void read_mlp(JsonReader& reader, const JsonPlace& place, Problem& problem) {
  if (!reader.object(place, {"type", "time_input", "layers"})) return;
  const bool time_input = place["time_input"] ? reader.flag(place["time_input"]) : false;
  const JsonPlace layers = place["layers"];
  if (!reader.array(layers, "a list of layers")) return;

  std::vector<LayerSpec> specs;
  std::vector<LayerValues> values;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const JsonPlace layer = layers[i];
    if (!reader.object(layer, {"weight", "bias", "activation"})) return;
    LayerValues value;
    value.weight = reader.matrix(layer["weight"]);
    if (!reader.ok()) return;
    if (i > 0 && value.weight.cols() != specs.back().outputs) {
      reader.fail(layer["weight"],
                  plural(specs.back().outputs, "column") + " as layer " + std::to_string(i - 1) +
                      " has " + plural(specs.back().outputs, "output"),
                  std::to_string(value.weight.cols()));
      return;
    }
    if (layer["bias"]) value.bias = reader.vector(layer["bias"], value.weight.rows());
    const std::string expected = one_of(activation_names());
    const std::string name = reader.text(layer["activation"], expected);
    if (!reader.ok()) return;
    const auto activation = find_activation(name);
    if (!activation) {
      reader.fail(layer["activation"], expected);
      return;
    }
    specs.push_back({static_cast<int>(value.weight.cols()), static_cast<int>(value.weight.rows()),
                     *activation, value.bias.size() > 0});
    values.push_back(std::move(value));
  }
  const int extra = time_input ? 1 : 0;
  if (specs.front().inputs != specs.back().outputs + extra) {
    const std::string as = std::string(" as the last layer has ") +
                           plural(specs.back().outputs, "output") +
                           (time_input ? " and t is the last input" : "");
    reader.fail(layers[0]["weight"], plural(specs.back().outputs + extra, "column") + as,
                std::to_string(specs.front().inputs));
    return;
  }
  bind_network(std::move(specs), values, time_input, problem);
}

void read_linear(JsonReader& reader, const JsonPlace& place, Problem& problem) {
  if (!reader.object(place, {"type", "matrix"})) return;
  LayerValues value;
  value.weight = reader.matrix(place["matrix"]);
  if (!reader.ok()) return;
  const int rows = static_cast<int>(value.weight.rows()),
            cols = static_cast<int>(value.weight.cols());
  if (rows != cols) {
    reader.fail(place["matrix"], "a square matrix",
                std::to_string(rows) + " x " + std::to_string(cols));
    return;
  }
  bind_network({{cols, rows, Activation::identity, false}}, {value}, false, problem);
}

void read_system(JsonReader& reader, const JsonPlace& place, Problem& problem) {
  if (!reader.object(place, {"type", "name", "params"})) return;
  const std::string name = reader.text(place["name"], system_names());
  if (!reader.ok()) return;
  const System* system = find_system(name);
  if (system == nullptr) {
    reader.fail(place["name"], system_names());
    return;
  }
  std::vector<std::string_view> names;
  std::vector<double> values;
  for (const SystemParameter& parameter : system->parameters) {
    names.push_back(parameter.name);
    values.push_back(parameter.value);
  }
  if (const JsonPlace params = place["params"]) {
    if (!reader.object(params, names)) return;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (const JsonPlace value = params[names[i]]) values[i] = reader.number(value);
    }
    if (!reader.ok()) return;
  }
  problem.field = system->make(values);
  problem.theta =
      Eigen::Map<const Vector<double>>(values.data(), static_cast<Index>(values.size()));
  problem.system = system;
}

void read_field(JsonReader& reader, const JsonPlace& place, Problem& problem) {
  if (!place || !place.value->is_object()) {
    reader.fail(place, "an object with type");
    return;
  }
  const JsonPlace type = place["type"];
  if (type.is("mlp")) {
    read_mlp(reader, place, problem);
  } else if (type.is("linear")) {
    read_linear(reader, place, problem);
  } else if (type.is("system")) {
    read_system(reader, place, problem);
  } else {
    reader.fail(type, "mlp, linear or system");
  }
}

void read_times(JsonReader& reader, const JsonPlace& place, Matrix<double>& times) {
  times = reader.vector(place, -1);
  if (!reader.ok()) return;
  for (Index i = 1; i < times.rows(); ++i) {
    const bool ascending = times(1, 0) > times(0, 0);
    const double before = times(i - 1, 0), t = times(i, 0);
    if (ascending ? t > before : t < before) continue;
    const std::string order = ascending ? "a number above " : "a number below ";
    reader.fail(place[static_cast<std::size_t>(i)],
                i == 1 ? "a number other than the one before"
                       : order + place[static_cast<std::size_t>(i - 1)].value->dump());
    return;
  }
}

}  // namespace

Matrix<double> read_states(JsonReader& reader, const JsonPlace& place, Index dim, Index batch) {
  if (!reader.array(place, "a list of states")) return {};
  const Index found = static_cast<Index>(place.size());
  if (batch >= 0 && found != batch) {
    reader.fail(place, plural(batch, "sample") + " as y0 has", std::to_string(found));
    return {};
  }
  Matrix<double> states(dim, found);
  for (Index s = 0; s < found; ++s) {
    const Vector<double> state = reader.vector(place[static_cast<std::size_t>(s)], dim);
    if (!reader.ok()) return {};
    states.col(s) = state;
  }
  return states;
}

namespace {

void read_loss(JsonReader& reader, const JsonPlace& place, Problem& problem) {
  if (!reader.object(place, {"type", "target"})) return;
  if (!place["type"].is("mse")) {
    reader.fail(place["type"], "mse");
    return;
  }
  const JsonPlace target = place["target"];
  if (!reader.array(target, "a list of states at each time")) return;
  if (static_cast<Index>(target.size()) != problem.times.rows()) {
    reader.fail(target, plural(problem.times.rows(), "item") + " as there are times",
                std::to_string(target.size()));
    return;
  }
  for (std::size_t i = 0; i < target.size() && reader.ok(); ++i) {
    problem.target.push_back(read_states(reader, target[i], problem.y0.rows(), problem.y0.cols()));
  }
}

}  // namespace

Result<Problem> read_problem(std::string_view problem_json) {
  const Result<nlohmann::json> json = read_json(problem_json);
  if (!json) return Error{json.error()};
  const JsonPlace root{&json.value(), ""};
  JsonReader reader;
  Problem problem;
  const bool flow = is_flow(root);
  if (flow ? check_flow_keys(reader, root)
           : reader.object(root, {"field", "y0", "times", "solver", "loss"})) {
    read_field(reader, root["field"], problem);
  }
  if (reader.ok() && flow) read_flow(reader, root, problem);
  if (reader.ok() && !flow) problem.y0 = read_states(reader, root["y0"], problem.field->dim(), -1);
  if (reader.ok() && !flow) read_times(reader, root["times"], problem.times);
  if (reader.ok()) {
    read_solver(reader, root["solver"], problem.field->dim(), problem.solver);
  }
  if (reader.ok() && !flow && root["loss"]) read_loss(reader, root["loss"], problem);
  if (!reader.ok()) return Error{reader.error()};
  return problem;
}

}  // namespace neural_ode
