// `neural-ode solve` and `neural-ode grad`: PROBLEM.json in, JSON out, float64 throughout.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace neural_ode {

// Errors name the place as a JSON pointer and what was expected: "/y0/2: expected 3 numbers, found 2".
Result<std::string> solve_problem(std::string_view problem_json);
Result<std::string> grad_problem(std::string_view problem_json, std::string_view strategy);

}  // namespace neural_ode
