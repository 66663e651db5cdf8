#include "playground/experiments/physics/parameters.h"

#include <utility>
#include <vector>

#include "playground/experiments/physics/experiment.h"
#include "playground/training/rows.h"

namespace neural_ode::physics {

namespace {

MechanicalLaw law_of(const Settings& settings) {
  const std::string& model = settings.choice("model");
  if (model == "hamiltonian") {
    return settings.flag("separable") ? MechanicalLaw::separable : MechanicalLaw::hamiltonian;
  }
  return model == "corrected" ? MechanicalLaw::corrected : MechanicalLaw::plain;
}

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = "physics";
  info.label = "Physics";
  info.promise =
      "A network that knows it is learning mechanics keeps the energy; a plain one "
      "leaks it.";
  info.look_for =
      "Each motion is followed for ten times as long as it was observed. Under a plain field it "
      "spirals in or out and its energy wanders; a learnt Hamiltonian keeps it on a closed curve. "
      "Compare the models on the same data, then give the plain one a physics loss.";
  info.default_steps = 2000;
  info.suggestions = {
      {"A pendulum, plainly", {{"data", "pendulum"}, {"model", "plain"}}},
      {"The same, as a Hamiltonian", {{"data", "pendulum"}, {"model", "hamiltonian"}}},
      {"Ask the plain field to keep the energy",
       {{"data", "pendulum"}, {"model", "plain"}, {"physics_weight", "1"}}},
      {"Friction: a Hamiltonian cannot, a correction can",
       {{"data", "double_well"}, {"model", "corrected"}, {"friction", "0.05"}}},
      {"Planets around a sun of unknown mass", {{"data", "kepler"}, {"model", "corrected"}}},
  };

  std::vector<Choice> systems;
  for (const MechanicalSystem& system : mechanical_systems()) {
    systems.push_back({std::string(system.name), std::string(system.label)});
  }
  auto& table = info.parameters;
  table.push_back(choice_row(Group::data, "data", "System", std::move(systems), "pendulum",
                             "What moves: its positions q and momenta p are observed."));
  table.back().pictures = true;
  table.push_back(noise_row(0.01));
  table.push_back(real_row(Group::data, "friction", "Friction", 0, 0.2, 0,
                           "Takes friction × p off the force of the true law, whose energy then "
                           "falls. A Hamiltonian field has no way to say that."));
  table.push_back(integer_row(Group::data, "trajectories", "Trajectories", 1, 16, 8,
                              "Motions observed, each from its own initial state."));
  table.push_back(integer_row(Group::data, "points", "Observations", 20, 500, 100,
                              "Observations of each motion, equally spaced in time."));
  table.push_back(integer_row(Group::data, "window", "Window", 2, 100, 25,
                              "Longest stretch, in observations, that is solved in a training "
                              "step; stretches of at least half of it begin at random places."));
  table.push_back(choice_row(Group::model, "model", "Model",
                             {{"plain", "Plain field"},
                              {"hamiltonian", "Hamiltonian"},
                              {"corrected", "Known law + correction"}},
                             "hamiltonian",
                             "The form of the law: any field f(q, p); the field of a learnt energy "
                             "H(q, p); or a textbook's law with a coefficient to be found, and a "
                             "network for the forces it leaves out."));
  table.push_back(shown_for(
      flag_row(Group::model, "separable", "H = T(p) + V(q)", true,
               "Give the learnt energy the form of a mechanical one: a kinetic part of p and a "
               "potential part of q, a network each."),
      "model", {"hamiltonian"}));
  table.push_back(shown_for(
      real_row(Group::model, "physics_weight", "Physics loss", 0, 10, 0,
               "Weight of a soft physics loss: the mean squared change of the true energy along "
               "each solved stretch, added to the loss of the data."),
      "model", {"plain", "corrected"}));
  table.push_back(hidden_row(32));
  table.push_back(layers_row(2));
  table.push_back(activation_row("tanh"));
  add_solver_rows(table, "rk4", 1e-4, 0.2);
  add_training_rows(table, 0.01, 32, "cosine");
  return info;
}

}  // namespace

Result<Options> read_options(const Settings& settings) {
  Options read;
  read.system = find_mechanical_system(settings.choice("data"));
  read.noise = settings.number("noise");
  read.friction = settings.number("friction");
  read.trajectories = settings.integer("trajectories");
  read.points = settings.integer("points");
  read.window = settings.integer("window");
  read.batch = settings.integer("batch");
  read.model = settings.choice("model");
  read.law = law_of(settings);
  read.physics_weight = settings.number("physics_weight");
  read.hidden = settings.integer("hidden");
  read.layers = settings.integer("layers");
  read.activation = *find_activation(settings.choice("activation"));
  const bool of_energy =
      read.law == MechanicalLaw::hamiltonian || read.law == MechanicalLaw::separable;
  if (of_energy && !has_second_derivative(read.activation)) {
    return Error{"activation: the force of a Hamiltonian is the slope of its network, which for '" +
                 settings.choice("activation") + "' jumps; expected a smooth activation"};
  }
  if (Status status = read_solver(settings, read.solver, read.gradient); !status)
    return Error{status.error()};
  return read;
}

}  // namespace neural_ode::physics

namespace neural_ode {

const ExperimentInfo& physics_info() {
  static const ExperimentInfo info = physics::make_info();
  return info;
}

}  // namespace neural_ode
