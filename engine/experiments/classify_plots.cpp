// Plots of `classify`: a line's flow in time and the function that it comes to, the dimension
// added, evaluations.
#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/experiments/classify_run.h"

namespace neural_ode {

namespace {

constexpr int function_vertices = 121;
// Where (y1, y2, y3) is drawn: y1 to the right, y3 up, y2 away from the eye.
constexpr double depth_right = 0.45, depth_up = 0.35;

// The points of a line against t, at t = 0; or what they should become against what they are.
Layer line_points(const LabelledPoints& points, bool as_function) {
  Layer layer;
  for (Index i = 0; i < points.size(); ++i) {
    const int label = points.label[static_cast<std::size_t>(i)];
    layer.group.push_back(static_cast<std::uint32_t>(label));
    if (as_function)
      append_vertex(layer, points.x(0, i), label == 0 ? 1 : -1);
    else
      append_vertex(layer, 0, points.x(0, i));
  }
  return layer;
}

Layer history_layer(const CurveHistory& history, Role role, std::string label) {
  Layer layer;
  layer.kind = LayerKind::curve;
  layer.role = role;
  layer.label = std::move(label);
  layer.x = history.steps();
  layer.y = history.values();
  return layer;
}

}  // namespace

Plot Classify::line_plot(const FlowTraces& traces) const {
  Plot plot;
  plot.id = "flow";
  plot.title = "A line turned around";
  plot.caption = settings_.integer("augment") > 0
                     ? "y₁(t) of each sample; dashed: what is wanted. What crosses here passes in "
                       "another dimension"
                     : "y(t) of each sample; dashed: what is wanted. Paths of a flow cannot cross";
  plot.x = {"t", -0.05, 1.05};
  plot.y = {settings_.integer("augment") > 0 ? "y₁" : "y", -view_margin, view_margin};
  plot.t_end = 1;
  Layer wanted;
  wanted.kind = LayerKind::paths;
  wanted.role = Role::truth;
  wanted.label = "wanted";
  wanted.dashed = true;
  for (const int sign : {-1, 1}) append_line(wanted, 0, sign, 1, -sign);
  plot.layers.push_back(std::move(wanted));
  plot.layers.push_back(line_points(data_.train, false));
  std::vector<Matrix<double>> flat;
  for (std::size_t k = 0; k < traces.times.size(); ++k) {
    const Matrix<float>& state = traces.states[k];
    flat.emplace_back(2, state.cols());
    flat.back().row(0).setConstant(static_cast<double>(traces.times[k]));
    flat.back().row(1) = state.row(0).cast<double>();
  }
  plot.layers.push_back(paths_through(traces, flat));
  return plot;
}

Plot Classify::function_plot() {
  Plot plot;
  plot.id = "function";
  plot.title = "The function learnt";
  plot.caption = "h(x) against x, and the values that it should have";
  plot.x = {"x", -view_margin, view_margin};
  plot.y = {"h(x)", -view_margin, view_margin};
  Matrix<float> x(1, function_vertices);
  for (int i = 0; i < function_vertices; ++i)
    x(0, i) = static_cast<float>(view_margin * (2.0 * i / (function_vertices - 1) - 1));
  Layer curve;
  curve.kind = LayerKind::curve;
  curve.role = Role::model;
  curve.label = "h(x)";
  const auto& values = model_->predict(trainee_.theta(), x, *picture_solver_);
  for (int i = 0; i < function_vertices; ++i) {
    const double value = values[static_cast<std::size_t>(i)];
    if (std::isfinite(value)) append_vertex(curve, static_cast<double>(x(0, i)), value);
  }
  plot.layers.push_back(std::move(curve));
  plot.layers.push_back(line_points(data_.train, true));
  plot.layers.push_back(line_points(data_.test, true));
  plot.layers.back().faint = true;
  return plot;
}

Plot Classify::lifted_plot(const FlowTraces& traces) const {
  Plot plot;
  plot.id = "lifted";
  plot.title = "The dimension added";
  plot.t_end = 1;
  const bool plane = on_line();  // two coordinates need no projection
  plot.caption = plane ? "paths (y₁, y₂)(t)"
                       : "paths (y₁, y₂, y₃)(t) at a slant: y₃ points up, y₂ away from the eye";
  std::vector<Matrix<double>> flat;
  Matrix<double> all(2, 0);
  for (const Matrix<float>& state : traces.states) {
    const Matrix<double> y = state.cast<double>();
    Matrix<double> points = y.topRows(2);
    if (!plane) {
      points.row(0) = y.row(0) + depth_right * y.row(1);
      points.row(1) = y.row(2) + depth_up * y.row(1);
    }
    all.conservativeResize(2, all.cols() + points.cols());
    all.rightCols(points.cols()) = points;
    flat.push_back(std::move(points));
  }
  if (!plane && !settings_.flag("lift")) {
    // The plane of the data, y3 = 0.
    Layer base;
    base.kind = LayerKind::paths;
    base.role = Role::neutral;
    base.dashed = base.faint = true;
    const double right = 1 + depth_right, left = 1 - depth_right;
    append_line(base, -right, -depth_up, left, -depth_up);
    append_line(base, left, -depth_up, right, depth_up);
    append_line(base, right, depth_up, -left, depth_up);
    append_line(base, -left, depth_up, -right, -depth_up);
    plot.layers.push_back(std::move(base));
    all.conservativeResize(2, all.cols() + 2);
    all.rightCols(2) << -right, right, -depth_up, depth_up;
  }
  set_axes(plot, view_of(all, 1.1), plane ? "y₁" : "y₁ and y₂", plane ? "y₂" : "y₃ and y₂");
  Layer start;
  for (Index i = 0; i < static_cast<Index>(traces.group.size()); ++i)
    append_vertex(start, flat.front()(0, i), flat.front()(1, i));
  start.group = traces.group;
  start.faint = true;
  plot.layers.push_back(std::move(start));
  plot.layers.push_back(paths_through(traces, flat));
  return plot;
}

Plot Classify::nfe_plot() const {
  Plot plot;
  plot.id = "nfe";
  plot.title = "Evaluations";
  plot.caption = "of f that a sample needs in each step: on average, and at most";
  plot.layers.push_back(history_layer(trainee_.curve(mean_nfe_curve), Role::model, "mean"));
  plot.layers.push_back(history_layer(trainee_.curve(largest_nfe_curve), Role::neutral, "largest"));
  float most = 1;
  for (const float value : plot.layers.back().y) most = std::max(most, value);
  plot.x = {"step", 0, static_cast<double>(std::max<std::int64_t>(trainee_.step(), 10))};
  plot.y = {"evaluations", 0, 1.15 * static_cast<double>(most)};
  return plot;
}

}  // namespace neural_ode
