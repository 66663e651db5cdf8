// Multiple shooting [bock1984]: trajectories are cut into segments, each of which is solved from an
// initial state of its own. These states are trained along with the field; a penalty asks every
// segment to end where the next begins.
#pragma once

#include <span>
#include <vector>

#include "engine/core/rng.h"
#include "engine/data/trajectories.h"
#include "engine/data/windows.h"

namespace neural_ode {

// Observations first .. last - 1 of a trajectory. Where another segment follows it is solved on to
// the first observation of that one.
struct Segment {
  int trajectory = 0;
  int first = 0, last = 0;
  bool joined = false;  // the next one in the list follows
  int rows() const { return last - first + (joined ? 1 : 0); }
};

// Segments of `length` observations; the last of a trajectory has 2 to length + 1.
std::vector<Segment> cut_segments(std::span<const WindowRange> ranges, int length);

// Where the training of the initial states begins: at the first observations, a missing entry at
// the last one before it, and the rest of the D coordinates at zero. D x segments.
Matrix<float> observed_starts(const std::vector<Trajectory>& trajectories,
                              std::span<const Segment> segments, Index dim);

// Segments `chosen` as the columns of a batch, but for their initial states.
void fill_segments(const std::vector<Trajectory>& trajectories, std::span<const Segment> segments,
                   std::span<const int> chosen, WindowBatch& batch);
// At most `most` of `count`: all in order, or as many drawn at random.
void choose_segments(int count, int most, Rng& rng, std::vector<int>& chosen);

// weight / N sum |end - start of the next|^2 over all coordinates of the joints chosen. Adds its
// gradient to states_bar (T of D x B) and to starts_bar (D x segments). Returns the penalty.
double continuity_penalty(std::span<const Segment> segments, std::span<const int> chosen,
                          double weight, const std::vector<Matrix<float>>& states,
                          MatrixIn<float> starts, std::vector<Matrix<float>>& states_bar,
                          MatrixOut<float> starts_bar);

}  // namespace neural_ode
