#include "playground/own_data/own_points.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace neural_ode {

namespace {

constexpr int needed = 3;  // of each class: some to train on, one to test on

void erase_column(LabelledPoints& points, Index column) {
  Matrix<double> x(2, points.size() - 1);
  x.leftCols(column) = points.x.leftCols(column);
  x.rightCols(x.cols() - column) = points.x.rightCols(x.cols() - column);
  points.x = std::move(x);
  points.label.erase(points.label.begin() + column);
}

}  // namespace

void OwnPoints::remember() {
  undo_.remember_stroke(table_, static_cast<std::size_t>(points().size()));
}

Status OwnPoints::edit(const Edit& edit) {
  LabelledPoints& points = table_.points;
  csv_.reset();
  undo_.begin(edit.goes_on);
  switch (edit.action) {
    case Edit::Action::add: {
      if (!std::isfinite(edit.x) || !std::isfinite(edit.y)) {
        return Error{"a point needs finite coordinates"};
      }
      if (edit.label != 0 && edit.label != 1) {
        return Error{"the class of a point is 0 or 1, not " + std::to_string(edit.label)};
      }
      if (points.size() >= most_rows) {
        return Error{"no more than " + std::to_string(most_rows) + " points"};
      }
      remember();
      points.x.conservativeResize(2, points.size() + 1);
      points.x.rightCols(1) << edit.x, edit.y;
      points.label.push_back(edit.label);
      return {};
    }
    case Edit::Action::remove: {
      Index nearest = -1;
      double best = edit.radius * edit.radius;
      for (Index i = 0; i < points.size(); ++i) {
        const double dx = points.x(0, i) - edit.x, dy = points.x(1, i) - edit.y;
        const double distance = dx * dx + dy * dy;
        if (distance <= best) {
          best = distance;
          nearest = i;
        }
      }
      if (nearest < 0) return {};
      remember();
      erase_column(points, nearest);
      return {};
    }
    case Edit::Action::clear:
      if (points.size() > 0) {
        remember();
        table_ = {{Matrix<double>(2, 0), {}}};
      }
      return {};
    case Edit::Action::undo:
      if (!undo_.take_back(table_)) return Error{"nothing to undo"};
      return {};
  }
  return {};
}

Result<std::string> OwnPoints::set(Result<Reading<PointTable>> read) {
  if (!read) return Error{read.error()};
  csv_.reset();
  undo_.begin(false);
  remember();
  table_ = std::move(read.value().data);
  return std::move(read.value().note);
}

const std::string& OwnPoints::csv() const {
  if (!csv_) csv_ = points().size() == 0 ? std::string() : write_points(table_);
  return *csv_;
}

Status OwnPoints::check() const {
  const auto& label = points().label;
  const auto ones = std::count(label.begin(), label.end(), 1);
  const auto zeros = points().size() - ones;
  if (zeros >= needed && ones >= needed) return {};
  return Error{"own data: draw or paste at least " + std::to_string(needed) +
               " points of each class; so far " + std::to_string(zeros) + " of class A and " +
               std::to_string(ones) + " of class B"};
}

}  // namespace neural_ode
