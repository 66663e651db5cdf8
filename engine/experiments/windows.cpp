#include "engine/experiments/windows.h"

#include <algorithm>

namespace neural_ode {

namespace {

int places(const WindowRange& range, int length) {
  return std::max(range.length() - length + 1, 0);
}

int count_places(std::span<const WindowRange> ranges, int length) {
  int count = 0;
  for (const WindowRange& range : ranges) count += places(range, length);
  return count;
}

void resize(WindowBatch& windows, Index dim, int length, int batch) {
  windows.times.resize(length, batch);
  windows.y0.resize(dim, batch);
  windows.target.resize(static_cast<std::size_t>(length));
  for (Matrix<float>& target : windows.target) target.resize(dim, batch);
}

// Column `column` becomes the window at `place`, counted over all ranges.
void fill(const std::vector<Trajectory>& trajectories, std::span<const WindowRange> ranges,
          int length, int place, Index column, WindowBatch& windows) {
  for (const WindowRange& range : ranges) {
    if (place >= places(range, length)) {
      place -= places(range, length);
      continue;
    }
    const Trajectory& trajectory = trajectories[static_cast<std::size_t>(range.trajectory)];
    for (int k = 0; k < length; ++k) {
      const int i = range.first + place + k;
      windows.times(k, column) = trajectory.times[static_cast<std::size_t>(i)];
      windows.target[static_cast<std::size_t>(k)].col(column) = trajectory.y.col(i).cast<float>();
    }
    windows.y0.col(column) = windows.target.front().col(column);
    return;
  }
}

}  // namespace

int fitting_window(std::span<const WindowRange> ranges, int wanted) {
  int longest = 0;
  for (const WindowRange& range : ranges) longest = std::max(longest, range.length());
  return longest < 2 ? 0 : std::min(longest, wanted);
}

void draw_windows(const std::vector<Trajectory>& trajectories, std::span<const WindowRange> ranges,
                  int length, int batch, Rng& rng, WindowBatch& windows) {
  resize(windows, trajectories.front().y.rows(), length, batch);
  const auto count = static_cast<std::uint32_t>(count_places(ranges, length));
  for (int column = 0; column < batch; ++column) {
    fill(trajectories, ranges, length, static_cast<int>(rng.below(count)), column, windows);
  }
}

void spread_windows(const std::vector<Trajectory>& trajectories,
                    std::span<const WindowRange> ranges, int length, int batch,
                    WindowBatch& windows) {
  const int count = count_places(ranges, length);
  batch = std::min(batch, count);
  resize(windows, trajectories.front().y.rows(), length, batch);
  for (int column = 0; column < batch; ++column) {
    const auto place = static_cast<std::int64_t>(column) * count / batch;
    fill(trajectories, ranges, length, static_cast<int>(place), column, windows);
  }
}

}  // namespace neural_ode
