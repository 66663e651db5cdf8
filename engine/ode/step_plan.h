// When each sample of a solve steps, and how far: output times, forced times, jumps, the grid of
// fixed steps.
#pragma once

#include <vector>

#include "engine/core/types.h"
#include "engine/ode/controller.h"
#include "engine/ode/solve_status.h"
#include "engine/ode/solver_options.h"

namespace neural_ode {

// How far a sample has come.
struct Progress {
  int sample = 0;
  int output = 1;  // the next row of times to reach
  int steps = 0;   // tried
  double t = 0, h = 0;
  double end = 0;                   // adaptive: the next time to stop at; fixed: times(output)
  double wanted = 0;                // adaptive: h before it was cut to stop there
  double step = 0, step_count = 1;  // fixed: which of how many between two outputs
  int past = 0;                     // steps of this length before, as far as the method looks back
  const ButcherTableau* method = nullptr;
  bool last = false;                               // this step ends at `end`
  bool restart = false;                            // f(t, y) has to be evaluated anew
  bool non_finite = false, newton_failed = false;  // the last attempt was
  ControllerMemory memory;
};

// From t to the next number in the direction of `span`.
double spacing(double t, double span);

class StepPlan {
 public:
  // times: T x B or T x 1; with `own_times` each sample is given a column, for events to cut short.
  // The options must outlive the plan.
  void start(const SolverOptions& options, const Matrix<double>& times, Index batch,
             bool own_times);

  bool adaptive() const { return adaptive_; }
  const Matrix<double>& times() const { return times_; }
  int outputs() const { return static_cast<int>(times_.rows()); }
  double time(Index row, Index sample) const {
    return times_(row, times_.cols() == 1 ? 0 : sample);
  }
  double final_time(int sample) const { return time(times_.rows() - 1, sample); }
  bool ended(Index sample) const {
    return !ended_.empty() && ended_[static_cast<std::size_t>(sample)] != 0;
  }
  bool any_ended() const;
  // An event ends a sample: its times from `output` on become t.
  void end(int sample, int output, double t);

  Progress begin(int sample) const;
  // The method of the next step: the chosen one, or its substitute.
  const ButcherTableau* choose_method(const Progress& progress) const;
  // Sets t, h and whether the step is the last one before `end`. `running` when there is a step to
  // take, else why not.
  SolveStatus next(Progress& progress) const;
  // Where the stages of a step from t to the output time `output` may be evaluated.
  void bounds(int sample, int output, double t, double h, double& begin, double& end) const {
    begin = t;
    end = adaptive_ ? final_time(sample) : time(output, sample);
    if (ended(sample)) end = t + 2 * h;  // its times were cut
    if (!options_->jumps.empty()) avoid_jumps(t, h, begin, end);
  }
  bool reaches_final(const Progress& progress) const {
    return progress.last && progress.end == final_time(progress.sample);
  }
  // After an accepted step to t1, its outputs written.
  void advance(Progress& progress, double t1) const {
    progress.t = t1;
    progress.step += 1;
    progress.past += 1;
    if (progress.last && progress.output < outputs()) begin_interval(progress);
  }

 private:
  void avoid_jumps(double t, double h, double& begin, double& end) const;
  void begin_interval(Progress& progress) const;
  double next_stop(const Progress& progress) const;
  void plan_interval(Progress& progress) const;

  const SolverOptions* options_ = nullptr;
  bool adaptive_ = false;
  Matrix<double> times_;
  std::vector<double> stops_;  // forced times and jumps, ascending
  std::vector<char> ended_;    // B; empty without events
};

}  // namespace neural_ode
