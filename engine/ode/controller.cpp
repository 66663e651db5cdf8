#include "engine/ode/controller.h"

#include <algorithm>
#include <cmath>

#include "engine/core/math.h"

namespace neural_ode {
namespace {

constexpr ControllerRule rules[] = {
    {"pi", "PI", "gustafsson1991", {1, 0, 0}, 0.04},
    {"i", "I", "hairer1993", {1, 0, 0}, 0},
    {"pid", "PID (H312)", "soderlind2003", {1.0 / 18, 1.0 / 9, 1.0 / 18}, 0},
};

}  // namespace

std::span<const ControllerRule> controller_rules() {
  return rules;
}

const ControllerRule* find_controller(std::string_view name) {
  for (const ControllerRule& rule : rules) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

Controller::Controller(int error_order, ControllerOptions options)
    : options_(options), order_exponent_(1.0 / error_order) {
  const ControllerRule& rule = *options.rule;
  for (int i = 0; i < 3; ++i) exponent_[i] = rule.beta[i] * order_exponent_;
  exponent_[0] -= 0.75 * rule.damping;
  exponent_[1] -= rule.damping;
}

double Controller::accept(double error, ControllerMemory& memory) const {
  double factor = options_.largest_factor;
  if (error > 0) {
    factor = options_.safety;
    const double errors[3] = {error, memory.error[0], memory.error[1]};
    for (int i = 0; i < 3; ++i) {
      if (exponent_[i] != 0) factor *= math::pow(errors[i], -exponent_[i]);
    }
    factor = std::clamp(factor, options_.smallest_factor, options_.largest_factor);
  }
  if (memory.after_rejection) factor = std::min(factor, 1.0);
  if (factor > 1 && factor < options_.dead_zone) factor = 1;
  memory.error[1] = memory.error[0];
  memory.error[0] = std::max(error, 1e-4);
  memory.after_rejection = false;
  return factor;
}

double Controller::reject(double error, ControllerMemory& memory) const {
  memory.after_rejection = true;
  if (!std::isfinite(error)) return options_.smallest_factor;
  const double exponent = std::max(exponent_[0], 0.5 * order_exponent_);
  const double factor = options_.safety * math::pow(error, -exponent);
  return std::clamp(factor, options_.smallest_factor, options_.safety);
}

double Controller::trial_step(double y_norm, double f_norm) {
  return y_norm < 1e-5 || f_norm < 1e-5 ? 1e-6 : 0.01 * y_norm / f_norm;
}

double Controller::first_step(double trial_step, double f_norm, double slope_norm) const {
  const double steepest = std::max(f_norm, slope_norm);
  const double h = steepest <= 1e-15 ? std::max(1e-6, trial_step * 1e-3)
                                     : math::pow(0.01 / steepest, order_exponent_);
  return std::min(100 * trial_step, h);
}

}  // namespace neural_ode
