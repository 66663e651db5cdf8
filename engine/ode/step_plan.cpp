#include "engine/ode/step_plan.h"

#include <algorithm>
#include <cmath>

namespace neural_ode {

double spacing(double t, double span) {
  return std::abs(std::nextafter(t, t + span) - t);
}

void StepPlan::start(const SolverOptions& options, const Matrix<double>& times, Index batch,
                     bool own_times) {
  options_ = &options;
  adaptive_ = options.adaptive();
  times_ = times;
  ended_.clear();
  if (own_times) {
    if (times.cols() == 1) times_ = times.replicate(1, batch);
    ended_.assign(static_cast<std::size_t>(batch), 0);
  }
  stops_ = options.forced_times;
  stops_.insert(stops_.end(), options.jumps.begin(), options.jumps.end());
  std::sort(stops_.begin(), stops_.end());
}

bool StepPlan::any_ended() const {
  return std::any_of(ended_.begin(), ended_.end(), [](char ended) { return ended != 0; });
}

void StepPlan::end(int sample, int output, double t) {
  times_.col(sample).tail(times_.rows() - output).setConstant(t);
  ended_[static_cast<std::size_t>(sample)] = 1;
}

Progress StepPlan::begin(int sample) const {
  Progress progress;
  progress.sample = sample;
  progress.method = options_->method;
  progress.t = time(0, sample);
  if (adaptive_) {
    progress.end = next_stop(progress);
  } else {
    plan_interval(progress);
  }
  return progress;
}

double StepPlan::next_stop(const Progress& progress) const {
  const double final = final_time(progress.sample), t = progress.t;
  if (final > t) {
    const auto stop = std::upper_bound(stops_.begin(), stops_.end(), t);
    return stop == stops_.end() ? final : std::min(*stop, final);
  }
  const auto stop = std::lower_bound(stops_.begin(), stops_.end(), t);
  return stop == stops_.begin() ? final : std::max(*(stop - 1), final);
}

// Fixed steps from times(output - 1) to times(output).
void StepPlan::plan_interval(Progress& progress) const {
  progress.end = time(progress.output, progress.sample);
  const double length = progress.end - time(progress.output - 1, progress.sample);
  // A ratio that is whole but for rounding counts as whole.
  constexpr double slack = 1 - 1e-9;
  progress.step = 0;
  progress.past = 0;
  progress.step_count = std::max(1.0, std::ceil(std::abs(length) / options_->step_size * slack));
  progress.h = length / progress.step_count;
}

void StepPlan::avoid_jumps(double t, double h, double& begin, double& end) const {
  for (const double jump : options_->jumps) {
    if (jump == t) begin = std::nextafter(t, t + h);
    if ((jump - t) * h > 0 && (end - jump) * h >= 0) end = std::nextafter(jump, t);
  }
}

const ButcherTableau* StepPlan::choose_method(const Progress& progress) const {
  const ButcherTableau& method = *options_->method;
  if (method.substitute == nullptr) return &method;
  if (method.past > 0) return progress.past < method.past ? method.substitute : &method;
  double begin, end;
  bounds(progress.sample, progress.output, progress.t, progress.h, begin, end);
  const double left = end - progress.t, reach = method.latest_stage() * progress.h;
  return std::abs(reach) > std::abs(left) ? method.substitute : &method;
}

SolveStatus StepPlan::next(Progress& progress) const {
  bool too_short = false;
  if (adaptive_) {
    // A remainder of a percent is taken along, if that is not beyond the longest step.
    const double left = progress.end - progress.t, longest = options_->max_step * (1 + 1e-9);
    progress.wanted = progress.h;
    progress.last = std::min(1.01 * std::abs(progress.h), longest) >= std::abs(left);
    // The state moves by h, so t must: by the difference of two numbers that there are.
    progress.h = progress.last ? left : progress.t + progress.h - progress.t;
    // Of a step of fewer spacings not even the length is right.
    const double shortest = std::max(options_->min_step, 4 * spacing(progress.t, left));
    too_short = !progress.last && std::abs(progress.h) < shortest;
  } else {
    progress.t = time(progress.output - 1, progress.sample) + progress.step * progress.h;
    progress.last = progress.step + 1 == progress.step_count;
  }
  if (too_short || progress.t + progress.h == progress.t) {
    if (progress.non_finite) return SolveStatus::non_finite;
    return progress.newton_failed ? SolveStatus::newton_failed : SolveStatus::step_underflow;
  }
  if (progress.steps == options_->max_steps) return SolveStatus::max_steps;
  ++progress.steps;
  return SolveStatus::running;
}

void StepPlan::begin_interval(Progress& progress) const {
  if (!adaptive_) return plan_interval(progress);
  const std::vector<double>& jumps = options_->jumps;
  progress.restart = std::find(jumps.begin(), jumps.end(), progress.t) != jumps.end();
  progress.end = next_stop(progress);
}

}  // namespace neural_ode
