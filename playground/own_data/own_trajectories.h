// Trajectories that a person drew or pasted.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
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
  // Points drawn one after another are this far apart in time, or as far as those that were pasted
  // most often are.
  static constexpr double spacing = 0.1;

  // In the order drawn; one that was only begun has a single point.
  const std::vector<Trajectory>& trajectories() const { return now_.trajectories; }
  bool empty() const { return now_.trajectories.empty(); }
  // A point is added to the last trajectory, or begins another.
  Status edit(const Edit& edit);
  std::size_t edits() const { return undo_.size(); }  // that undo can take back
  // What was read from the text, for the person. What there was stays on an error.
  Result<std::string> set(std::string_view csv, bool x_alone = false);
  const std::string& csv() const;
  // Of t, x and y, as the person wrote them.
  const std::array<std::string, 3>& names() const { return now_.names; }
  // Why these trajectories cannot be trained on yet, and what to do; ok when they can.
  Status check() const;

 private:
  struct State {
    std::vector<Trajectory> trajectories;
    std::array<std::string, 3> names = {"t", "x", "y"};
    double gap = spacing;  // between points that are drawn
    bool x_alone = false;  // read without a y
  };
  void remember();

  State now_;
  UndoStack<State> undo_;
  mutable std::optional<std::string> csv_;  // of what there is now
};

}  // namespace neural_ode
