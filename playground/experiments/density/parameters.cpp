#include "playground/experiments/density/parameters.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/plane_densities.h"
#include "engine/nn/activation.h"
#include "playground/experiments/density/experiment.h"
#include "playground/training/rows.h"

namespace neural_ode::density {

namespace {

constexpr std::int64_t default_steps = 1000;

const std::vector<std::string> matching = {"flow_matching", "ot_flow_matching"};
const std::vector<std::string> solving = {"likelihood", "reverse_kl"};

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = "density";
  info.label = "Density";
  info.promise = "A flow bends a cloud of noise into the shape of the data, and knows its density.";
  info.look_for =
      "Move t: at 0 the samples are a round cloud, at 1 they lie where the data lie, and the "
      "density goes with them. The flow never tears the plane, so thin bridges remain between "
      "islands. The dashed line under the loss is the best that any model could do.";
  info.default_steps = default_steps;
  info.suggestions = {
      {"Eight islands by maximum likelihood", {{"data", "8gaussians"}, {"method", "likelihood"}}},
      {"The same without solving: flow matching",
       {{"data", "8gaussians"},
        {"method", "flow_matching"},
        {"hidden", "64"},
        {"learning_rate", "0.005"}}},
      {"Straight paths: optimal transport pairs",
       {{"data", "8gaussians"},
        {"method", "ot_flow_matching"},
        {"hidden", "64"},
        {"learning_rate", "0.005"}}},
      {"From eight islands to two moons",
       {{"data", "moons_wide"},
        {"source", "8gaussians_wide"},
        {"method", "ot_flow_matching"},
        {"hidden", "64"},
        {"learning_rate", "0.005"}}},
      {"From the density alone, without data", {{"data", "crescents"}, {"method", "reverse_kl"}}},
      {"Beside a discrete flow of 32 planar layers",
       {{"data", "8gaussians"}, {"baseline", "planar"}}},
      {"One noisy look at the trace instead of all of it",
       {{"data", "checkerboard"}, {"method", "likelihood"}, {"trace", "rademacher"}}},
  };

