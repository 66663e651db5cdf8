// Trajectories that a person drew or pasted.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/data/trajectories.h"
#include "playground/contract/experiment.h"
#include "playground/own_data/undo_stack.h"

namespace neural_ode {

class OwnTrajectories {
 public:
  // Points drawn one after another are this far apart in time.
  static constexpr double spacing = 0.1;

  // By label, in the order drawn; one that was only begun has a single point.
  std::vector<Trajectory> trajectories() const;
  bool empty() const { return drawn_.empty(); }
  Status edit(const Edit& edit);
  Status set(std::string_view csv);
  std::string csv() const;
  // Why these trajectories cannot be trained on yet, and what to do; ok when they can.
  Status check() const;

 private:
  using Drawn = std::map<int, Trajectory>;
  Drawn drawn_;
  UndoStack<Drawn> undo_;
};

}  // namespace neural_ode
