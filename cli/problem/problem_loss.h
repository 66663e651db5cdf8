// The loss of a PROBLEM.json, and how strictly a solve behind its gradient is done.
#pragma once

#include <vector>

#include "cli/problem/problem_reader.h"
#include "engine/core/result.h"
#include "engine/core/types.h"
#include "engine/gradient/gradient.h"

namespace neural_ode {

// Whether the problem has a loss whose gradient is defined.
Status check_loss(const Problem& problem);

// Of the states at every time (T of D x B): the mean over every entry of (y - target)^2, or a
// flow's minus mean log density. Writes its cotangents.
double problem_loss(const Problem& problem, const std::vector<Matrix<double>>& states,
                    std::vector<Matrix<double>>& states_bar);

// Of the solve behind a gradient: these, or stricter ones where the gradient would be less good
// than the tolerances say.
SolverOptions solver_behind(const GradientStrategy& strategy, SolverOptions options);

}  // namespace neural_ode
