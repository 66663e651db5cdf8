// How long the next step should be: feedback from scaled errors, and the first step of Hairer,
// Norsett and Wanner II.4 [hairer1993].
#pragma once

#include <span>
#include <string_view>

#include "engine/core/types.h"

namespace neural_ode {

// h' = h safety prod_i error_{n-i}^(-beta_i / q), the local error being of order q in h; error_n is
// the last one.
struct ControllerRule {
  std::string_view name;      // "pi"
  std::string_view label;     // "PI (Gustafsson)"
  std::string_view citation;  // key in docs/reference/references.md
  double beta[3] = {1, 0, 0};
  // Exponent that does not follow the order, as in the code of Hairer, Norsett and Wanner:
  // error_{n-1} enters with this one, error_n with 0.75 of it less.
  double damping = 0;
};

std::span<const ControllerRule> controller_rules();            // pi, i, pid
const ControllerRule* find_controller(std::string_view name);  // null when unknown

struct ControllerOptions {
  const ControllerRule* rule = &controller_rules()[0];
  double safety = 0.9;
  double smallest_factor = 0.2, largest_factor = 10;
  // A factor between 1 and this one counts as 1: an implicit method keeps its factorisation.
  double dead_zone = 1;
};

// One per sample: the binary logarithms of the errors of the two accepted steps before, at least
// that of 1e-4.
struct ControllerMemory {
  static constexpr double smallest = -13.287712379549449;
  double log_error[2] = {smallest, smallest};
  bool after_rejection = false;
};

class Controller {
 public:
  // `error_order`: the local error behaves like h^error_order.
  explicit Controller(int error_order, ControllerOptions options = {});

  // The powers are good to 4e-7, which is plenty for a step, and have the same bits everywhere.
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
  double order_exponent_;
  double exponent_[3];  // of error_n, error_{n-1}, error_{n-2}
};

}  // namespace neural_ode
