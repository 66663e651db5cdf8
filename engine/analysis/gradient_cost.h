// A gradient with all it took; and what one costs, in memory and in work, against the number of
// steps of its solve.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/core/types.h"
#include "engine/gradient/gradient.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

// The gradient of L = sum_{i > 0} sum y(t_i), one sample from y0 at the first time.
struct MeasuredGradient {
  SolveStatus status = SolveStatus::ok;  // of the solve or of its reverse
  Vector<double> y0_bar, theta_bar;      // D, P; empty unless the status is ok
  Count nfe_forward = 0, nfe_backward = 0, nvjp = 0;
  std::size_t bytes = 0;  // Gradient::state_bytes
};
// Without the gradient of the times.
MeasuredGradient measure_gradient(VectorField<double>& field, VectorIn<double> y0,
                                  std::span<const double> times, const SolverOptions& solver,
                                  const GradientStrategy& strategy,
                                  const GradientOptions& options = {});
// The largest difference of an entry over the largest entry of `exact`; NaN unless both succeeded.
double gradient_error(const MeasuredGradient& gradient, const MeasuredGradient& exact);

struct GradientCost {
  int steps = 0;
  SolveStatus status =
      SolveStatus::ok;    // of the solve or of its reverse; the rest counts if it succeeded
  std::size_t bytes = 0;  // Gradient::state_bytes
  Count nfe_backward = 0, nvjp = 0;
  // Against the discrete gradient that keeps all states: the exact one of the steps taken.
  double error = 0;
};

// Of L = sum y(t1), from t = 0 by `method` with steps t1 / n for each n of `steps`.
std::vector<GradientCost> measure_gradient_cost(VectorField<double>& field, VectorIn<double> y0,
                                                double t1, const ButcherTableau& method,
                                                const GradientStrategy& strategy,
                                                const GradientOptions& options,
                                                std::span<const int> steps);

}  // namespace neural_ode
