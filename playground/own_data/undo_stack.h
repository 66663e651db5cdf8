// The states before the last edits, so that each of them can be taken back.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace neural_ode {

template <class State>
class UndoStack {
 public:
  void remember(State state) {
    if (states_.size() == limit) states_.erase(states_.begin());
    states_.push_back(std::move(state));
  }
  // False when there is nothing to take back.
  bool take_back(State& state) {
    if (states_.empty()) return false;
    state = std::move(states_.back());
    states_.pop_back();
    return true;
  }

 private:
  static constexpr std::size_t limit = 200;
  std::vector<State> states_;
};

}  // namespace neural_ode
