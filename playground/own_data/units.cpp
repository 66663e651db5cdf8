#include "playground/own_data/units.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include "engine/core/number_text.h"

namespace neural_ode {

namespace {

constexpr double usual_gap = 0.1;
constexpr double far_times = 1000;
constexpr double far_away = 3;  // times half of the range: from there on the middle is the origin

Unit unit_of(const std::vector<Trajectory>& trajectories, Index coordinate) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Trajectory& trajectory : trajectories) {
    for (Index i = 0; i < trajectory.y.cols(); ++i) {
      const double value = trajectory.y(coordinate, i);
      if (std::isnan(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  if (!(low <= high)) return {};
  Unit unit;
  const double middle = low + (high - low) / 2, half = (high - low) / 2;
  // Of a coordinate that does not change the size stands for its spread.
  const bool is_constant = !(half > 1e-12 * std::abs(middle));
  if (!is_constant && std::abs(middle) > far_away * half) unit.origin = middle;
  unit.unit = std::max(std::abs(low - unit.origin), std::abs(high - unit.origin));
  if (!(unit.unit > 0)) unit.unit = 1;
  return unit;
}

}  // namespace

double median_gap(const std::vector<Trajectory>& trajectories) {
  std::vector<double> gaps;
  for (const Trajectory& trajectory : trajectories) {
    for (std::size_t i = 1; i < trajectory.times.size(); ++i)
      gaps.push_back(trajectory.times[i] - trajectory.times[i - 1]);
  }
  if (gaps.empty()) return 0;
  const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
  std::nth_element(gaps.begin(), middle, gaps.end());
  return *middle;
}

Units units_of(const std::vector<Trajectory>& trajectories) {
  Units units;
  units.t.origin = std::numeric_limits<double>::infinity();
  for (const Trajectory& trajectory : trajectories)
    units.t.origin = std::min(units.t.origin, trajectory.times.front());
  const double gap = median_gap(trajectories);
  if (gap > 0) units.t.unit = gap / usual_gap;
  for (std::size_t d = 0; d < 2; ++d) units.y[d] = unit_of(trajectories, static_cast<Index>(d));
  return units;
}

void show_times_from_start(const std::vector<Trajectory>& own, Unit& t, std::string& label) {
  double end = 0;
  for (const Trajectory& trajectory : own) end = std::max(end, trajectory.times.back());
  if (std::abs(t.origin) <= far_times * end * t.unit) return;
  label += (t.origin > 0 ? " − " : " + ") + format_number(std::abs(t.origin));
  t.origin = 0;
}

void to_model(const Units& units, std::vector<Trajectory>& trajectories) {
  for (Trajectory& trajectory : trajectories) {
    for (double& t : trajectory.times) t = units.t.to_model(t);
    for (Index i = 0; i < trajectory.y.cols(); ++i) {
      for (std::size_t d = 0; d < 2; ++d) {
        double& value = trajectory.y(static_cast<Index>(d), i);
        value = units.y[d].to_model(value);
      }
    }
  }
}

}  // namespace neural_ode
