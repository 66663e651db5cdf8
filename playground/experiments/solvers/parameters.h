// What can be set in `solvers`, read once a run.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "engine/fields/systems.h"
#include "engine/ode/solver_options.h"
#include "playground/contract/experiment.h"

namespace neural_ode::solvers {

// Of the two methods.
inline constexpr std::array<std::string_view, 2> method_rows = {"solver", "other"};

struct Options {
  const System* system = nullptr;
  std::vector<double> theta;  // of the system
  double duration = 0;        // in time
  std::array<SolverOptions, 2> solvers;
};

Options read_options(const Settings& settings);

}  // namespace neural_ode::solvers
