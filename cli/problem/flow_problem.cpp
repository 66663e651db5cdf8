#include "cli/problem/flow_problem.h"

#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "engine/core/rng.h"
#include "engine/fields/flow_field.h"

namespace neural_ode {
namespace {

struct FlowOptions {
  Trace trace = Trace::exact;
  double t0 = 0, t1 = 1;
  double probes = 1, seed = 0;  // whole
};

void read_whole(JsonReader& reader, const JsonPlace& place, double low, double high,
                const std::string& range, double& value) {
  if (!place || !reader.ok()) return;
  value = reader.number(place);
  if (reader.ok() && !(value >= low && value <= high && value == std::floor(value))) {
    reader.fail(place, "a whole number from " + range);
  }
}

FlowOptions read_options(JsonReader& reader, const JsonPlace& place) {
  FlowOptions options;
  if (!reader.object(place, {"trace", "base", "t0", "t1", "probes", "seed"})) return options;
  if (const JsonPlace trace = place["trace"]; trace.is("hutchinson")) {
    options.trace = Trace::rademacher;
  } else if (trace && !trace.is("exact")) {
    reader.fail(trace, "exact or hutchinson");
  }
  if (const JsonPlace base = place["base"]; base && !base.is("normal")) {
    reader.fail(base, "normal");
  }
  if (place["t0"]) options.t0 = reader.number(place["t0"]);
  if (place["t1"]) options.t1 = reader.number(place["t1"]);
  if (reader.ok() && options.t0 == options.t1) {
    const bool second = bool(place["t1"]);
    reader.fail(place[second ? "t1" : "t0"],
                std::string("a number other than ") + (second ? "t0" : "t1"));
  }
  read_whole(reader, place["probes"], 1, 10000, "1 to 10000", options.probes);
  read_whole(reader, place["seed"], 0, 0x1p53, "0 to 9007199254740992", options.seed);
  return options;
}

}  // namespace

bool is_flow(const JsonPlace& root) {
  return root["flow"] || root["x"];
}

bool check_flow_keys(JsonReader& reader, const JsonPlace& root) {
  for (const char* key : {"y0", "times"}) {
    if (root[key]) {
      return reader.fail(root[key], "x and flow alone, which take the place of y0 and times");
    }
  }
  return reader.object(root, {"field", "x", "flow", "solver", "loss"});
}

void read_flow(JsonReader& reader, const JsonPlace& root, Problem& problem) {
  if (problem.network == nullptr) {
    reader.fail(root["field"]["type"], "mlp or linear as the field of a flow");
    return;
  }
  const Index dim = problem.network->outputs();
  const FlowOptions options = read_options(reader, root["flow"]);
  const Matrix<double> x = read_states(reader, root["x"], dim, -1);
  if (root["loss"] && reader.object(root["loss"], {"type"})) {
    problem.nll = root["loss"]["type"].is("nll");
    if (!problem.nll) reader.fail(root["loss"]["type"], "nll, the loss of a flow");
  }
  if (!reader.ok()) return;

  auto field = std::make_unique<FlowField<double>>(problem.network->layers(),
                                                   problem.network->inputs() > dim, options.trace,
                                                   static_cast<int>(options.probes));
  field->bind(problem.theta.data());
  Rng rng(static_cast<std::uint64_t>(options.seed));
  field->draw_probes(x.cols(), rng);
  problem.is_flow = true;
  // Made of a list of layers, hence an MLP.
  problem.network = static_cast<const Mlp<double>*>(&field->network());
  problem.field = std::move(field);
  problem.y0.setZero(dim + 1, x.cols());
  problem.y0.topRows(dim) = x;
  problem.times.resize(2, 1);
  problem.times << options.t1, options.t0;
}

Status check_flow_gradient(const Problem& problem) {
  if (!problem.nll) return Error{"/loss: expected an object with type, found nothing"};
  if (const auto layer = find_layer_without_curvature(problem.network->layers())) {
    const std::string name(activation_name(problem.network->layers()[*layer].activation));
    return Error{"/field/layers/" + std::to_string(*layer) +
                 "/activation: expected an activation with a second derivative, which the gradient "
                 "of a trace needs, found \"" +
                 name + "\""};
  }
  return {};
}

}  // namespace neural_ode
