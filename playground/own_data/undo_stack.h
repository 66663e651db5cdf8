// The states before the last edits, so that each of them can be taken back; those of a stroke all
// at once.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace neural_ode {

template <class State>
class UndoStack {
 public:
  // Before what is no part of a stroke changes something. `points`: how many the state holds; of
  // large ones fewer are remembered.
  void remember(State state, std::size_t points = 1) {
    begin(false);
    remember_stroke(std::move(state), points);
  }
  // Before every edit by hand, whatever comes of it ...
  void begin(bool goes_on) { in_stroke_ = in_stroke_ && goes_on; }
  // ... and before it changes something: the first that does so in a stroke is remembered.
  void remember_stroke(State state, std::size_t points = 1) {
    if (in_stroke_) return;
    in_stroke_ = true;
    states_.push_back({std::move(state), points});
    points_ += points;
    while (states_.size() > limit || (points_ > most_points && states_.size() > 1)) {
      points_ -= states_.front().points;
      states_.erase(states_.begin());
    }
  }
  // False when there is nothing to take back.
  bool take_back(State& state) {
    in_stroke_ = false;
    if (states_.empty()) return false;
    state = std::move(states_.back().state);
    points_ -= states_.back().points;
    states_.pop_back();
    return true;
  }
  std::size_t size() const { return states_.size(); }

 private:
  static constexpr std::size_t limit = 200, most_points = 2'000'000;
  struct Remembered {
    State state;
    std::size_t points;
  };
  std::vector<Remembered> states_;
  std::size_t points_ = 0;  // of all of them
  bool in_stroke_ = false;  // whose first state is remembered
};

}  // namespace neural_ode
