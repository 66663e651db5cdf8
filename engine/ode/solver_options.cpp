#include "engine/ode/solver_options.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace neural_ode {
namespace {

bool all_finite(const std::vector<double>& values) {
  return std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); });
}

Status validate_adaptive(const SolverOptions& options) {
  const bool sized = options.rtol >= 0 && options.atol >= 0 && options.rtol + options.atol > 0;
  if (!sized || !std::isfinite(options.rtol + options.atol)) {
    return Error{"rtol and atol: expected finite numbers >= 0, one of them > 0"};
  }
  if (!(options.first_step >= 0) || !std::isfinite(options.first_step)) {
    return Error{"first_step: expected a finite number >= 0"};
  }
  if (!(options.min_step >= 0) || !(options.max_step > options.min_step)) {
    return Error{"min_step and max_step: expected 0 <= min_step < max_step"};
  }
  const ControllerOptions& control = options.controller;
  if (control.rule == nullptr) return Error{"controller: expected a rule"};
  if (!(control.safety >= control.smallest_factor && control.safety < 1)) {
    return Error{"safety: expected a number below 1, and not below the smallest factor"};
  }
  const Vector<double>& weights = options.norm.weights;
  const auto sensible = [](double w) { return w >= 0 && std::isfinite(w); };
  if (!std::all_of(weights.begin(), weights.end(), sensible) ||
      (weights.size() > 0 && !(weights.array() > 0).any())) {
    return Error{"norm: expected finite weights >= 0, one of them > 0"};
  }
  if (!all_finite(options.forced_times)) return Error{"forced_times: expected finite numbers"};
  if (!all_finite(options.jumps)) return Error{"jumps: expected finite numbers"};
  return {};
}

}  // namespace

Status validate(const SolverOptions& options) {
  if (Status status = options.method.check(); !status) return status;
  if (options.max_steps < 1) return Error{"max_steps: expected at least 1"};
  if (options.adaptive()) return validate_adaptive(options);
  if (!(options.step_size > 0) || !std::isfinite(options.step_size)) {
    return Error{"step_size: expected a finite number > 0"};
  }
  if (!options.forced_times.empty() || !options.jumps.empty()) {
    return Error{
        "forced_times and jumps: expected a method that adapts its steps; fixed steps end at "
        "output times"};
  }
  return {};
}

Status validate_times(const Matrix<double>& times, Index batch) {
  if (times.rows() < 1) return Error{"times: expected at least one"};
  if (times.cols() != 1 && times.cols() != batch) {
    return Error{"times: expected one column, or one for each sample"};
  }
  for (Index column = 0; column < times.cols(); ++column) {
    for (Index row = 0; row < times.rows(); ++row) {
      const double t = times(row, column);
      if (!std::isfinite(t)) return Error{"times: expected finite numbers"};
      if (row == 0) continue;
      const bool forward = times(1, column) > times(0, column);
      const double before = times(row - 1, column);
      if (forward ? !(t > before) : !(t < before)) {
        return Error{"times: expected strictly increasing or strictly decreasing numbers"};
      }
    }
  }
  return {};
}

Status validate_solve(const SolverOptions& options, Index dim, Index rows, Index batch,
                      const Matrix<double>& times) {
  if (Status status = validate(options); !status) return status;
  if (Status status = validate_times(times, batch); !status) return status;
  const auto expected = [dim](const char* what) {
    return "expected " + std::to_string(dim) + what;
  };
  if (rows != dim) return Error{"y0: " + expected(" components, found ") + std::to_string(rows)};
  if (options.method->partitioned && dim % 2 != 0) {
    return Error{std::string(options.method->name) +
                 ": expected an even number of components, positions before momenta, found " +
                 std::to_string(dim)};
  }
  const Index weights = options.norm.weights.size();
  if (options.adaptive() && weights != 0 && weights != dim) {
    return Error{"norm: " + expected(" weights, found ") + std::to_string(weights)};
  }
  if (options.norm.parts[0] + options.norm.parts[1] > dim) {
    return Error{"norm: expected parts of " + std::to_string(dim) + " components in all"};
  }
  if (options.adaptive() && options.shared_steps && times.cols() != 1) {
    return Error{"shared_steps: expected output times that all samples share"};
  }
  return {};
}

}  // namespace neural_ode
