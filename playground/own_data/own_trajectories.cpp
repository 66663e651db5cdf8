#include "playground/own_data/own_trajectories.h"

#include <cmath>
#include <utility>

#include "engine/data/csv.h"
#include "playground/own_data/units.h"

namespace neural_ode {

namespace {

constexpr int max_label = 63;
constexpr std::size_t needed = 4;  // to train on some and hold out an end

std::size_t count_points(const std::map<int, Trajectory>& drawn) {
  std::size_t count = 0;
  for (const auto& [label, trajectory] : drawn) count += trajectory.times.size();
  return count;
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

std::vector<Trajectory> OwnTrajectories::trajectories() const {
  std::vector<Trajectory> list;
  for (const auto& [label, trajectory] : now_.drawn) list.push_back(trajectory);
  return list;
}

void OwnTrajectories::remember() {
  undo_.remember(now_, count_points(now_.drawn));
}

Status OwnTrajectories::edit(const Edit& edit) {
  csv_.reset();
  switch (edit.action) {
    case Edit::Action::add: {
      if (!std::isfinite(edit.x) || !std::isfinite(edit.y)) {
        return Error{"a point needs finite coordinates"};
      }
      if (edit.label < 0 || edit.label > max_label) {
        return Error{"trajectories are numbered 0 to " + std::to_string(max_label) + ", not " +
                     std::to_string(edit.label)};
      }
      if (count_points(now_.drawn) >= most_rows) {
        return Error{"no more than " + std::to_string(most_rows) + " points"};
      }
      remember();
      Trajectory& trajectory = now_.drawn[edit.label];
      trajectory.times.push_back(trajectory.times.empty() ? 0.0
                                                          : trajectory.times.back() + now_.gap);
      trajectory.y.conservativeResize(2, static_cast<Index>(trajectory.times.size()));
      trajectory.y.rightCols(1) << edit.x, edit.y;
      return {};
    }
    case Edit::Action::remove: {
      int label = -1;
      std::size_t point = 0;
      double best = edit.radius * edit.radius;
      for (const auto& [key, trajectory] : now_.drawn) {
        for (std::size_t i = 0; i < trajectory.times.size(); ++i) {
          const auto column = static_cast<Index>(i);
          const double dx = trajectory.y(0, column) - edit.x;
          const double dy = trajectory.y(1, column) - edit.y;
          const double distance = dx * dx + dy * dy;
          if (distance <= best) {
            best = distance;
            label = key;
            point = i;
          }
        }
      }
      if (label < 0) return Error{"there is no point of yours here"};
      remember();
      erase_point(now_.drawn[label], point);
      if (now_.drawn[label].times.empty()) now_.drawn.erase(label);
      return {};
    }
    case Edit::Action::clear:
      if (!now_.drawn.empty()) {
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

Result<std::string> OwnTrajectories::set(std::string_view csv) {
  auto read = parse_trajectories(csv);
  if (!read) return Error{read.error()};
  TrajectoryTable& table = read.value().data;
  csv_.reset();
  remember();
  now_ = {};
  now_.names = std::move(table.names);
  const double gap = median_gap(table.trajectories);
  if (gap > 0 && std::abs(gap - spacing) > 1e-9 * spacing) now_.gap = gap;
  for (std::size_t i = 0; i < table.trajectories.size(); ++i) {
    now_.drawn[static_cast<int>(i)] = std::move(table.trajectories[i]);
  }
  return std::move(read.value().note);
}

const std::string& OwnTrajectories::csv() const {
  if (!csv_) csv_ = empty() ? std::string() : write_trajectories({trajectories(), now_.names});
  return *csv_;
}

Status OwnTrajectories::check() const {
  if (now_.drawn.empty()) {
    return Error{"own data: draw a curve on the picture or paste rows of t,x,y"};
  }
  for (const auto& [label, trajectory] : now_.drawn) {
    if (trajectory.times.size() < needed) {
      return Error{"own data: trajectory " + std::to_string(label) + " has " +
                   std::to_string(trajectory.times.size()) + " points; draw at least " +
                   std::to_string(needed) + ", or remove it"};
    }
  }
  return {};
}

}  // namespace neural_ode
