// `neural-ode solve` and `neural-ode grad`: PROBLEM.json in, JSON out, float64 throughout.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/gradient/gradient.h"

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

// How to differentiate. Options that the strategy does not have are an error.
struct GradientRequest {
  std::string strategy = "discrete";
  GradientOptions options = {};  // times: always, but not for a flow
};

// An adaptive solve behind the discrete gradient is stricter than rtol and atol say, down to a
// floor; the answer's stats hold the tolerances used.
Result<ProblemAnswer> grad_problem(std::string_view problem_json,
                                   const GradientRequest& request = {});

}  // namespace neural_ode
