#include "playground/picture/plots.h"

#include <algorithm>
#include <cmath>
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
  if (!(view.half > 1e-9)) view.half = margin;
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

Layer make_layer(LayerKind kind, Role role, std::string label) {
  Layer layer;
  layer.kind = kind;
  layer.role = role;
  layer.label = std::move(label);
  return layer;
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

Layer points_layer(const LabelledPoints& points) {
  Layer layer;
  layer.kind = LayerKind::points;
  for (Index i = 0; i < points.size(); ++i) {
    append_vertex(layer, points.x(0, i), points.x(1, i));
    layer.group.push_back(static_cast<std::uint32_t>(points.label[static_cast<std::size_t>(i)]));
  }
  return layer;
}

Layer path_layer(const std::vector<Trajectory>& trajectories) {
  Layer layer;
  layer.kind = LayerKind::paths;
  for (const Trajectory& trajectory : trajectories) {
    begin_path(layer);
    for (Index i = 0; i < trajectory.y.cols(); ++i) {
      append_vertex(layer, trajectory.y(0, i), trajectory.y(1, i));
    }
  }
  return layer;
}

Layer span_layer(std::string label, double end, const Axis& height) {
  Layer band = make_layer(LayerKind::band, Role::neutral, std::move(label));
  band.faint = true;
  for (const double t : {0.0, end}) append_vertex(band, t, height.minimum, height.maximum);
  return band;
}

void begin_path(Layer& layer) {
  layer.starts.push_back(static_cast<std::uint32_t>(layer.x.size()));
}

void show_drawn(Plot& plot, const std::vector<Trajectory>& drawn) {
  set_axes(plot, {0, 0, 2.5}, "x", "y");
  plot.caption = "draw a curve: each point is one observation";
  Layer points = path_layer(drawn);
  plot.layers.push_back(points);
  points.kind = LayerKind::points;
  points.label = "your observations";
  points.role = Role::train;
  points.starts.clear();
  plot.layers.push_back(std::move(points));
}

void show_preview(Plot& plot, const std::vector<Trajectory>& motions) {
  plot.layers.push_back(path_layer(motions));
  plot.layers.back().role = Role::accent;
  Matrix<double> points(2, static_cast<Index>(plot.layers.back().x.size()));
  Index at = 0;
  for (const Trajectory& motion : motions) {
    points.middleCols(at, motion.y.cols()) = motion.y;
    at += motion.y.cols();
  }
  set_axes(plot, view_of(points, 1.15), "", "");
}

void append_vertex(Layer& layer, double x, double y) {
  layer.x.push_back(static_cast<float>(x));
  layer.y.push_back(static_cast<float>(y));
}

void append_vertex(Layer& layer, double x, double y, double z) {
  append_vertex(layer, x, y);
  layer.z.push_back(static_cast<float>(z));
}

Layer line_layer(std::string label, double x0, double y0, double x1, double y1) {
  Layer layer;
  layer.kind = LayerKind::curve;
  layer.label = std::move(label);
  layer.dashed = true;
  append_vertex(layer, x0, y0);
  append_vertex(layer, x1, y1);
  return layer;
}

Metric count_metric(std::string name, std::string label, double value) {
  return {std::move(name), std::move(label), value, Metric::Format::count, false};
}

Metric number_metric(std::string name, std::string label, double value, bool headline) {
  return {std::move(name), std::move(label), value, Metric::Format::number, headline};
}

}  // namespace neural_ode
