#include "playground/picture/plots.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "playground/picture/axis_range.h"

namespace neural_ode {

View view_of(const Matrix<double>& points, double margin) {
  if (points.cols() == 0) return {0, 0, margin};
  double low[2], high[2];
  for (Index axis = 0; axis < 2; ++axis) {
    low[axis] = high[axis] = points(axis, 0);
    for (Index i = 1; i < points.cols(); ++i) {
      low[axis] = std::min(low[axis], points(axis, i));
      high[axis] = std::max(high[axis], points(axis, i));
    }
  }
  View view{(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, 0};
  view.half = std::max(high[0] - low[0], high[1] - low[1]) / 2 * margin;
  const double size = std::max(std::abs(view.centre_x), std::abs(view.centre_y));
  if (!(view.half > 1e-9 * size)) view.half = size > 0 ? margin * size : margin;
  return view;
}

void set_axes(Plot& plot, const View& view, const std::string& x_label,
              const std::string& y_label) {
  plot.equal_aspect = true;
  plot.x = {x_label, view.centre_x - view.half, view.centre_x + view.half};
  plot.y = {y_label, view.centre_y - view.half, view.centre_y + view.half};
}

void set_cube(Plot& plot, const Matrix<double>& points, double margin) {
  Axis* axes[3] = {&plot.x, &plot.y, &plot.z};
  double half = 0;
  for (Index d = 0; d < 3; ++d) {
    AxisRange range;
    for (Index i = 0; i < points.cols(); ++i) range.add(points(d, i));
    if (range.empty()) range.add(0);
    axes[d]->minimum = axes[d]->maximum = (range.low() + range.high()) / 2;
    half = std::max(half, (range.high() - range.low()) / 2 * margin);
  }
  if (!(half > 1e-9)) half = margin;
  for (Axis* axis : axes) {
    axis->minimum -= half;
    axis->maximum += half;
  }
  plot.spatial = plot.equal_aspect = true;
}

Interval interval_of(const Axis& axis) {
  return {static_cast<float>(axis.minimum), static_cast<float>(axis.maximum)};
}

Matrix<double> cell_centres(const Plot& plot, int cells) {
  Matrix<double> centres(2, cells * cells);
  for (int j = 0; j < cells; ++j) {
    for (int i = 0; i < cells; ++i) {
      const double u = (i + 0.5) / cells, v = (j + 0.5) / cells;
      centres.col(j * cells + i) << plot.x.minimum + u * (plot.x.maximum - plot.x.minimum),
          plot.y.minimum + v * (plot.y.maximum - plot.y.minimum);
    }
  }
  return centres;
}

Index shown_stride(Index points) {
  constexpr Index most_shown = 10'000;
  return points <= most_shown ? 1 : ((points + most_shown - 1) / most_shown) | 1;
}

Points points_of(const LabelledPoints& points) {
  Points shown;
  for (Index i = 0; i < points.size(); i += shown_stride(points.size())) {
    shown.append(points.x(0, i), points.x(1, i));
    shown.group.push_back(static_cast<std::uint32_t>(points.label[static_cast<std::size_t>(i)]));
  }
  return shown;
}

Paths paths_along(const std::vector<Trajectory>& trajectories) {
  Paths paths;
  for (const Trajectory& trajectory : trajectories) {
    paths.begin();
    for (Index i = 0; i < trajectory.y.cols(); ++i) {
      if (trajectory.y.col(i).allFinite()) paths.append(trajectory.y(0, i), trajectory.y(1, i));
    }
  }
  return paths;
}

Layer span_layer(std::string label, double end, const Axis& height) {
  Band band;
  for (const double t : {0.0, end}) band.append(t, height.minimum, height.maximum);
  Layer layer = make_layer(std::move(band), Role::neutral, std::move(label));
  layer.faint = true;
  return layer;
}

void show_drawn(Plot& plot, const std::vector<Trajectory>& drawn) {
  set_axes(plot, {0, 0, 2.5}, "x", "y");
  plot.caption = "draw a curve: each point is one observation";
  Paths paths = paths_along(drawn);
  Points points;
  points.x = paths.x;
  points.y = paths.y;
  plot.layers.push_back(make_layer(std::move(paths)));
  plot.layers.push_back(make_layer(std::move(points), Role::train, "your observations"));
}

void show_preview(Plot& plot, const std::vector<Trajectory>& motions) {
  Paths paths = paths_along(motions);
  Matrix<double> points(2, static_cast<Index>(paths.x.size()));
  for (Index i = 0; i < points.cols(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    points.col(i) << static_cast<double>(paths.x[at]), static_cast<double>(paths.y[at]);
  }
  set_axes(plot, view_of(points, 1.15), "", "");
  plot.layers.push_back(make_layer(std::move(paths), Role::accent));
}

Layer line_layer(std::string label, double x0, double y0, double x1, double y1) {
  Curve line;
  line.append(x0, y0);
  line.append(x1, y1);
  Layer layer = make_layer(std::move(line), Role::neutral, std::move(label));
  layer.dashed = true;
  return layer;
}

Metric count_metric(std::string name, std::string label, double value) {
  return {std::move(name), std::move(label), value, Metric::Format::count, false};
}

Metric number_metric(std::string name, std::string label, double value, bool headline) {
  return {std::move(name), std::move(label), value, Metric::Format::number, headline};
}

}  // namespace neural_ode
