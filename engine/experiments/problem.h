// `neural-ode solve` and `neural-ode grad`: PROBLEM.json in, JSON out, float64 throughout.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace neural_ode {

// What a problem came to. A solve that did not reach the end is an answer too: its JSON holds the
// status and how far it came.
struct ProblemAnswer {
  std::string json;
  bool ok = true;
  std::string message;  // why it is not ok, one line
};

// Errors name the place as a JSON pointer and what was expected: "/y0/2: expected 3 numbers, found
// 2".
Result<ProblemAnswer> solve_problem(std::string_view problem_json);
// An adaptive solve behind a gradient is stricter than rtol and atol say, down to a floor; the
// answer's stats hold the tolerances used.
Result<ProblemAnswer> grad_problem(std::string_view problem_json, std::string_view strategy);

// What a problem can name, as JSON: methods, systems with their parameters, activations, gradients.
std::string problem_vocabulary();

}  // namespace neural_ode
