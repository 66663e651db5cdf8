#include "playground/experiments/gradients/parameters.h"

#include <string_view>
#include <utility>

#include "playground/experiments/gradients/experiment.h"
#include "playground/laboratory/laboratory.h"

namespace neural_ode::gradients {

namespace {

// Backwards many problems ask for ever more steps: a strategy that needs more than this has failed.
constexpr int most_steps = 20000;
constexpr double network_duration = 5;

constexpr std::string_view offered[] = {"spiral",      "pendulum", "lotka_volterra",
                                        "van_der_pol", "lorenz",   "relaxation"};
// Differences say nothing of a chaotic system for as long as a look at it lasts.
constexpr double lorenz_duration = 3;

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = "gradients";
  info.label = "Gradients";
  info.promise =
      "Five ways to differentiate through a solve: how wrong, how dear, how much memory.";
  info.look_for =
      "The blue line is the solve there, the orange one the way back from its end, which backsolve "
      "takes to save memory: where neighbours draw together forwards they part backwards, and its "
      "gradient is that of another trajectory. Each step of the study tightens the tolerance and "
      "lengthens the solve: only the bytes of backsolve stay as they are.";
  info.trains = false;
  info.default_steps = 10;
  info.suggestions = {
      {"Where backsolve works", {{"data", "pendulum"}, {"duration", "0.5"}}},
      {"A limit cycle cannot be followed back", {{"data", "van_der_pol"}}},
      {"What is forgotten fast is lost", {{"data", "relaxation"}, {"rate", "20"}}},
      {"Chaos", {{"data", "lorenz"}, {"tolerance", "1e-8"}}},
      {"A network, in coarse steps",
       {{"data", "network"}, {"solver", "rk4"}, {"step_size", "0.2"}}},
  };
  auto& table = info.parameters;
  std::vector<Choice> choices = system_choices(offered);
  choices.push_back({"network", "A network"});
  table.push_back(choice_row(Group::data, "data", "System", std::move(choices), "van_der_pol",
                             "The equation whose loss, the sum of the states at the output times, "
                             "is differentiated in y0 and its parameters."));
  table.back().pictures = true;
  table.push_back(shown_for(logarithmic(real_row(Group::data, "rate", "Rate", 1, 100, 20,
                                                 "How fast the past is forgotten.")),
                            "data", {"relaxation"}));
  table.push_back(duration_row());
  table.push_back(integer_row(Group::data, "outputs", "Output times", 1, 50, 10,
                              "States that the loss sums, equally spaced in time. The adjoint "
                              "jumps at each of them."));
  for (Parameter row : {hidden_row(16), layers_row(1), activation_row("tanh")}) {
    table.push_back(shown_for(std::move(row), "data", {"network"}));
  }
  table.push_back(method_row("solver", "Method", "dopri5", Offered::one_step,
                             "The method of the solve and of the equations that go back."));
  add_step_rows(table, 1e-6, 0.05);
  table.push_back(integer_row(Group::solver, "checkpoints", "Checkpoints", 1, 100, 4,
                              "States kept by the strategy that keeps few; the others between them "
                              "are found again."));
  return info;
}

// What a duration of one means.
double own_duration(const System* system) {
  if (system == nullptr) return network_duration;
  return system->name == "lorenz" ? lorenz_duration : system->t_end;
}

}  // namespace

std::vector<double> Options::output_times(double end) const {
  std::vector<double> times;
  for (int i = 0; i <= outputs; ++i) times.push_back(end * i / outputs);
  return times;
}

Options read_options(const Settings& settings) {
  Options read;
  read.data = settings.choice("data");
  read.system = find_system(read.data);
  read.rate = settings.number("rate");
  read.duration = settings.number("duration") * own_duration(read.system);
  read.outputs = settings.integer("outputs");
  read.hidden = settings.integer("hidden");
  read.layers = settings.integer("layers");
  read.activation = *find_activation(settings.choice("activation"));
  read.solver = laboratory_options(settings, *find_method(settings.choice("solver")));
  read.solver.max_steps = most_steps;
  read.checkpoints = settings.integer("checkpoints");
  return read;
}

}  // namespace neural_ode::gradients

namespace neural_ode {

const ExperimentInfo& gradients_info() {
  static const ExperimentInfo info = gradients::make_info();
  return info;
}

}  // namespace neural_ode
