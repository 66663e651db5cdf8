// The rate at which neighbouring solutions part: positive where motion is chaotic.
#pragma once

#include "engine/core/result.h"
#include "engine/core/types.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

struct LyapunovOptions {
  double warm_up = 20;   // time given to the solution to reach its attractor; not measured
  double interval = 1;   // time between two renormalisations
  int intervals = 1000;  // measured
  double rtol = 1e-8, atol = 1e-10;
};

struct LyapunovEstimate {
  double exponent = 0;  // 1/time
  // Of the exponent, from the scatter of 10 successive parts of the measurement; 0 when there are
  // fewer intervals.
  double standard_error = 0;
};

// The largest Lyapunov exponent [benettin1980]: one tangent vector follows the variational equation
// v' = (df/dy) v beside the solution from y0 (D) at t0, solved by an explicit method, and the
// logarithms of its growth from one renormalisation to the next are averaged. Errors: options or y0
// that cannot be used, a solve that did not reach its end.
Result<LyapunovEstimate> largest_lyapunov(VectorField<double>& field, VectorIn<double> y0,
                                          double t0, const LyapunovOptions& options);

}  // namespace neural_ode
