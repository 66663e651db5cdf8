// The "solver" of PROBLEM.json: one table of its keys, read here and listed by `neural-ode solve
// --list`.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string_view>
#include <vector>

#include "cli/problem/json_reader.h"
#include "engine/core/types.h"
#include "engine/ode/solver_options.h"

namespace neural_ode {

struct SolverKey {
  std::string_view name;      // "rtol"
  std::string_view expected;  // "a number >= 0"; empty: a name out of `choices`
  std::string_view help;      // one line
  std::vector<std::string_view> (*choices)();
  // Its value in the options; null where there is none.
  nlohmann::ordered_json (*value)(const SolverOptions& options);
  void (*read)(JsonReader& reader, const JsonPlace& place, SolverOptions& options);
};

std::span<const SolverKey> solver_keys();

// Reads the options of a solve of D components. Keys that are left out keep their values.
void read_solver(JsonReader& reader, const JsonPlace& place, Index dim, SolverOptions& options);

}  // namespace neural_ode
