// What a gradient costs, in memory and in work, against the number of steps of its solve.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/core/types.h"
#include "engine/gradient/gradient.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

struct GradientCost {
  int steps = 0;
  SolveStatus status =
      SolveStatus::ok;    // of the solve or of its reverse; the rest counts if it succeeded
  std::size_t bytes = 0;  // Gradient::state_bytes
  int nfe_backward = 0, nvjp = 0;
  // Of dL/dy0 and dL/dtheta, the largest of an entry over the largest entry of the discrete
  // gradient that keeps all states: the exact one of the steps taken.
  double error = 0;
};

// The gradient of L = sum y(t1), one sample from y0 at t = 0, by `method` with steps t1 / n for
// each n of `steps`. Without the gradient of the times.
std::vector<GradientCost> measure_gradient_cost(VectorField<double>& field, VectorIn<double> y0,
                                                double t1, const ButcherTableau& method,
                                                const GradientStrategy& strategy,
                                                const GradientOptions& options,
                                                std::span<const int> steps);

}  // namespace neural_ode
