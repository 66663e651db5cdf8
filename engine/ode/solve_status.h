// How a solve ended, and what it cost.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/types.h"
#include "engine/ode/event.h"

namespace neural_ode {

enum class SolveStatus {
  ok,
  event,           // ok too: a terminal event ended every sample that did not reach the last time
  running,         // more to do: call advance again
  max_steps,       // a sample used up its steps
  step_underflow,  // t + h == t, or h below the smallest step allowed
  non_finite,      // NaN or infinity in the state or its derivative
  newton_failed,   // an implicit stage did not converge
  max_events,      // of a trajectory of pieces: a sample used up its events
  grazing,         // an event function touched zero without crossing it: no gradient of its time
  cancelled,
  invalid,  // options or times that cannot be solved; see SolveReport::reason
};

std::string_view status_name(SolveStatus status);

struct SolveReport {
  SolveStatus status = SolveStatus::ok;
  bool succeeded() const { return status == SolveStatus::ok || status == SolveStatus::event; }
  // Where it stopped; meaningful unless it succeeded.
  double t = 0, h = 0, error_norm = 0;
  Index sample = -1;

  // Steps summed over samples; evaluations per sample (a batched call counts once for each sample
  // in it).
  Count accepted = 0, rejected = 0;
  std::vector<Count> nfe_per_sample;
  Count nfe() const;  // the largest of them: what the slowest sample needed
  double mean_nfe() const;
  double largest_step = 0;  // accepted: what is shorter than it, a solve may have stepped over
  // Jacobians of implicit methods, per sample; each costs as much as D evaluations or
  // vector-Jacobian products.
  std::vector<Count> jacobians_per_sample;
  Count jacobians() const;
  // The largest over samples of all that, in evaluations.
  Count cost(Index dim) const;

  std::vector<Occurrence> events;  // in the order of their steps; of one sample, in the order of t

  std::string reason;  // of `invalid`: what was expected

  // Forgets everything; keeps the storage.
  void reset(Index batch);
  // Takes in the report of some of the batch's samples, first, first + 1, ..., solved by
  // themselves. Of several that failed the first is told of; events are not taken in.
  void add_part(const SolveReport& part, Index first);
  // Adds the steps of another solve.
  void add_steps(const SolveReport& part);
  // Says where and why `part` stopped, as of this `sample`.
  void stop_as(const SolveReport& part, Index sample);

  // One line: "the solution became NaN at t = 0.31 (sample 7, step 1e-3)".
  std::string message() const;
};

}  // namespace neural_ode
