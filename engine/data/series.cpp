#include "engine/data/series.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include "engine/core/math.h"

namespace neural_ode {

namespace {

constexpr double pi = 3.14159265358979323846;
constexpr int window = 100;

template <class Curve>
Matrix<double> row_of(const std::vector<double>& times, const Curve& curve) {
  Matrix<double> values(1, static_cast<Index>(times.size()));
  for (std::size_t i = 0; i < times.size(); ++i) values(0, static_cast<Index>(i)) = curve(times[i]);
  return values;
}

SeriesSet empty_set(const std::vector<double>& times) {
  SeriesSet set;
  set.window = window;
  set.times = times;
  return set;
}

constexpr int spiral_points = 1000;
constexpr double spiral_end = 6 * pi, spiral_spacing = spiral_end / (spiral_points - 1);

void spiral_point(bool clockwise, double t, double* point) {
  if (clockwise) {
    const double angle = spiral_end + 1 - t, radius = 0.3 * 50 / angle;
    point[0] = radius * math::cos(angle) - 5;
    point[1] = radius * math::sin(angle);
  } else {
    point[0] = 0.3 * t * math::cos(t) + 5;
    point[1] = 0.3 * t * math::sin(t);
  }
}

std::vector<double> equal_times(double spacing) {
  std::vector<double> times(2 * window);
  for (std::size_t i = 0; i < times.size(); ++i) times[i] = spacing * static_cast<double>(i);
  return times;
}

std::vector<double> spiral_times(Rng& /*rng*/) {
  return equal_times(spiral_spacing);
}

SeriesSet spirals(const std::vector<double>& times, int count, bool held_out, Rng& rng) {
  SeriesSet set = empty_set(times);
  const std::uint32_t starts = spiral_points - (held_out ? 3 : 2) * window;
  for (int k = 0; k < count; ++k) {
    const bool clockwise = k % 2 == 0;
    const int first = window + static_cast<int>(rng.below(starts));
    Matrix<double> y(2, 2 * window);
    for (int i = 0; i < 2 * window; ++i) {
      if (first + i < spiral_points) {
        spiral_point(clockwise, spiral_spacing * (first + i), y.col(i).data());
      } else {
        y.col(i).setConstant(std::numeric_limits<double>::quiet_NaN());
      }
    }
    set.exact.push_back(std::move(y));
    set.hidden.push_back(clockwise ? 0 : 1);
  }
  return set;
}

std::vector<double> random_times(Rng& rng) {
  constexpr double span = 5;
  std::vector<double> times(window);
  for (double& t : times) t = rng.uniform(0, span);
  std::sort(times.begin(), times.end());
  // Strictly increasing, and the last one before the first of the next window.
  for (std::size_t i = 1; i < times.size(); ++i) times[i] = std::max(times[i], times[i - 1] + 1e-6);
  times.resize(2 * window);
  for (std::size_t i = 0; i < window; ++i) times[window + i] = times[i] + span + 1e-3;
  return times;
}

SeriesSet periodic(const std::vector<double>& times, int count, bool /*held_out*/, Rng& rng) {
  SeriesSet set = empty_set(times);
  for (int k = 0; k < count; ++k) {
    const double share = rng.uniform(), frequency = 0.4 + 0.4 * share, phase = rng.normal();
    set.exact.push_back(
        row_of(times, [&](double t) { return math::sin(2 * pi * frequency * t + phase); }));
    set.hidden.push_back(share);
  }
  return set;
}

std::vector<double> wave_times(Rng& /*rng*/) {
  return equal_times(5.0 / window);
}

SeriesSet damped(const std::vector<double>& times, int count, bool /*held_out*/, Rng& rng) {
  SeriesSet set = empty_set(times);
  for (int k = 0; k < count; ++k) {
    const double amplitude = rng.uniform(0.7, 1.3), decay = rng.uniform(0.1, 0.4);
    const double share = rng.uniform(), rate = 2 + 2 * share, phase = rng.uniform(0, 2 * pi);
    set.exact.push_back(row_of(times, [&](double t) {
      return amplitude * math::exp(-decay * t) * math::cos(rate * t + phase);
    }));
    set.hidden.push_back(share);
  }
  return set;
}

constexpr std::array families = {
    SeriesFamily{"spirals", "Spirals", "direction", 2, 0.3, spirals, spiral_times},
    SeriesFamily{"periodic", "Periodic", "frequency", 1, 0.05, periodic, random_times},
    SeriesFamily{"damped", "Damped waves", "frequency", 1, 0.05, damped, wave_times},
};

}  // namespace

std::span<const SeriesFamily> series_families() {
  return families;
}

const SeriesFamily* find_series_family(std::string_view name) {
  for (const SeriesFamily& family : families) {
    if (family.name == name) return &family;
  }
  return nullptr;
}

}  // namespace neural_ode