  std::vector<Choice> sets, sources = {{"normal", "Standard normal"}};
  for (const PlaneDensity& density : plane_densities()) {
    sets.push_back({std::string(density.name), std::string(density.label)});
  }
  sources.insert(sources.end(), sets.begin(), sets.end());
  sets.push_back({"own", "Your own points"});
  auto& table = info.parameters;
  table.push_back(choice_row(Group::data, "data", "Data", std::move(sets), "8gaussians",
                             "A density in the plane, or your own points, drawn on the picture or "
                             "pasted as rows of x,y,label (labels do not matter); or weights, "
                             "of the pixels of an image for one, under the header x,y,weight."));
  table.back().pictures = true;
  table.push_back(real_row(Group::data, "noise", "Noise", 0, 0.5, 0,
                           "Standard deviation of normal noise added to the data. Your own points "
                           "always have at least 0.1, so that each stands for a small cloud."));
  table.push_back(shown_for(choice_row(Group::data, "source", "Source", std::move(sources),
                                       "normal", "Where the flow starts, at t = 0."),
                            "method", matching));
  table.push_back(hidden_row(32));
  table.push_back(layers_row(2));
  Parameter activation = activation_row("tanh");
  // Its second derivative is zero, so that it cannot learn from a trace.
  std::erase_if(activation.choices, [](const Choice& choice) { return choice.name == "relu"; });
  table.push_back(std::move(activation));
  table.push_back(choice_row(Group::model, "field", "Layers of f",
                             {{"plain", "Plain"}, {"concat_squash", "Concat squash"}}, "plain",
                             "Plain layers see the time, if at all, as one input more of the first "
                             "one. Concat squash layers have a gain and an offset that follow the "
                             "time, as in FFJORD."));
  table.push_back(shown_for(flag_row(Group::model, "time_input", "Time as input", true,
                                     "Let f depend on t: the field itself changes on the way."),
                            "field", {"plain"}));
  table.push_back(choice_row(Group::model, "baseline", "Beside it",
                             {{"none", "Nothing"}, {"planar", "Planar flow"}}, "none",
                             "A discrete flow to compare with, trained by maximum likelihood on "
                             "the same batches: planar layers z + u tanh(w·z + b)."));
  table.push_back(shown_for(
      integer_row(Group::model, "planar_layers", "Planar layers", 1, 64, 32, "How many of them."),
      "baseline", {"planar"}));
  add_solver_rows(table, "rk4", 1e-4, 0.2);
  table.push_back(choice_row(
      Group::training, "method", "Training",
      {{"likelihood", "Maximum likelihood"},
       {"flow_matching", "Flow matching"},
       {"ot_flow_matching", "Flow matching, optimal pairs"},
       {"reverse_kl", "Reverse KL, from the density"}},
      "likelihood",
      "Maximum likelihood solves the flow back from the data in every step. Flow matching solves "
      "nothing: it fits f to the lines between random pairs of source and data, or between pairs "
      "chosen in each batch by optimal transport. Reverse KL sees no data, only log p of the "
      "density it is to have, which has to be known (8 Gaussians, crescents): it carries noise "
      "along and lowers log q - log p where it arrives."));
  table.push_back(shown_for(
      choice_row(Group::training, "trace", "Trace",
                 {{"exact", "Exact"}, {"rademacher", "Rademacher"}, {"gaussian", "Gaussian"}},
                 "exact",
                 "The trace of df/dz in the likelihood: exact, or Hutchinson's estimate with one "
                 "random vector for each solve."),
      "method", solving));
  table.push_back(shown_for(real_row(Group::training, "kinetic", "Kinetic energy", 0, 1, 0,
                                     "Weight of the integral of |f|² in the loss: short paths."),
                            "method", solving));
  table.push_back(shown_for(real_row(Group::training, "jacobian", "Jacobian norm", 0, 1, 0,
                                     "Weight of the integral of ‖df/dz‖² (Frobenius) in the loss: "
                                     "a smooth flow."),
                            "method", solving));
  table.push_back(shown_for(real_row(Group::training, "sigma", "Blur", 0, 1, 0,
                                     "Standard deviation σ of the noise around the lines between "
                                     "pairs."),
                            "method", matching));
  add_training_rows(table, 0.01, 256, "cosine");
  table.push_back(logarithmic(integer_row(Group::training, "schedule_steps", "Schedule length", 10,
                                          1000000, static_cast<int>(default_steps),
                                          "Steps in which the cosine falls to zero.")));
  table.push_back(
      logarithmic(integer_row(Group::training, "test_points", "Test points", 16, 50000, 512,
                              "Fresh points on which likelihood and distance W₂ (at "
                              "most 2048 of them) are measured.")));
  return info;
}

}  // namespace

Options read_options(const Settings& settings) {
  Options read;
  read.data = settings.choice("data");
  read.source = settings.choice("source");
  read.noise = settings.number("noise");
  const std::string& method = settings.choice("method");
  read.method = method == "flow_matching"      ? Options::Method::matching
                : method == "ot_flow_matching" ? Options::Method::optimal_matching
                : method == "reverse_kl"       ? Options::Method::reverse_kl
                                               : Options::Method::likelihood;
  read.sigma = settings.number("sigma");
  if (settings.choice("baseline") == "planar")
    read.planar_layers = settings.integer("planar_layers");
  DensitySpec& spec = read.spec;
  spec.hidden = settings.integer("hidden");
  spec.layers = settings.integer("layers");
  spec.activation = *find_activation(settings.choice("activation"));
  spec.time_input = settings.flag("time_input");
  spec.concat_squash = settings.choice("field") == "concat_squash";
  const std::string& trace = settings.choice("trace");
  spec.trace = trace == "rademacher" ? Trace::rademacher
               : trace == "gaussian" ? Trace::gaussian
                                     : Trace::exact;
  spec.penalty = {settings.number("kinetic"), settings.number("jacobian")};
  spec.solver = solver_options(settings);
  read.batch = settings.integer("batch");
  read.test_points = settings.integer("test_points");
  read.schedule_steps = settings.integer("schedule_steps");
  return read;
}

}  // namespace neural_ode::density

namespace neural_ode {

const ExperimentInfo& density_info() {
  static const ExperimentInfo info = density::make_info();
  return info;
}

}  // namespace neural_ode
