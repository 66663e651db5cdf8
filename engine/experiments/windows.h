// Random pieces of trajectories: what a vector field is trained on, because a short solve has a
// well-behaved gradient where a long one from a poor field has not.
#pragma once

#include <span>
#include <vector>

#include "engine/core/rng.h"
#include "engine/data/trajectories.h"

namespace neural_ode {

// B windows of T observations each.
struct WindowBatch {
  Matrix<double> times;               // T x B
  Matrix<float> y0;                   // D x B, the first observations
  std::vector<Matrix<float>> target;  // T of D x B
};

// Where a window may lie: observations first .. last - 1 of a trajectory.
struct WindowRange {
  int trajectory = 0;
  int first = 0, last = 0;
  int length() const { return last - first; }
};

// The longest window, at most `wanted`, that fits into some range; 0 when none has two
// observations.
int fitting_window(std::span<const WindowRange> ranges, int wanted);

// `batch` windows of `length` observations; every place where one fits is equally likely.
void draw_windows(const std::vector<Trajectory>& trajectories, std::span<const WindowRange> ranges,
                  int length, int batch, Rng& rng, WindowBatch& windows);
// The same, at most `batch` of them evenly over all places: always the same ones.
void spread_windows(const std::vector<Trajectory>& trajectories,
                    std::span<const WindowRange> ranges, int length, int batch,
                    WindowBatch& windows);

}  // namespace neural_ode
