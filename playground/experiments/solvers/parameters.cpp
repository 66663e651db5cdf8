#include "playground/experiments/solvers/parameters.h"

#include <algorithm>
#include <string>

#include "playground/experiments/solvers/experiment.h"
#include "playground/laboratory/laboratory.h"

namespace neural_ode::solvers {

namespace {

// Parameters of systems that decide how stiff or how wild they are.
struct Knob {
  std::string_view system, parameter, label;
  double minimum, maximum;
};
constexpr Knob knobs[] = {{"van_der_pol", "mu", "μ", 0.1, 100},
                          {"relaxation", "rate", "Rate", 1, 1000},
                          {"lorenz", "rho", "ρ", 1, 50}};

const SystemParameter& parameter_of(const Knob& knob) {
  const auto& parameters = find_system(knob.system)->parameters;
  return *std::find_if(parameters.begin(), parameters.end(),
                       [&](const SystemParameter& each) { return each.name == knob.parameter; });
}

std::vector<double> theta_of(const System& system, const Settings& settings) {
  std::vector<double> theta;
  for (const SystemParameter& parameter : system.parameters) {
    double value = parameter.value;
    for (const Knob& knob : knobs) {
      if (knob.system == system.name && knob.parameter == parameter.name) {
        value = settings.number(knob.parameter);
      }
    }
    theta.push_back(value);
  }
  return theta;
}

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = "solvers";
  info.label = "Solvers";
  info.promise = "Two methods on one equation: where they go, how wrong they are, what they cost.";
  info.look_for =
      "The dashed line is the solution, the dots are the steps of the two methods. Each step of "
      "the "
      "study halves the step size, or divides the tolerance by ten: on the logarithmic axes a "
      "method of order p falls along a line of slope p. Where eigenvalues times h leave the blue "
      "region, the method blows up whatever its order.";
  info.trains = false;
  info.default_steps = 12;
  info.suggestions = {
      {"Order four against order one",
       {{"data", "pendulum"}, {"solver", "rk4"}, {"other", "euler"}, {"step_size", "0.05"}}},
      {"Keep the energy or the accuracy",
       {{"data", "kepler"}, {"solver", "leapfrog"}, {"other", "rk4"}, {"step_size", "0.05"}}},
      {"Stiff: stability sets the step",
       {{"data", "relaxation"},
        {"solver", "rk4"},
        {"other", "implicit_midpoint"},
        {"step_size", "0.06"}}},
      {"Steps that follow the motion",
       {{"data", "arenstorf"}, {"solver", "dopri8"}, {"other", "dopri5"}, {"tolerance", "1e-6"}}},
      {"A stiff oscillator",
       {{"data", "van_der_pol"},
        {"mu", "50"},
        {"duration", "2"},
        {"solver", "dopri5"},
        {"other", "kvaerno5"},
        {"tolerance", "1e-4"}}},
  };
  auto& table = info.parameters;
  table.push_back(choice_row(Group::data, "data", "System", system_choices(), "kepler",
                             "The equation dy/dt = f(t, y) that both methods solve."));
  table.back().pictures = true;
  for (const Knob& knob : knobs) {
    table.push_back(shown_for(
        logarithmic(real_row(Group::data, std::string(knob.parameter), std::string(knob.label),
                             knob.minimum, knob.maximum, parameter_of(knob).value,
                             "The parameter of the system that makes it harder to solve.")),
        "data", {std::string(knob.system)}));
  }
  table.push_back(duration_row());
  table.push_back(method_row(std::string(method_rows[0]), "Method", "rk4", Offered::all,
                             "The first method, and the one whose error is the loss."));
  table.push_back(method_row(std::string(method_rows[1]), "Other method", "dopri5", Offered::all,
                             "The method it is compared with."));
  add_step_rows(table, 1e-3, 0.1);
  return info;
}

}  // namespace

Options read_options(const Settings& settings) {
  Options read;
  read.system = find_system(settings.choice("data"));
  read.theta = theta_of(*read.system, settings);
  read.duration = read.system->t_end * settings.number("duration");
  for (std::size_t i = 0; i < method_rows.size(); ++i) {
    read.solvers[i] = laboratory_options(settings, *find_method(settings.choice(method_rows[i])));
  }
  return read;
}

}  // namespace neural_ode::solvers

namespace neural_ode {

const ExperimentInfo& solvers_info() {
  static const ExperimentInfo info = solvers::make_info();
  return info;
}

}  // namespace neural_ode
