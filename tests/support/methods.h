// Options for a loop over methods(), and what sets its members apart.
#pragma once

#include <initializer_list>

#include "engine/ode/solver.h"

namespace neural_ode::testing {

inline SolverOptions fixed_options(const ButcherTableau& method, double step_size) {
  SolverOptions options;
  options.method = &method;
  options.fixed = true;
  options.step_size = step_size;
  return options;
}

inline SolverOptions adaptive_options(const ButcherTableau& method, double rtol, double atol) {
  SolverOptions options;
  options.method = &method;
  options.rtol = rtol;
  options.atol = atol;
  return options;
}

// Adaptive where the method is, else steps of this size.
inline SolverOptions tight_options(const ButcherTableau& method, double tolerance,
                                   double step_size) {
  return method.adaptive() ? adaptive_options(method, tolerance, tolerance)
                           : fixed_options(method, step_size);
}

template <class Scalar = double>
Matrix<Scalar> column(std::initializer_list<double> list) {
  Matrix<Scalar> values(static_cast<Index>(list.size()), 1);
  Index row = 0;
  for (const double value : list) values(row++, 0) = static_cast<Scalar>(value);
  return values;
}

}  // namespace neural_ode::testing
