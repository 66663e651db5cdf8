#include "engine/train/multiple_shooting.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace neural_ode {

std::vector<Segment> cut_segments(std::span<const WindowRange> ranges, int length) {
  std::vector<Segment> segments;
  for (const WindowRange& range : ranges) {
    int first = range.first;
    while (range.last - first > length + 1) {
      segments.push_back({range.trajectory, first, first + length, true});
      first += length;
    }
    if (range.last - first > 1) segments.push_back({range.trajectory, first, range.last, false});
  }
  return segments;
}

Matrix<float> observed_starts(const std::vector<Trajectory>& trajectories,
                              std::span<const Segment> segments, Index dim) {
  Matrix<float> starts = Matrix<float>::Zero(dim, static_cast<Index>(segments.size()));
  for (std::size_t s = 0; s < segments.size(); ++s) {
    const auto& y = trajectories[static_cast<std::size_t>(segments[s].trajectory)].y;
    for (Index d = 0; d < y.rows(); ++d) {
      Index i = segments[s].first;
      while (i > 0 && std::isnan(y(d, i))) --i;
      if (!std::isnan(y(d, i))) {
        starts(d, static_cast<Index>(s)) = static_cast<float>(y(d, i));
      }
    }
  }
  return starts;
}

void fill_segments(const std::vector<Trajectory>& trajectories, std::span<const Segment> segments,
                   std::span<const int> chosen, WindowBatch& batch) {
  int rows = 0;
  for (const Segment& segment : segments) rows = std::max(rows, segment.rows());
  const Index dim = trajectories.front().y.rows(), columns = static_cast<Index>(chosen.size());
  batch.times.resize(rows, columns);
  batch.target.resize(static_cast<std::size_t>(rows));
  for (Matrix<float>& target : batch.target) target.resize(dim, columns);
  for (Index b = 0; b < columns; ++b) {
    const Segment& segment =
        segments[static_cast<std::size_t>(chosen[static_cast<std::size_t>(b)])];
    const auto& trajectory = trajectories[static_cast<std::size_t>(segment.trajectory)];
    fill_column(trajectory, segment.first, segment.last, b, batch.times, batch.target);
    if (segment.joined) {
      const Index joint = segment.last - segment.first;
      batch.times(joint, b) = trajectory.times[static_cast<std::size_t>(segment.last)];
      append_idle_times(batch.times, joint + 1, b);
    }
  }
}

void choose_segments(int count, int most, Rng& rng, std::vector<int>& chosen) {
  chosen.resize(static_cast<std::size_t>(std::min(count, most)));
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    chosen[i] = count <= most ? static_cast<int>(i)
                              : static_cast<int>(rng.below(static_cast<std::uint32_t>(count)));
  }
}

double continuity_penalty(std::span<const Segment> segments, std::span<const int> chosen,
                          double weight, const std::vector<Matrix<float>>& states,
                          MatrixIn<float> starts, std::vector<Matrix<float>>& states_bar,
                          MatrixOut<float> starts_bar) {
  Index joints = 0;
  for (const int s : chosen) joints += segments[static_cast<std::size_t>(s)].joined ? 1 : 0;
  if (joints == 0) return 0;
  const double scale = weight / static_cast<double>(joints * starts.rows());
  double sum = 0;
  for (std::size_t b = 0; b < chosen.size(); ++b) {
    const Segment& segment = segments[static_cast<std::size_t>(chosen[b])];
    if (!segment.joined) continue;
    const auto row = static_cast<std::size_t>(segment.last - segment.first);
    const auto column = static_cast<Index>(b);
    const Index next = chosen[b] + 1;
    for (Index d = 0; d < starts.rows(); ++d) {
      const float gap = states[row](d, column) - starts(d, next);
      sum += static_cast<double>(gap) * static_cast<double>(gap);
      const float bar = gap * static_cast<float>(2 * scale);
      states_bar[row](d, column) += bar;
      starts_bar(d, next) -= bar;
    }
  }
  return sum * scale;
}

}  // namespace neural_ode
