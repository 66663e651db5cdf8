// What every gradient strategy makes of one problem: its error against central differences of the
// loss, its work and its memory.
#pragma once

#include <string_view>

#include "cli/problem/problem.h"
#include "engine/core/result.h"

namespace neural_ode {

// {"report": [{strategy, its options, rtol, atol, status, error_y0, error_theta, error_times, nfe,
// nfe_backward, nvjp, state_bytes}], "differences": {...}}. An error is the largest one over the
// largest central difference, of the entries differenced: at most 100 of y0, of theta and of the
// times, spread evenly. A strategy that cannot take the method has a reason instead. Not ok when
// the problem itself cannot be solved.
Result<ProblemAnswer> gradient_report(std::string_view problem_json);

}  // namespace neural_ode
