// The states before the last edits, so that each of them can be taken back.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace neural_ode {

template <class State>
class UndoStack {
 public:
  // `points`: how many the state holds; of large ones fewer are remembered.
  void remember(State state, std::size_t points = 1) {
    states_.push_back({std::move(state), points});
    points_ += points;
    while (states_.size() > limit || (points_ > most_points && states_.size() > 1)) {
      points_ -= states_.front().points;
      states_.erase(states_.begin());
    }
  }
  // False when there is nothing to take back.
  bool take_back(State& state) {
    if (states_.empty()) return false;
    state = std::move(states_.back().state);
    points_ -= states_.back().points;
    states_.pop_back();
    return true;
  }

 private:
  static constexpr std::size_t limit = 200, most_points = 2'000'000;
  struct Remembered {
    State state;
    std::size_t points;
  };
  std::vector<Remembered> states_;
  std::size_t points_ = 0;  // of all of them
};

}  // namespace neural_ode
