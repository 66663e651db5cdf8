#include "playground/experiments/classify/parameters.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/data/labelled_points.h"
#include "engine/nn/activation.h"
#include "playground/experiments/classify/experiment.h"
#include "playground/training/rows.h"

namespace neural_ode::classify {

namespace {

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = "classify";
  info.label = "Classify";
  info.promise = "A continuous flow moves two tangled classes apart until a plane parts them.";
  info.look_for =
      "Press play and watch the paths: each point starts where it lies in the data and is carried "
      "by dy/dt = f(t, y) to t = 1, where a read-out draws one line. Paths of a flow never cross; "
      "where they seem to, they pass each other in a hidden dimension.";
  info.default_steps = 1000;
  info.suggestions = {
      {"Rings in two dimensions", {{"data", "rings"}, {"augment", "0"}, {"lift", "false"}}},
      {"Spirals unrolled in the plane itself", {{"data", "spirals"}, {"augment", "0"}}},
      {"Lift the rings into a third", {{"data", "rings"}, {"augment", "1"}}},
      {"Three Euler steps: a small ResNet", {{"solver", "euler"}, {"step_size", "0.34"}}},
      {"Residual blocks, each with weights of its own", {{"model", "resnet"}}},
      {"Turn a line around: no flow of the line can",
       {{"data", "one_dimensional"}, {"model", "ode"}, {"augment", "0"}}},
      {"Loosen the tolerance to 0.1", {{"solver", "dopri5"}, {"tolerance", "0.1"}}},
  };

  std::vector<Choice> sets;
  std::vector<std::string> generated;
  std::vector<std::string> planar;
  for (const PointSet& set : point_sets()) {
    sets.push_back({std::string(set.name), std::string(set.label)});
    generated.emplace_back(set.name);
    if (set.dim == 2) planar.emplace_back(set.name);
  }
  planar.emplace_back("own");
  sets.push_back({"own", "Your own points"});
  auto& table = info.parameters;
  table.push_back(choice_row(Group::data, "data", "Data", std::move(sets), "spirals",
                             "Two classes of points in the plane, or your own, drawn on the "
                             "picture or pasted as rows of x,y,label; or on a line the values "
                             "g(−1) = 1, g(1) = −1."));
  table.back().pictures = true;
  table.push_back(shown_for(noise_row(0.05), "data", generated));
  table.push_back(shown_for(integer_row(Group::data, "points", "Points", 40, 2000, 800,
                                        "Points of both classes together; three in ten are kept "
                                        "for testing."),
                            "data", generated));
  table.push_back(choice_row(Group::model, "model", "Model",
                             {{"ode", "Neural ODE"}, {"resnet", "ResNet"}, {"mlp", "MLP"}}, "ode",
                             "A flow; 20 residual blocks z += f_k(z) / 20, each f_k as wide as f "
                             "with weights of its own; or a plain MLP with as many parameters as "
                             "the Neural ODE of these settings. Only the flow has a solver."));
  table.push_back(integer_row(Group::model, "augment", "Extra dims", 0, 5, 1,
                              "Dimensions added to the data's, which let the flow go around what "
                              "it could not cross: y(0) = [x, 0]."));
  table.push_back(shown_for(
      flag_row(Group::model, "lift", "Learn the lift", false,
               "Start from a learnt linear map y(0) = W x + b into the same number of dimensions "
               "instead of padding with zeros."),
      "data", planar));
  table.push_back(hidden_row(24));
  table.push_back(layers_row(2));
  table.push_back(activation_row("tanh"));
  table.push_back(shown_for(flag_row(Group::model, "time_input", "Time as input", false,
                                     "Let f depend on t: the field itself changes on the way."),
                            "model", {"ode", "mlp"}));
  table.push_back(shown_for(
      choice_row(Group::model, "readout", "Read-out", {{"linear", "Linear"}, {"mlp", "MLP"}},
                 "linear",
                 "What turns y(1) into a probability: one plane, or a small network, which leaves "
                 "the flow less to do."),
      "data", planar));
  add_solver_rows(table, "rk4", 1e-3, 0.1);
  add_training_rows(table, 0.005, 96, "cosine");
  return info;
}

}  // namespace

Result<Options> read_options(const Settings& settings) {
  Options read;
  read.data = settings.choice("data");
  read.points = settings.integer("points");
  read.noise = settings.number("noise");
  read.batch = settings.integer("batch");
  ClassifierSpec& spec = read.spec;
  const std::string& model = settings.choice("model");
  if (model == "resnet") spec.model = ClassifierModel::residual;
  if (model == "mlp") spec.model = ClassifierModel::plain;
  if (const PointSet* set = find_point_set(read.data); set && set->dim == 1) {
    spec.inputs = 1;
    spec.regression = true;
  }
  spec.augment = settings.integer("augment");
  spec.lift = settings.flag("lift") && !spec.regression;
  spec.hidden = settings.integer("hidden");
  spec.layers = settings.integer("layers");
  spec.activation = *find_activation(settings.choice("activation"));
  spec.time_input = settings.flag("time_input");
  spec.mlp_readout = settings.choice("readout") == "mlp";
  if (Status status = read_solver(settings, spec.solver, spec.gradient); !status)
    return Error{status.error()};
  return read;
}

}  // namespace neural_ode::classify

namespace neural_ode {

const ExperimentInfo& classify_info() {
  static const ExperimentInfo info = classify::make_info();
  return info;
}

}  // namespace neural_ode
