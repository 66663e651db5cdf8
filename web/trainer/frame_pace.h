// When pictures are taken while training goes on: so rarely that they cost a small share of the
// time, however dear one of them is.
#pragma once

#include <algorithm>
#include <cmath>

#include "web/trainer/recent_median.h"

namespace neural_ode::web {

// Pictures and the states kept for rewind (trainer/good_states.h) together stay under 5 % of the
// time.
inline constexpr double frame_share = 0.045, save_share = 0.005;

class FramePace {
 public:
  // The next picture is due at once.
  void restart() { next_ = 0; }
  bool due(double time) const { return time >= next_; }
  double next() const { return next_; }
  // A picture was taken from `begin` to `end`, ms.
  void taken(double begin, double end) {
    const double cost = end - begin;
    costs_.add(cost);
    // One that was held up by something else does not keep the next ones away for long.
    next_ = std::max(end, begin + std::min(cost, most_over_median * costs_.value()) / frame_share);
  }
  // Pictures will cost something else.
  void forget() {
    costs_.clear();
    restart();
  }

 private:
  static constexpr double most_over_median = 3;
  RecentMedian<5> costs_;  // ms
  double next_ = 0;
};

// How long a slice of steps may be: steps are begun as long as one like the last ones would end
// before the deadline, so that a slice is longer than it should be only by the whims of one step.
class StepPace {
 public:
  void add(double ms) { times_.add(ms); }
  void clear() { times_.clear(); }
  double step_ms() const { return times_.value(); }  // NaN before the first
  bool fits(double time, double deadline) const {
    const double expected = step_ms();
    return time + (std::isfinite(expected) ? expected : 0) < deadline;
  }

 private:
  RecentMedian<31> times_;
};

}  // namespace neural_ode::web
