#include "playground/own_data/own_points.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/data/csv.h"

namespace neural_ode {

namespace {

constexpr Index max_points = 20'000;
constexpr int needed = 3;  // of each class: some to train on, one to test on

void erase_column(LabelledPoints& points, Index column) {
  Matrix<double> x(2, points.size() - 1);
  x.leftCols(column) = points.x.leftCols(column);
  x.rightCols(x.cols() - column) = points.x.rightCols(x.cols() - column);
  points.x = std::move(x);
  points.label.erase(points.label.begin() + column);
}

}  // namespace

Status OwnPoints::edit(const Edit& edit) {
  switch (edit.action) {
    case Edit::Action::add: {
      if (!std::isfinite(edit.x) || !std::isfinite(edit.y)) {
        return Error{"a point needs finite coordinates"};
      }
      if (edit.label != 0 && edit.label != 1) {
        return Error{"the class of a point is 0 or 1, not " + std::to_string(edit.label)};
      }
      if (points_.size() >= max_points) return Error{"no more than 20000 points"};
      undo_.remember(points_);
      points_.x.conservativeResize(2, points_.size() + 1);
      points_.x.rightCols(1) << edit.x, edit.y;
      points_.label.push_back(edit.label);
      return {};
    }
    case Edit::Action::remove: {
      Index nearest = -1;
      double best = edit.radius * edit.radius;
      for (Index i = 0; i < points_.size(); ++i) {
        const double dx = points_.x(0, i) - edit.x, dy = points_.x(1, i) - edit.y;
        const double distance = dx * dx + dy * dy;
        if (distance <= best) {
          best = distance;
          nearest = i;
        }
      }
      if (nearest < 0) return Error{"there is no point of yours here"};
      undo_.remember(points_);
      erase_column(points_, nearest);
      return {};
    }
    case Edit::Action::clear:
      if (points_.size() > 0) {
        undo_.remember(std::exchange(points_, {Matrix<double>(2, 0), {}}));
      }
      return {};
    case Edit::Action::undo:
      if (!undo_.take_back(points_)) return Error{"nothing to undo"};
      return {};
  }
  return {};
}

Status OwnPoints::set(std::string_view csv) {
  auto parsed = parse_points(csv);
  if (!parsed) return Error{parsed.error()};
  if (parsed.value().size() > max_points) return Error{"no more than 20000 points"};
  undo_.remember(std::exchange(points_, std::move(parsed.value())));
  return {};
}

std::string OwnPoints::csv() const {
  return points_.size() == 0 ? std::string() : write_points(points_);
}

Status OwnPoints::check() const {
  const auto ones = std::count(points_.label.begin(), points_.label.end(), 1);
  const auto zeros = points_.size() - ones;
  if (zeros >= needed && ones >= needed) return {};
  return Error{"own data: draw or paste at least " + std::to_string(needed) +
               " points of each class; so far " + std::to_string(zeros) + " of class A and " +
               std::to_string(ones) + " of class B"};
}

}  // namespace neural_ode
