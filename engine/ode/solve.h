// The front door: dy/dt = f(t, y) from y0 through the output times, in one call.
//
//   Solution y = solve(field, {1, 0}, {0, 0.5, 1}, {.method = "dopri5", .rtol = 1e-6});
//   if (!y) return complain(y.report.message());
//   y.states.back()  // D x B, at t = 1
//
// A caller who solves often keeps a Solver (ode/solver.h) and with it the scratch of a solve.
#pragma once

#include <initializer_list>
#include <span>
#include <type_traits>
#include <vector>

#include "engine/core/types.h"
#include "engine/ode/event.h"
#include "engine/ode/solve_status.h"
#include "engine/ode/solver_options.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

// Initial states as an argument: {1, 0} or a vector is one sample, a D x B matrix one a column.
template <class Scalar>
class InitialStates {
 public:
  InitialStates(std::initializer_list<Scalar> y0)
      : matrix_(Eigen::Map<const Vector<Scalar>>(y0.begin(), static_cast<Index>(y0.size()))) {}
  template <class Derived>
  InitialStates(const Eigen::DenseBase<Derived>& y0) : matrix_(y0.derived()) {}

  const Matrix<Scalar>& matrix() const { return matrix_; }  // D x B

 private:
  Matrix<Scalar> matrix_;
};

// Output times as an argument, the first of them t0: {0, 0.5, 1}, a vector or a span for all
// samples, or a T x B matrix with a column for each.
class OutputTimes {
 public:
  OutputTimes(std::initializer_list<double> times)
      : OutputTimes(std::span(times.begin(), times.size())) {}
  OutputTimes(const std::vector<double>& times) : OutputTimes(std::span(times)) {}
  OutputTimes(std::span<const double> times)
      : matrix_(Eigen::Map<const Vector<double>>(times.data(), static_cast<Index>(times.size()))) {}
  template <class Derived>
  OutputTimes(const Eigen::DenseBase<Derived>& times) : matrix_(times.derived()) {}

  const Matrix<double>& matrix() const { return matrix_; }  // T x 1 or T x B

 private:
  Matrix<double> matrix_;
};

template <class Scalar>
struct Solution {
  Matrix<double> times;                // T x 1 or T x B, as given; T x B with events
  std::vector<Matrix<Scalar>> states;  // T of D x B; NaN where not reached
  SolveReport report;                  // status, nfe() and message()

  // Whether every sample came to its last time, or to the terminal event that ended it.
  explicit operator bool() const { return report.succeeded(); }
};

// Solves with `options`, by dopri5 where they name no method. What cannot be solved, an unknown
// name of a method for one, has the status SolveStatus::invalid and no states. Terminal events end
// a sample: its remaining states stay as they were then.
template <class Scalar>
Solution<Scalar> solve(VectorField<Scalar>& field,
                       const std::type_identity_t<InitialStates<Scalar>>& y0,
                       const OutputTimes& times, const SolverOptions& options = {},
                       const std::type_identity_t<Events<Scalar>>& events = {});

// `options`, with the method of the front door where they have none.
SolverOptions with_default_method(SolverOptions options);

}  // namespace neural_ode
