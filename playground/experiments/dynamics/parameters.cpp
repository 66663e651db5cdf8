#include "playground/experiments/dynamics/parameters.h"

#include <string>
#include <utility>
#include <vector>

#include "playground/experiments/dynamics/data.h"
#include "playground/experiments/dynamics/experiment.h"
#include "playground/training/rows.h"

namespace neural_ode::dynamics {

namespace {

std::vector<Suggestion> suggestions() {
  return {
      {"Recover the matrix of a spiral",
       {{"data", "linear"}, {"model", "linear"}, {"trajectories", "1"}}},
      {"Two attractors with a small MLP", {{"data", "two_attractors"}, {"model", "mlp"}}},
      {"A cubic law, an MLP and a curriculum",
       {{"data", "cubic"},
        {"model", "mlp"},
        {"curriculum", "true"},
        {"activation", "relu"},
        {"hidden", "64"},
        {"learning_rate", "0.02"}}},
      {"A cubic law, a linear model: it cannot", {{"data", "cubic"}, {"model", "linear"}}},
      {"Only the position is seen: a plain law cannot",
       {{"data", "oscillator_position"}, {"model", "mlp"}}},
      {"The same, with one coordinate nobody sees",
       {{"data", "oscillator_position"},
        {"model", "mlp"},
        {"augment", "1"},
        {"initial_states", "trained"}}},
      {"A driven oscillator needs the time",
       {{"data", "duffing"}, {"model", "mlp"}, {"time_input", "true"}}},
      {"Hares and lynxes, 1900 to 1920", {{"data", "hare_lynx"}, {"model", "mlp"}}},
  };
}

void add_data_rows(std::vector<Parameter>& table) {
  std::vector<Choice> sets;
  std::vector<std::string> simulated;
  for (const KnownData& data : known_data()) {
    sets.push_back({std::string(data.name), std::string(data.label)});
    if (!data.system.empty()) simulated.emplace_back(data.name);
  }
  sets.push_back({"own", "Your own curve"});
  table.push_back(choice_row(Group::data, "data", "Data", std::move(sets), "linear",
                             "Motions of a known field, pelts of hares and lynxes in 21 years, or "
                             "your own, drawn on the picture or pasted as rows of t,x,y or "
                             "t,x,y,trajectory."));
  table.back().pictures = true;
  table.push_back(shown_for(noise_row(0.01), "data", simulated));
  table.push_back(real_row(Group::data, "missing", "Missing", 0, 0.9, 0,
                           "Share of the observed numbers that are dropped at random. What is "
                           "left is irregular in time, and the loss counts it alone."));
  table.push_back(shown_for(integer_row(Group::data, "trajectories", "Trajectories", 1, 16, 8,
                                        "Motions observed, each from its own initial state."),
                            "data", simulated));
  table.push_back(shown_for(integer_row(Group::data, "points", "Observations", 20, 1000, 200,
                                        "Observations of each motion, equally spaced in time."),
                            "data", simulated));
  table.push_back(real_row(Group::data, "train_span", "Train span", 0.1, 1, 0.7,
                           "The first part of each motion is for training; the rest is kept to "
                           "see how the learnt law extrapolates."));
  table.push_back(integer_row(Group::data, "window", "Window", 2, 100, 20,
                              "Longest stretch, in observations, that is solved in a training "
                              "step; stretches of at least half of it begin at random places."));
  table.push_back(shown_for(
      flag_row(Group::data, "curriculum", "Curriculum", false,
               "The window grows from 2 observations to its full length in the first half of the "
               "course: long solves wait until the field is no longer poor."),
      "initial_states", {"observed"}));
}

void add_model_rows(std::vector<Parameter>& table) {
  table.push_back(
      choice_row(Group::model, "model", "Model", {{"linear", "Linear"}, {"mlp", "MLP"}}, "linear",
                 "The form of the law: dy/dt = A y with a square matrix A, or a network f."));
  table.push_back(shown_for(flag_row(Group::model, "time_input", "Time as input", false,
                                     "Let f depend on t, for a field that itself changes."),
                            "model", {"mlp"}));
  table.push_back(integer_row(Group::model, "augment", "Extra dims", 0, 4, 0,
                              "Coordinates of the state that nobody observes, such as a velocity. "
                              "They begin at zero, or where training finds that they should."));
  table.push_back(choice_row(
      Group::model, "initial_states", "Initial states",
      {{"observed", "As observed"}, {"trained", "Trained"}}, "observed",
      "Where each stretch begins: at its first observation, or, by multiple shooting, at a trained "
      "state. Then the motions are cut into stretches of one window each."));
  table.push_back(shown_for(
      logarithmic(real_row(Group::model, "continuity", "Continuity", 0.01, 100, 1,
                           "Weight of the penalty on the mean squared gap between the end of a "
                           "stretch and the trained beginning of the next.")),
      "initial_states", {"trained"}));
  table.push_back(shown_for(hidden_row(16), "model", {"mlp"}));
  table.push_back(shown_for(layers_row(1), "model", {"mlp"}));
  table.push_back(shown_for(activation_row("tanh"), "model", {"mlp"}));
}

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = "dynamics";
  info.label = "Dynamics";
  info.promise = "From noisy observations of a motion, learn the law that moves it.";
  info.look_for =
      "Grey arrows are the true field, coloured ones the learnt field: watch them line up where "
      "there are data. The dashed part of the motion was never shown to the model; a law that is "
      "right goes on being right there.";
  info.default_steps = default_steps;
  info.suggestions = suggestions();
  add_data_rows(info.parameters);
  add_model_rows(info.parameters);
  add_solver_rows(info.parameters, "rk4", 1e-4, 0.2);
  add_training_rows(info.parameters, 0.05, 32, "cosine");
  return info;
}

}  // namespace

Result<Options> read_options(const Settings& settings) {
  Options read;
  read.data = settings.choice("data");
  read.noise = settings.number("noise");
  read.missing = settings.number("missing");
  read.trajectories = settings.integer("trajectories");
  read.points = settings.integer("points");
  read.train_span = settings.number("train_span");
  read.window = settings.integer("window");
  read.curriculum = settings.flag("curriculum");
  read.is_linear = settings.choice("model") == "linear";
  read.takes_time = !read.is_linear && settings.flag("time_input");
  read.augment = settings.integer("augment");
  read.trains_starts = settings.choice("initial_states") == "trained";
  read.continuity = settings.number("continuity");
  read.hidden = settings.integer("hidden");
  read.layers = settings.integer("layers");
  read.activation = *find_activation(settings.choice("activation"));
  read.batch = settings.integer("batch");
  if (Status status = read_solver(settings, read.solver, read.gradient); !status)
    return Error{status.error()};
  return read;
}

}  // namespace neural_ode::dynamics

namespace neural_ode {

const ExperimentInfo& dynamics_info() {
  static const ExperimentInfo info = dynamics::make_info();
  return info;
}

}  // namespace neural_ode
