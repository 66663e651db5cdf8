// What is differentiated, and what its gradient really is.
#pragma once

#include <cstdint>

#include "playground/experiments/gradients/run.h"

namespace neural_ode::gradients {

// The field of run.options with its y0 and theta.
void make_problem(Run& run, std::uint64_t seed);
void solve_there_and_back(Run& run);
// As good as rounding lets it be.
MeasuredGradient exact_gradient(const Run& run, double duration);
// How far run.exact is from central differences, along one direction of (y0, theta).
double difference_error(const Run& run, std::uint64_t seed);

}  // namespace neural_ode::gradients
