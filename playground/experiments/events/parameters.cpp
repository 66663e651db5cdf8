#include "playground/experiments/events/parameters.h"

#include "playground/experiments/events/experiment.h"
#include "playground/training/rows.h"

namespace neural_ode::events {

namespace {

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = "events";
  info.label = "Events";
  info.promise =
      "From noisy heights of a bouncing ball, learn how it falls, where it bounces and "
      "what a bounce costs.";
  info.look_for =
      "Three things are learnt at once: the field between bounces, the surface where one happens, "
      "and the jump of the velocity there. The gradient goes through the times of the bounces. "
      "Both curves on the right should come to one. A surface that runs away below the ball is met "
      "no "
      "more, and then nothing can be learnt of it: try a learning rate of 0.05.";
  info.default_steps = 3000;
  info.suggestions = {
      {"Balls let fall on Earth", {{"data", "dropped"}}},
      {"Thrown balls on the Moon", {{"data", "thrown"}, {"gravity", "1.62"}, {"duration", "6"}}},
      {"Very noisy heights", {{"noise", "0.15"}}},
      {"Networks for all three", {{"model", "networks"}, {"learning_rate", "0.003"}}},
  };

  auto& table = info.parameters;
  table.push_back(choice_row(Group::data, "data", "Balls",
                             {{"dropped", "Let fall"}, {"thrown", "Thrown"}}, "dropped",
                             "How the balls start: at rest, or thrown up or down. Only their "
                             "heights are observed."));
  table.back().pictures = true;
  table.push_back(noise_row(0.02));
  table.push_back(real_row(Group::data, "gravity", "True gravity", 1, 20, 9.81,
                           "The acceleration that is to be found."));
  table.push_back(real_row(Group::data, "restitution", "True restitution", 0.5, 0.95, 0.8,
                           "The share of the velocity that a bounce leaves: to be found."));
  table.push_back(integer_row(Group::data, "trajectories", "Balls observed", 1, 16, 4,
                              "Balls, each with an initial height and velocity of its own that "
                              "are learnt as well."));
  table.push_back(integer_row(Group::data, "points", "Observations", 20, 500, 100,
                              "Observed heights of each ball, equally spaced in time."));
  table.push_back(real_row(Group::data, "duration", "Duration", 1, 8, 2.5,
                           "How long each ball is observed. Shortened where a ball would come to "
                           "rest: that takes infinitely many bounces."));
  table.push_back(flag_row(Group::data, "curriculum", "Curriculum", true,
                           "Show the first part of the flights at first and all of them later on. "
                           "Later bounces depend on all earlier ones, so that "
                           "from a poor guess they say little."));
  table.push_back(choice_row(Group::model, "model", "Model",
                             {{"parameters", "Parameters"}, {"networks", "Parameters + networks"}},
                             "parameters",
                             "A falling body with a plane surface and a coefficient of "
                             "restitution, or these with a network beside each: the "
                             "acceleration, the event function g and the velocity after it."));
  table.push_back(shown_for(hidden_row(8), "model", {"networks"}));
  table.push_back(shown_for(layers_row(1), "model", {"networks"}));
  table.push_back(shown_for(activation_row("tanh"), "model", {"networks"}));
  add_solver_rows(table, "dopri5", 1e-4, 0.05);
  add_training_rows(table, 0.01, 16, "cosine");
  return info;
}

}  // namespace

Result<Options> read_options(const Settings& settings) {
  Options read;
  read.thrown = settings.choice("data") == "thrown";
  read.noise = settings.number("noise");
  read.duration = settings.number("duration");
  read.truth = {settings.number("gravity"), settings.number("restitution")};
  read.balls = settings.integer("trajectories");
  read.points = settings.integer("points");
  read.curriculum = settings.flag("curriculum");
  read.batch = settings.integer("batch");
  read.hidden = settings.choice("model") == "networks" ? settings.integer("hidden") : 0;
  read.layers = settings.integer("layers");
  read.activation = *find_activation(settings.choice("activation"));
  if (Status status = read_solver(settings, read.solver, read.gradient); !status)
    return Error{status.error()};
  return read;
}

}  // namespace neural_ode::events

namespace neural_ode {

const ExperimentInfo& events_info() {
  static const ExperimentInfo info = events::make_info();
  return info;
}

}  // namespace neural_ode
