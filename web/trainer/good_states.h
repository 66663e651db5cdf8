// The last state from which training went on well, for rewind.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "playground/contract/experiment.h"

namespace neural_ode::web {

// A run that explodes does so over some steps; states from within the explosion are of no use, so
// only those with a usual loss are kept, and the one before the newest too.
class GoodStates {
 public:
  struct Kept {
    std::int64_t step = 0;
    std::vector<std::uint8_t> bytes;
  };

  void clear();
  void see(const StepReport& report, const Experiment& experiment,
           const std::function<double()>& now);
  // No bytes: the beginning of the run.
  const Kept& before(std::int64_t failed_step) const;

 private:
  Kept newest_, older_;
  double usual_loss_ = 0, last_end_ = 0, cost_ = 0;
};

}  // namespace neural_ode::web
