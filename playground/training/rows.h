// Rows that experiments share, and what is built from them. The names are part of the contract with
// links and scripts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/gradient/gradient.h"
#include "playground/contract/parameter.h"

namespace neural_ode {

using Group = Parameter::Group;

Parameter real_row(Group group, std::string name, std::string label, double minimum, double maximum,
                   double value, std::string help);
Parameter integer_row(Group group, std::string name, std::string label, int minimum, int maximum,
                      int value, std::string help);
Parameter flag_row(Group group, std::string name, std::string label, bool value, std::string help);
Parameter choice_row(Group group, std::string name, std::string label, std::vector<Choice> choices,
                     std::string_view value, std::string help);
Parameter logarithmic(Parameter row);
Parameter shown_for(Parameter row, std::string when, std::vector<std::string> values);

Parameter noise_row(double value);
Parameter hidden_row(int value);
Parameter layers_row(int value);
Parameter activation_row(std::string_view value);

// Implicit methods factor the D x D Jacobian of every sample: not for states as large as images.
enum class Methods { all, explicit_only };

// solver, tolerance (adaptive methods), step_size (the others), gradient.
void add_solver_rows(std::vector<Parameter>& table, std::string_view solver, double tolerance,
                     double step_size, Methods offered = Methods::all);
SolverOptions solver_options(const Settings& settings);
// The strategy chosen; an error when it cannot go with these options.
Result<const GradientStrategy*> gradient_strategy(const Settings& settings,
                                                  const SolverOptions& options);
// Both, where the settings are decoded.
Status read_solver(const Settings& settings, SolverOptions& options,
                   const GradientStrategy*& strategy);

// optimizer, learning_rate, batch, schedule, clip.
void add_training_rows(std::vector<Parameter>& table, double learning_rate, int batch,
                       std::string_view schedule);

}  // namespace neural_ode
