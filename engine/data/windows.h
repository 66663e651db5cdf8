// Random pieces of trajectories: what a vector field is trained on, because a short solve has a
// well-behaved gradient where a long one from a poor field has not.
#pragma once

#include <span>
#include <vector>

#include "engine/core/rng.h"
#include "engine/data/trajectories.h"

namespace neural_ode {

// B windows of T observations each, those of a shorter one followed by times without any.
struct WindowBatch {
  Matrix<double> times;               // T x B
  Matrix<float> y0;                   // D x B, the first observations
  std::vector<Matrix<float>> target;  // T of D x B; NaN: not observed
};

// Where a window may lie: observations first .. last - 1 of a trajectory.
struct WindowRange {
  int trajectory = 0;
  int first = 0, last = 0;
  // Where one may begin, ascending; empty: at every observation.
  std::vector<int> starts = {};
  int length() const { return last - first; }
};
// Windows begin at complete observations only.
WindowRange make_range(const std::vector<Trajectory>& trajectories, int trajectory, int first,
                       int last);

// The longest window, at most `wanted`, that fits into some range; 0 when none has two
// observations.
int fitting_window(std::span<const WindowRange> ranges, int wanted);

// `batch` windows of `length` observations; every place where one fits is equally likely. Into a
// range that is too short for it goes one shorter window, as long as the range allows.
void draw_windows(const std::vector<Trajectory>& trajectories, std::span<const WindowRange> ranges,
                  int length, int batch, Rng& rng, WindowBatch& windows);
// The same, at most `batch` of them evenly over all places: always the same ones.
void spread_windows(const std::vector<Trajectory>& trajectories,
                    std::span<const WindowRange> ranges, int length, int batch,
                    WindowBatch& windows);

// Observations first .. last - 1 of a trajectory as the first rows of a column; below them, nothing
// observed at idle times.
void fill_column(const Trajectory& trajectory, int first, int last, Index column,
                 Matrix<double>& times, std::vector<Matrix<float>>& target);
// Times for the rows of a column from `filled` > 0 on, where nothing is observed but a solve needs
// some: so close that it costs little and leads nowhere.
void append_idle_times(Matrix<double>& times, Index filled, Index column);

}  // namespace neural_ode
