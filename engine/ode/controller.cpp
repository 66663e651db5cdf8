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

// Of a step without any error too: it counts as this small, and grows as far as it may.
double log_of(double error) {
  return math::quick_log2(std::max(error, 1e-300));
}

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
  const double log_error = log_of(error);
  const double factor_log = exponent_[0] * log_error + exponent_[1] * memory.log_error[0] +
                            exponent_[2] * memory.log_error[1];
  double factor = std::clamp(options_.safety * math::quick_exp2(-factor_log),
                             options_.smallest_factor, options_.largest_factor);
  if (memory.after_rejection) factor = std::min(factor, 1.0);
  if (options_.dead_zone > 1 && factor > 1 && factor < options_.dead_zone) factor = 1;
  memory.log_error[1] = memory.log_error[0];
  memory.log_error[0] = std::max(log_error, ControllerMemory::smallest);
  memory.after_rejection = false;
  return factor;
}

double Controller::reject(double error, ControllerMemory& memory) const {
  memory.after_rejection = true;
  if (!std::isfinite(error)) return options_.smallest_factor;
  const double exponent = std::max(exponent_[0], 0.5 * order_exponent_);
  const double factor = options_.safety * math::quick_exp2(-exponent * log_of(error));
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
