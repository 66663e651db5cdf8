// What samples of different stiffness cost together: each with its own steps, or all with the same.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/core/result.h"
#include "engine/ode/solver.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

using SampleFields = std::vector<std::unique_ptr<VectorField<double>>>;  // one a sample

struct BatchCost {
  // Of each sample, in evaluations of f; a Jacobian counts as D.
  std::vector<Count> own, shared, alone;
  // The largest relative error of a sample at t1.
  double own_error = 0, shared_error = 0;

  static Count total(const std::vector<Count>& costs);
};

// Every sample's state at t1 (D x B) from y0 (D) at t0, by a stiff method at a thousandth of the
// options' tolerances. Errors: a solve that does not come to t1.
Result<Matrix<double>> batch_reference(const SampleFields& fields, VectorIn<double> y0, double t0,
                                       double t1, SolverOptions options);

// Solves every sample with its own field three times: with its own steps, with steps shared by the
// batch, and by itself. Errors: a solve that does not come to t1.
Result<BatchCost> batch_cost(const SampleFields& fields, VectorIn<double> y0, double t0, double t1,
                             const Matrix<double>& reference, const SolverOptions& options);

}  // namespace neural_ode
