// How a solve ended, and what it cost.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/types.h"

namespace neural_ode {

enum class SolveStatus {
  ok,
  running,         // more to do: call advance again
  max_steps,       // a sample used up its steps
  step_underflow,  // t + h == t
  non_finite,      // NaN or infinity in the state or its derivative
  cancelled,
  invalid,  // options or times that cannot be solved; see SolveReport::reason
};

std::string_view status_name(SolveStatus status);

struct SolveReport {
  SolveStatus status = SolveStatus::ok;
  // Where it stopped; meaningful unless ok.
  double t = 0, h = 0, error_norm = 0;
  Index sample = -1;

  // Steps summed over samples; evaluations per sample (a batched call counts once for each sample
  // in it).
  Index accepted = 0, rejected = 0;
  std::vector<int> nfe_per_sample;
  int nfe() const;  // the largest of them: what the slowest sample needed
  double mean_nfe() const;

  std::string reason;  // of `invalid`: what was expected

  // Forgets everything; keeps the storage.
  void reset(Index batch);

  // One line: "the solution became NaN at t = 0.31 (sample 7, step 1e-3)".
  std::string message() const;
};

}  // namespace neural_ode
