#include "playground/own_data/own_trajectories.h"

#include <cmath>
#include <cstddef>
#include <utility>

#include "engine/data/csv.h"
#include "playground/own_data/units.h"

namespace neural_ode {

namespace {

constexpr std::size_t needed = 4;  // to train on some and hold out an end

std::size_t count_points(const std::vector<Trajectory>& trajectories) {
  std::size_t count = 0;
  for (const Trajectory& trajectory : trajectories) count += trajectory.times.size();
  return count;
}

struct PointOf {
  std::size_t trajectory = 0, point = 0;
};

std::optional<PointOf> nearest(const std::vector<Trajectory>& trajectories, const Edit& edit) {
  std::optional<PointOf> found;
  double best = edit.radius * edit.radius;
  for (std::size_t k = 0; k < trajectories.size(); ++k) {
    const Matrix<double>& y = trajectories[k].y;
    for (Index i = 0; i < y.cols(); ++i) {
      const double dx = y(0, i) - edit.x, dy = y(1, i) - edit.y;
      const double distance = dx * dx + dy * dy;
      if (!(distance <= best)) continue;
      best = distance;
      found = {k, static_cast<std::size_t>(i)};
    }
  }
  return found;
}

// Without the digits that a sum of tenths would have.
double next_time(double t, double gap) {
  const double scale = std::pow(10.0, 9 - std::floor(std::log10(gap)));
  const double next = std::round((t + gap) * scale) / scale;
  return next > t && std::isfinite(next) ? next : t + gap;
}

void append_point(Trajectory& trajectory, double t, const Edit& edit) {
  trajectory.times.push_back(t);
  trajectory.y.conservativeResize(2, static_cast<Index>(trajectory.times.size()));
  trajectory.y.rightCols(1) << edit.x, edit.y;
}

void erase_point(Trajectory& trajectory, std::size_t i) {
  const auto column = static_cast<Index>(i);
  Matrix<double> y(2, trajectory.y.cols() - 1);
  y.leftCols(column) = trajectory.y.leftCols(column);
  y.rightCols(y.cols() - column) = trajectory.y.rightCols(y.cols() - column);
  trajectory.y = std::move(y);
  trajectory.times.erase(trajectory.times.begin() + column);
}

}  // namespace

void OwnTrajectories::remember() {
  undo_.remember_stroke(now_, count_points(now_.trajectories));
}

Status OwnTrajectories::edit(const Edit& edit) {
  csv_.reset();
  undo_.begin(edit.goes_on);
  auto& trajectories = now_.trajectories;
  switch (edit.action) {
    case Edit::Action::add: {
      if (!std::isfinite(edit.x) || !std::isfinite(edit.y)) {
        return Error{"a point needs finite coordinates"};
      }
      if (count_points(trajectories) >= most_rows) {
        return Error{"no more than " + std::to_string(most_rows) + " points"};
      }
      remember();
      const bool begins = trajectories.empty() || (edit.label == 1 && !edit.goes_on);
      if (begins) trajectories.emplace_back();
      Trajectory& last = trajectories.back();
      append_point(last, begins ? 0.0 : next_time(last.times.back(), now_.gap), edit);
      return {};
    }
    case Edit::Action::remove: {
      const auto found = nearest(trajectories, edit);
      if (!found) return {};
      remember();
      const auto owner = trajectories.begin() + static_cast<std::ptrdiff_t>(found->trajectory);
      erase_point(*owner, found->point);
      if (owner->times.empty()) trajectories.erase(owner);
      return {};
    }
    case Edit::Action::clear:
      if (!trajectories.empty()) {
        remember();
        now_ = {};
      }
      return {};
    case Edit::Action::undo:
      if (!undo_.take_back(now_)) return Error{"nothing to undo"};
      return {};
  }
  return {};
}

Result<std::string> OwnTrajectories::set(std::string_view csv, bool x_alone) {
  auto read = parse_trajectories(csv, x_alone);
  if (!read) return Error{read.error()};
  TrajectoryTable& table = read.value().data;
  csv_.reset();
  undo_.begin(false);
  remember();
  const double gap = median_gap(table.trajectories);
  const bool as_drawn = !(gap > 0) || std::abs(gap - spacing) <= 1e-9 * spacing;
  now_ = {std::move(table.trajectories), std::move(table.names), as_drawn ? spacing : gap,
          table.x_alone};
  return std::move(read.value().note);
}

const std::string& OwnTrajectories::csv() const {
  if (!csv_)
    csv_ = empty() ? std::string() : write_trajectories({trajectories(), now_.names, now_.x_alone});
  return *csv_;
}

Status OwnTrajectories::check() const {
  if (empty()) return Error{"own data: draw a curve on the picture or paste rows of t,x,y"};
  for (std::size_t k = 0; k < trajectories().size(); ++k) {
    const std::size_t count = trajectories()[k].times.size();
    if (count >= needed) continue;
    return Error{"own data: trajectory " + std::to_string(k + 1) + " has " + std::to_string(count) +
                 (count == 1 ? " point" : " points") + "; it needs " + std::to_string(needed) +
                 ": draw on, or remove it"};
  }
  return {};
}

}  // namespace neural_ode
