// How long the next step should be: the PI controller and the first step of Hairer, Norsett and
// Wanner II.4 [hairer1993], damped as in Gustafsson (1991) [gustafsson1991].
#pragma once

#include "engine/core/types.h"

namespace neural_ode {

struct ControllerOptions {
  double safety = 0.9;
  double beta = 0.04;  // weight of the previous error; 0: no memory
  double smallest_factor = 0.2, largest_factor = 10;
};

// One per sample.
struct ControllerMemory {
  double previous_error = 1e-4;
  bool after_rejection = false;
};

class PiController {
 public:
  // The local error of an embedded estimate of order q behaves like h^(q+1).
  explicit PiController(int embedded_order, ControllerOptions options = {});

  // Factor from the step just tried, of scaled error `error` <= 1, to the next one. Never grows a
  // step right after a rejection.
  double accept(double error, ControllerMemory& memory) const;
  // The same for error > 1; a non-finite error gives the smallest factor.
  double reject(double error, ControllerMemory& memory) const;

  // Lengths h0 of the trial step and h of the first one, from the scaled norms of y0, f(y0) and
  // (f(y0 + h0 f(y0)) - f(y0)) / h0.
  static double trial_step(double y_norm, double f_norm);
  double first_step(double trial_step, double f_norm, double slope_norm) const;

 private:
  ControllerOptions options_;
  double order_exponent_, error_exponent_;
};

// Root of the mean of (x_d / (atol + rtol max(|y0_d|, |y1_d|)))^2 over the D components of one
// sample.
template <class Scalar>
double scaled_norm(Index dim, const Scalar* x, const Scalar* y0, const Scalar* y1, double rtol,
                   double atol);

}  // namespace neural_ode
