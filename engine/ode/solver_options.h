// How to solve: method, tolerances and steps.
#pragma once

#include <limits>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/types.h"
#include "engine/ode/controller.h"
#include "engine/ode/error_norm.h"
#include "engine/ode/method.h"

namespace neural_ode {

struct SolverOptions {
  Method method = {};  // "dopri5", or a table of ode/tableau.h
  // Methods that can adapt their step to rtol and atol do, unless `fixed`; the others take
  // ceil(|dt| / step_size) equal steps between consecutive output times.
  bool fixed = false;
  double rtol = 1e-6, atol = 1e-8;
  double step_size = 0.05;
  int max_steps = 100000;  // per sample, accepted and rejected

  // Of adaptive steps:
  ErrorNorm norm = {};
  ControllerOptions controller = {};
  double first_step = 0;  // 0: chosen by Hairer's rule
  double min_step = 0, max_step = std::numeric_limits<double>::infinity();
  // The whole batch takes the same steps, by the root mean square of its samples' errors. Output
  // times must be shared.
  bool shared_steps = false;
  // Whether the field's jacobian() leaves nothing out. If it does, a stage of an implicit method is
  // never solved by one iteration.
  bool exact_jacobian = true;
  // Times at which a step must end. At a jump the field is discontinuous in t: it is evaluated on
  // one side only, and the slope before it is forgotten.
  std::vector<double> forced_times = {}, jumps = {};

  bool adaptive() const { return method != nullptr && !fixed && method->adaptive(); }
};

Status validate(const SolverOptions& options);
// T x B or T x 1, T >= 1, finite, each column strictly monotone.
Status validate_times(const Matrix<double>& times, Index batch);

// Whether these options can solve a field of `dim` components from y0 (rows x batch) through times.
Status validate_solve(const SolverOptions& options, Index dim, Index rows, Index batch,
                      const Matrix<double>& times);

}  // namespace neural_ode
