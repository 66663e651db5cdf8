#include "engine/data/windows.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

namespace neural_ode {

namespace {

// How far apart idle times are, as a share of the last gap between observations.
constexpr double idle_share = 1.0 / 1024;

// Observations from the first start on.
int usable(const WindowRange& range) {
  return range.starts.empty() ? range.length() : range.last - range.starts.front();
}

int places(const WindowRange& range, int length) {
  const int most = usable(range);
  if (most < 2) return 0;
  if (most <= length) return 1;
  if (range.starts.empty()) return most - length + 1;
  const auto end = std::upper_bound(range.starts.begin(), range.starts.end(), range.last - length);
  return static_cast<int>(end - range.starts.begin());
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
    const int here = places(range, length);
    if (place >= here) {
      place -= here;
      continue;
    }
    const int first =
        range.starts.empty() ? range.first + place : range.starts[static_cast<std::size_t>(place)];
    fill_column(trajectories[static_cast<std::size_t>(range.trajectory)], first,
                std::min(first + length, range.last), column, windows.times, windows.target);
    windows.y0.col(column) = windows.target.front().col(column);
    return;
  }
}

}  // namespace

WindowRange make_range(const std::vector<Trajectory>& trajectories, int trajectory, int first,
                       int last) {
  WindowRange range{trajectory, first, last};
  const auto& y = trajectories[static_cast<std::size_t>(trajectory)].y;
  std::vector<int> complete;
  for (int i = first; i < last; ++i) {
    if (y.col(i).allFinite()) complete.push_back(i);
  }
  if (static_cast<int>(complete.size()) == range.length()) return range;
  if (complete.empty()) {
    range.first = range.last;
  } else {
    range.starts = std::move(complete);
  }
  return range;
}

int fitting_window(std::span<const WindowRange> ranges, int wanted) {
  int longest = 0;
  for (const WindowRange& range : ranges) longest = std::max(longest, usable(range));
  return longest < 2 ? 0 : std::min(longest, wanted);
}

void append_idle_times(Matrix<double>& times, Index filled, Index column) {
  const double last = times(filled - 1, column);
  const double gap = filled > 1 ? last - times(filled - 2, column) : 1;
  for (Index k = filled; k < times.rows(); ++k) {
    times(k, column) = last + static_cast<double>(k - filled + 1) * idle_share * gap;
  }
}

void fill_column(const Trajectory& trajectory, int first, int last, Index column,
                 Matrix<double>& times, std::vector<Matrix<float>>& target) {
  const int length = last - first;
  for (int k = 0; k < length; ++k) {
    const int i = first + k;
    times(k, column) = trajectory.times[static_cast<std::size_t>(i)];
    target[static_cast<std::size_t>(k)].col(column) = trajectory.y.col(i).cast<float>();
  }
  for (Index k = length; k < times.rows(); ++k) {
    target[static_cast<std::size_t>(k)].col(column).setConstant(
        std::numeric_limits<float>::quiet_NaN());
  }
  append_idle_times(times, length, column);
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
