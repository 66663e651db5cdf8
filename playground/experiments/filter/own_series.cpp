#include "playground/experiments/filter/own_series.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace neural_ode::filter {

namespace {

constexpr Index shortest = 3;                    // observations of a window: two are predicted
constexpr std::size_t enough_to_keep_whole = 4;  // series

bool has_y(const std::vector<Trajectory>& series) {
  return std::any_of(series.begin(), series.end(),
                     [](const Trajectory& each) { return !each.y.row(1).array().isNaN().all(); });
}

// The observations with all coordinates.
Trajectory complete(const Trajectory& series, Index dim) {
  Trajectory kept;
  kept.y.resize(dim, series.y.cols());
  Index count = 0;
  for (Index i = 0; i < series.y.cols(); ++i) {
    if (series.y.col(i).head(dim).array().isNaN().any()) continue;
    kept.times.push_back(series.times[static_cast<std::size_t>(i)]);
    kept.y.col(count++) = series.y.col(i).head(dim);
  }
  kept.y.conservativeResize(dim, count);
  return kept;
}

void add_windows(std::size_t series, Index from, Index to, Index length,
                 std::vector<OwnSeries::Window>& windows) {
  for (Index first = from; first + length <= to; ++first) windows.push_back({series, first});
}

void fill(const OwnSeries& own, const std::vector<OwnSeries::Window>& windows, Series& series) {
  const auto count = static_cast<Index>(windows.size());
  series.seen.times.resize(own.length, count);
  series.seen.x.resize(own.dim, own.length * count);
  for (Index s = 0; s < count; ++s) {
    const OwnSeries::Window& window = windows[static_cast<std::size_t>(s)];
    const Trajectory& from = own.series[window.series];
    const auto time = [&](Index i) {
      return from.times[static_cast<std::size_t>(window.first + i)];
    };
    for (Index i = 0; i < own.length; ++i) {
      series.seen.times(i, s) = time(i) - time(0);
      series.seen.x.col(i * count + s) = from.y.col(window.first + i).cast<float>();
    }
  }
  series.exact = series.seen.x;
}

}  // namespace

Result<OwnSeries> cut_series(const OwnTrajectories& own, int observations) {
  OwnSeries cut;
  std::vector<Trajectory> scaled = own.trajectories();
  if (scaled.empty()) return Error{"own data: paste or load rows of t,x or t,x,y"};
  cut.names = own.names();
  cut.units = units_of(scaled);
  cut.dim = has_y(scaled) ? 2 : 1;
  to_model(cut.units, scaled);
  std::vector<Index> lengths;
  for (const Trajectory& each : scaled) {
    cut.series.push_back(complete(each, cut.dim));
    lengths.push_back(cut.series.back().y.cols());
  }
  std::sort(lengths.begin(), lengths.end());
  const bool whole = cut.series.size() >= enough_to_keep_whole;
  const Index possible = whole ? lengths[lengths.size() / 4] : lengths.back() / 4;
  cut.length = std::clamp<Index>(possible, shortest, std::max<Index>(shortest, observations));
  for (std::size_t k = 0; k < cut.series.size(); ++k) {
    const Index count = cut.series[k].y.cols();
    const Index kept = whole ? (k % enough_to_keep_whole == enough_to_keep_whole - 1 ? count : 0)
                             : std::max(count / 4, cut.length);
    add_windows(k, 0, count - kept, cut.length, cut.train);
    add_windows(k, std::max<Index>(0, count - kept), count, cut.length, cut.test);
  }
  if (cut.train.empty() || cut.test.empty()) {
    return Error{"own data: filter needs " + std::to_string(4 * shortest) +
                 " complete observations of a series, or four series of " +
                 std::to_string(shortest) + "; the longest of " +
                 std::to_string(cut.series.size()) + " has " + std::to_string(lengths.back())};
  }
  return cut;
}

void draw(const OwnSeries& own, Rng& rng, Index count, Series& series) {
  std::vector<OwnSeries::Window> windows;
  for (Index s = 0; s < count; ++s)
    windows.push_back(own.train[rng.below(static_cast<std::uint32_t>(own.train.size()))]);
  fill(own, windows, series);
}

void take_test(const OwnSeries& own, Index most, Series& series) {
  const std::size_t all = own.test.size(), count = std::min(all, static_cast<std::size_t>(most));
  std::vector<OwnSeries::Window> windows;
  for (std::size_t n = 0; n < count; ++n) windows.push_back(own.test[n * all / count]);
  fill(own, windows, series);
}

}  // namespace neural_ode::filter
