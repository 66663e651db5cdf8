#include "playground/own_data/own_trajectories.h"

#include <cmath>
#include <utility>

#include "engine/data/csv.h"

namespace neural_ode {

namespace {

constexpr int max_label = 63;
constexpr std::size_t max_points = 20'000;
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
  for (const auto& [label, trajectory] : drawn_) list.push_back(trajectory);
  return list;
}

Status OwnTrajectories::edit(const Edit& edit) {
  switch (edit.action) {
    case Edit::Action::add: {
      if (!std::isfinite(edit.x) || !std::isfinite(edit.y)) {
        return Error{"a point needs finite coordinates"};
      }
      if (edit.label < 0 || edit.label > max_label) {
        return Error{"trajectories are numbered 0 to " + std::to_string(max_label) + ", not " +
                     std::to_string(edit.label)};
      }
      if (count_points(drawn_) >= max_points) return Error{"no more than 20000 points"};
      undo_.remember(drawn_);
      Trajectory& trajectory = drawn_[edit.label];
      trajectory.times.push_back(trajectory.times.empty() ? 0.0
                                                          : trajectory.times.back() + spacing);
      trajectory.y.conservativeResize(2, static_cast<Index>(trajectory.times.size()));
      trajectory.y.rightCols(1) << edit.x, edit.y;
      return {};
    }
    case Edit::Action::remove: {
      int label = -1;
      std::size_t point = 0;
      double best = edit.radius * edit.radius;
      for (const auto& [key, trajectory] : drawn_) {
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
      undo_.remember(drawn_);
      erase_point(drawn_[label], point);
      if (drawn_[label].times.empty()) drawn_.erase(label);
      return {};
    }
    case Edit::Action::clear:
      if (!drawn_.empty()) undo_.remember(std::exchange(drawn_, {}));
      return {};
    case Edit::Action::undo:
      if (!undo_.take_back(drawn_)) return Error{"nothing to undo"};
      return {};
  }
  return {};
}

Status OwnTrajectories::set(std::string_view csv) {
  auto parsed = parse_trajectories(csv);
  if (!parsed) return Error{parsed.error()};
  Drawn drawn;
  for (std::size_t i = 0; i < parsed.value().size(); ++i) {
    drawn[static_cast<int>(i)] = std::move(parsed.value()[i]);
  }
  if (count_points(drawn) > max_points) return Error{"no more than 20000 points"};
  undo_.remember(std::exchange(drawn_, std::move(drawn)));
  return {};
}

std::string OwnTrajectories::csv() const {
  return drawn_.empty() ? std::string() : write_trajectories(trajectories());
}

Status OwnTrajectories::check() const {
  if (drawn_.empty()) {
    return Error{"own data: draw a curve on the picture or paste rows of t,x,y"};
  }
  for (const auto& [label, trajectory] : drawn_) {
    if (trajectory.times.size() < needed) {
      return Error{"own data: trajectory " + std::to_string(label) + " has " +
                   std::to_string(trajectory.times.size()) + " points; draw at least " +
                   std::to_string(needed) + ", or remove it"};
    }
  }
  return {};
}

}  // namespace neural_ode
