#include "engine/ode/controller.h"

#include <algorithm>
#include <cmath>

#include "engine/core/math.h"

namespace neural_ode {

PiController::PiController(int embedded_order, ControllerOptions options)
    : options_(options),
      order_exponent_(1.0 / (embedded_order + 1)),
      error_exponent_(order_exponent_ - 0.75 * options.beta) {}

double PiController::accept(double error, ControllerMemory& memory) const {
  double factor = options_.largest_factor;
  if (error > 0) {
    factor = options_.safety * math::pow(memory.previous_error, options_.beta) /
             math::pow(error, error_exponent_);
    factor = std::clamp(factor, options_.smallest_factor, options_.largest_factor);
  }
  if (memory.after_rejection) factor = std::min(factor, 1.0);
  memory.previous_error = std::max(error, 1e-4);
  memory.after_rejection = false;
  return factor;
}

double PiController::reject(double error, ControllerMemory& memory) const {
  memory.after_rejection = true;
  if (!std::isfinite(error)) return options_.smallest_factor;
  const double factor = options_.safety / math::pow(error, error_exponent_);
  return std::clamp(factor, options_.smallest_factor, options_.safety);
}

double PiController::trial_step(double y_norm, double f_norm) {
  return y_norm < 1e-5 || f_norm < 1e-5 ? 1e-6 : 0.01 * y_norm / f_norm;
}

double PiController::first_step(double trial_step, double f_norm, double slope_norm) const {
  const double steepest = std::max(f_norm, slope_norm);
  const double h = steepest <= 1e-15 ? std::max(1e-6, trial_step * 1e-3)
                                     : math::pow(0.01 / steepest, order_exponent_);
  return std::min(100 * trial_step, h);
}

template <class Scalar>
double scaled_norm(Index dim, const Scalar* x, const Scalar* y0, const Scalar* y1, double rtol,
                   double atol) {
  double sum = 0;
  for (Index d = 0; d < dim; ++d) {
    if (x[d] == Scalar(0)) continue;  // also where the scale is zero
    const double size =
        std::max(std::abs(static_cast<double>(y0[d])), std::abs(static_cast<double>(y1[d])));
    const double ratio = static_cast<double>(x[d]) / (atol + rtol * size);
    sum += ratio * ratio;
  }
  return std::sqrt(sum / static_cast<double>(dim));
}

template double scaled_norm(Index, const float*, const float*, const float*, double, double);
template double scaled_norm(Index, const double*, const double*, const double*, double, double);

}  // namespace neural_ode
