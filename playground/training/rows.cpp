#include "playground/training/rows.h"

#include <string_view>
#include <utility>

#include "engine/nn/activation.h"
#include "engine/ode/tableau.h"
#include "engine/train/optimizer.h"
#include "engine/train/schedule.h"

namespace neural_ode {

namespace {

// More steps than this for one sample mean a field too stiff to train on live: the run reports it
// instead of hanging.
constexpr int max_training_steps = 5000;

Parameter row(Group group, Parameter::Kind kind, std::string name, std::string label,
              std::string help) {
  Parameter parameter;
  parameter.group = group;
  parameter.kind = kind;
  parameter.name = std::move(name);
  parameter.label = std::move(label);
  parameter.help = std::move(help);
  return parameter;
}

std::string_view optimizer_label(std::string_view name) {
  if (name == "sgd") return "SGD";
  if (name == "adam") return "Adam";
  if (name == "adamw") return "AdamW";
  if (name == "rmsprop") return "RMSprop";
  return name;
}

}  // namespace

Parameter real_row(Group group, std::string name, std::string label, double minimum, double maximum,
                   double value, std::string help) {
  Parameter parameter =
      row(group, Parameter::Kind::real, std::move(name), std::move(label), std::move(help));
  parameter.minimum = minimum;
  parameter.maximum = maximum;
  parameter.default_value = value;
  return parameter;
}

Parameter integer_row(Group group, std::string name, std::string label, int minimum, int maximum,
                      int value, std::string help) {
  Parameter parameter =
      real_row(group, std::move(name), std::move(label), minimum, maximum, value, std::move(help));
  parameter.kind = Parameter::Kind::integer;
  return parameter;
}

Parameter flag_row(Group group, std::string name, std::string label, bool value, std::string help) {
  Parameter parameter =
      row(group, Parameter::Kind::flag, std::move(name), std::move(label), std::move(help));
  parameter.default_value = value ? 1 : 0;
  return parameter;
}

Parameter choice_row(Group group, std::string name, std::string label, std::vector<Choice> choices,
                     std::string_view value, std::string help) {
  Parameter parameter =
      row(group, Parameter::Kind::choice, std::move(name), std::move(label), std::move(help));
  parameter.choices = std::move(choices);
  for (std::size_t i = 0; i < parameter.choices.size(); ++i) {
    if (parameter.choices[i].name == value) parameter.default_value = static_cast<double>(i);
  }
  return parameter;
}

Parameter logarithmic(Parameter row) {
  row.scale = Parameter::Scale::logarithmic;
  return row;
}

Parameter shown_for(Parameter row, std::string when, std::vector<std::string> values) {
  row.shown_when = std::move(when);
  row.shown_values = std::move(values);
  return row;
}

Parameter noise_row(double value) {
  return real_row(Group::data, "noise", "Noise", 0, 0.5, value,
                  "Standard deviation of the normal noise added to each coordinate of the data.");
}

Parameter hidden_row(int value) {
  return integer_row(Group::model, "hidden", "Hidden width", 1, 256, value,
                     "Units in each hidden layer of the network f that gives dy/dt.");
}

Parameter layers_row(int value) {
  return integer_row(Group::model, "layers", "Hidden layers", 1, 4, value,
                     "Hidden layers of the network f.");
}

Parameter activation_row(std::string_view value) {
  std::vector<Choice> choices;
  for (const std::string_view name : activation_names()) {
    if (name != "identity") choices.push_back({std::string(name), std::string(name)});
  }
  return choice_row(Group::model, "activation", "Activation", std::move(choices), value,
                    "The function between the layers of f. A smooth one gives a smooth flow, "
                    "which needs fewer steps.");
}

void add_solver_rows(std::vector<Parameter>& table, std::string_view solver, double tolerance,
                     double step_size, Methods offered) {
  std::vector<Choice> choices;
  std::vector<std::string> adaptive, fixed;
  for (const ButcherTableau* method : methods()) {
    if (method->partitioned) continue;  // learnt fields are not separable
    if (offered == Methods::explicit_only && method->implicit()) continue;
    choices.push_back({std::string(method->name), std::string(method->name)});
    (method->adaptive() ? adaptive : fixed).emplace_back(method->name);
  }
  table.push_back(choice_row(Group::solver, "solver", "Method", std::move(choices), solver,
                             "The Runge-Kutta method that integrates dy/dt = f(t, y). Adaptive "
                             "methods choose their own steps."));
  table.push_back(shown_for(
      logarithmic(real_row(Group::solver, "tolerance", "Tolerance", 1e-8, 0.1, tolerance,
                           "Relative and absolute error allowed in a step, rtol = atol. Looser is "
                           "cheaper and, up to a point, trains as well.")),
      "solver", std::move(adaptive)));
  table.push_back(shown_for(
      logarithmic(real_row(Group::solver, "step_size", "Step size", 0.005, 1, step_size,
                           "The step h of a fixed-step method. A coarse one turns the flow into "
                           "a residual network with few layers.")),
      "solver", std::move(fixed)));
  std::vector<Choice> gradients;
  for (const GradientStrategy& strategy : gradient_strategies()) {
    gradients.push_back({std::string(strategy.name), std::string(strategy.label)});
  }
  table.push_back(choice_row(
      Group::solver, "gradient", "Gradient", std::move(gradients), "discrete",
      "How the loss is differentiated through the solve. Backsolve needs the least memory and "
      "is wrong where the flow cannot be solved backwards."));
}

Result<const GradientStrategy*> gradient_strategy(const Settings& settings,
                                                  const SolverOptions& options) {
  const GradientStrategy* strategy = find_gradient(settings.choice("gradient"));
  if (Status status = validate(options); !status) return Error{status.error()};
  if (Status status = validate(*strategy, *options.method); !status) return Error{status.error()};
  return strategy;
}

Status read_solver(const Settings& settings, SolverOptions& options,
                   const GradientStrategy*& strategy) {
  options = solver_options(settings);
  const auto chosen = gradient_strategy(settings, options);
  if (!chosen) return Error{chosen.error()};
  strategy = chosen.value();
  return {};
}

SolverOptions solver_options(const Settings& settings) {
  SolverOptions options;
  options.method = find_method(settings.choice("solver"));
  options.rtol = options.atol = settings.number("tolerance");
  options.step_size = settings.number("step_size");
  options.max_steps = max_training_steps;
  return options;
}

void add_training_rows(std::vector<Parameter>& table, double learning_rate, int batch,
                       std::string_view schedule) {
  std::vector<Choice> optimizers, schedules;
  for (const std::string_view name : optimizer_names()) {
    optimizers.push_back({std::string(name), std::string(optimizer_label(name))});
  }
  for (const std::string_view name : schedule_names()) {
    schedules.push_back({std::string(name), std::string(name)});
  }
  table.push_back(choice_row(Group::training, "optimizer", "Optimiser", std::move(optimizers),
                             "adam", "How the gradient moves the parameters θ."));
  table.push_back(logarithmic(real_row(Group::training, "learning_rate", "Learning rate", 1e-5, 1,
                                       learning_rate, "Length of an optimiser step.")));
  table.push_back(logarithmic(integer_row(Group::training, "batch", "Batch", 1, 1024, batch,
                                          "Samples solved together in one training step.")));
  table.push_back(choice_row(Group::training, "schedule", "Schedule", std::move(schedules),
                             schedule,
                             "Constant learning rate, or one that falls to zero along a cosine "
                             "over the default number of steps."));
  table.push_back(real_row(Group::training, "clip", "Clip gradient", 0, 10, 1,
                           "Longest gradient ‖dL/dθ‖ that is applied as it is; longer ones are "
                           "shortened to it. 0 switches this off."));
}

}  // namespace neural_ode
