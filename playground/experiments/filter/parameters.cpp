#include "playground/experiments/filter/parameters.h"

#include <string>
#include <vector>

#include "engine/nn/activation.h"
#include "playground/experiments/filter/experiment.h"
#include "playground/training/rows.h"

namespace neural_ode::filter {

namespace {

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = "filter";
  info.label = "Filter";
  info.promise =
      "From noisy values at irregular times, say what the next one will be, whenever it comes.";
  info.look_for =
      "Between observations the hidden state follows an ODE, at each one it jumps: the line breaks "
      "where a value corrects it, less and less the more it has seen. A recurrent network told the "
      "gap learns from the same series. On the right: how both err as gaps grow.";
  info.default_steps = 2000;
  info.suggestions = {
      {"Damped waves", {{"data", "damped"}}},
      {"Waves of any frequency", {{"data", "periodic"}, {"observations", "20"}}},
      {"Few and far between", {{"observations", "8"}}},
      {"Very noisy", {{"noise", "0.3"}}},
  };

  auto& table = info.parameters;
  table.push_back(choice_row(
      Group::data, "data", "Series",
      {{"damped", "Damped waves"}, {"periodic", "Periodic"}, {"own", "Your own series"}}, "damped",
      "Waves of random frequency and phase: fresh ones in every step, each "
      "observed at random times of its own. Or your own series, pasted as "
      "rows of t,x or t,x,y."));
  table.back().pictures = true;
  const std::vector<std::string> waves = {"damped", "periodic"};
  table.push_back(shown_for(noise_row(0.05), "data", waves));
  table.push_back(integer_row(Group::data, "observations", "Observations", 3, 60, 15,
                              "Of each series, at times drawn uniformly from its duration. Of "
                              "your own: so many that follow each other."));
  table.push_back(shown_for(
      real_row(Group::data, "duration", "Duration", 1, 10, 6, "How long each series is observed."),
      "data", waves));
  table.push_back(integer_row(Group::model, "state", "State", 1, 64, 16,
                              "Units of the hidden state h of the jump ODE."));
  table.push_back(hidden_row(32));
  table.push_back(layers_row(1));
  table.push_back(activation_row("tanh"));
  table.push_back(integer_row(Group::model, "recurrent", "Recurrent units", 1, 64, 24,
                              "Units of the recurrent network beside it. 24 have about as many "
                              "parameters as the usual jump ODE."));
  add_solver_rows(table, "rk4", 1e-3, 0.2);
  add_training_rows(table, 0.01, 64, "cosine");
  return info;
}

}  // namespace

Result<Options> read_options(const Settings& settings) {
  Options read;
  read.family = find_series_family(settings.choice("data"));
  read.noise = settings.number("noise");
  read.duration = settings.number("duration");
  read.observations = settings.integer("observations");
  read.batch = settings.integer("batch");
  FilterSpec& spec = read.jump;
  if (read.family != nullptr) spec.data_dim = static_cast<int>(read.family->dim);
  spec.state = settings.integer("state");
  spec.hidden = settings.integer("hidden");
  spec.layers = settings.integer("layers");
  spec.activation = *find_activation(settings.choice("activation"));
  if (Status status = read_solver(settings, spec.solver, spec.gradient); !status)
    return Error{status.error()};
  read.recurrent = spec;
  read.recurrent.state = settings.integer("recurrent");
  return read;
}

}  // namespace neural_ode::filter

namespace neural_ode {

const ExperimentInfo& filter_info() {
  static const ExperimentInfo info = filter::make_info();
  return info;
}

}  // namespace neural_ode
