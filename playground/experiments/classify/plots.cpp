// Plots of `classify`: a line's flow in time and the function that it comes to, the dimension
// added, evaluations.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "playground/experiments/classify/picture.h"
#include "playground/training/loss_plot.h"

namespace neural_ode::classify {

namespace {

constexpr int function_vertices = 121;
using Vector3 = Eigen::Vector3d;

// The points of a line against t, at t = 0; or what they should become against what they are.
Points line_points(const LabelledPoints& points, bool as_function) {
  Points shown;
  for (Index i = 0; i < points.size(); ++i) {
    const int label = points.label[static_cast<std::size_t>(i)];
    shown.group.push_back(static_cast<std::uint32_t>(label));
    if (as_function)
      shown.append(points.x(0, i), label == 0 ? 1 : -1);
    else
      shown.append(0, points.x(0, i));
  }
  return shown;
}

double dot(const Vector3& a, const Vector3& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

Vector3 cross(const Vector3& a, const Vector3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}

// Where a linear read-out of three coordinates changes its mind, within the plot's box; empty:
// nowhere, or it is no plane. A quadrilateral that is large enough, cut by the six sides of the box
// [sutherland1974].
Polygon boundary(const Run& run, const Vector<float>& theta, const Plot& plot) {
  std::vector<ParameterSlice> readout;
  for (const ParameterSlice& slice : run.model->layout().slices())
    if (slice.name.starts_with("readout.")) readout.push_back(slice);
  if (readout.size() != 2 || readout[0].size() != 3) return {};
  Vector3 normal;
  for (Index d = 0; d < 3; ++d) normal[d] = static_cast<double>(theta[readout[0].offset + d]);
  const double bias = static_cast<double>(theta[readout[1].offset]);
  const double square = dot(normal, normal);
  if (!(square > 0) || !std::isfinite(square) || !std::isfinite(bias)) return {};
  const Axis* axes[3] = {&plot.x, &plot.y, &plot.z};
  const Vector3 middle((plot.x.minimum + plot.x.maximum) / 2, (plot.y.minimum + plot.y.maximum) / 2,
                       (plot.z.minimum + plot.z.maximum) / 2);
  // The point of the plane nearest to the middle of the box, and two directions in it.
  const Vector3 foot = middle - (dot(normal, middle) + bias) / square * normal;
  const Index unlike = 2 * normal[2] * normal[2] > square ? 0 : 2;
  Vector3 along = cross(normal, Vector3::Unit(unlike)), across = cross(normal, along);
  const double reach = 4 * (plot.x.maximum - plot.x.minimum);
  along *= reach / std::sqrt(dot(along, along));
  across *= reach / std::sqrt(dot(across, across));
  std::vector<Vector3> corners = {foot + along, foot + across, foot - along, foot - across}, cut;
  for (Index d = 0; d < 3; ++d) {
    for (const int side : {-1, 1}) {
      const double limit = side < 0 ? axes[d]->minimum : axes[d]->maximum;
      cut.clear();
      for (std::size_t i = 0; i < corners.size(); ++i) {
        const Vector3 &a = corners[i], &b = corners[(i + 1) % corners.size()];
        const double inside_a = side * (limit - a[d]), inside_b = side * (limit - b[d]);
        if (inside_a >= 0) cut.push_back(a);
        if ((inside_a >= 0) != (inside_b >= 0))
          cut.push_back(a + inside_a / (inside_a - inside_b) * (b - a));
      }
      corners.swap(cut);
    }
  }
  Polygon polygon;
  for (const Vector3& corner : corners) polygon.append(corner[0], corner[1], corner[2]);
  return polygon;
}

}  // namespace

Paths paths_through(const FlowTraces& traces, const std::vector<Matrix<double>>& where) {
  Paths paths;
  paths.smooth = traces.smooth;
  paths.times = traces.times;
  paths.group = traces.group;
  for (Index i = 0; i < static_cast<Index>(traces.group.size()); ++i) {
    paths.begin();
    for (const Matrix<double>& points : where) {
      if (points.rows() > 2)
        paths.append(points(0, i), points(1, i), points(2, i));
      else
        paths.append(points(0, i), points(1, i));
    }
  }
  return paths;
}

void append_line(Paths& paths, double x0, double y0, double x1, double y1) {
  paths.begin();
  paths.append(x0, y0);
  paths.append(x1, y1);
}

Plot line_plot(const Run& run, const FlowTraces& traces) {
  Plot plot;
  plot.id = "flow";
  plot.title = "A line turned around";
  plot.caption = run.options.spec.augment > 0
                     ? "y₁(t) of each sample; dashed: what is wanted. What crosses here passes in "
                       "another dimension"
                     : "y(t) of each sample; dashed: what is wanted. Paths of a flow cannot cross";
  plot.x = {"t", -0.05, 1.05};
  plot.y = {run.options.spec.augment > 0 ? "y₁" : "y", -view_margin, view_margin};
  plot.t_end = 1;
  Paths wanted;
  for (const int sign : {-1, 1}) append_line(wanted, 0, sign, 1, -sign);
  plot.layers.push_back(make_layer(std::move(wanted), Role::truth, "wanted"));
  plot.layers.back().dashed = true;
  plot.layers.push_back(make_layer(line_points(run.data.train, false)));
  std::vector<Matrix<double>> flat;
  for (std::size_t k = 0; k < traces.times.size(); ++k) {
    const Matrix<float>& state = traces.states[k];
    flat.emplace_back(2, state.cols());
    flat.back().row(0).setConstant(static_cast<double>(traces.times[k]));
    flat.back().row(1) = state.row(0).cast<double>();
  }
  plot.layers.push_back(make_layer(paths_through(traces, flat)));
  return plot;
}

Plot function_plot(const Run& run, const Vector<float>& theta) {
  Plot plot;
  plot.id = "function";
  plot.title = "The function learnt";
  plot.caption = "h(x) against x, and the values that it should have";
  plot.x = {"x", -view_margin, view_margin};
  plot.y = {"h(x)", -view_margin, view_margin};
  Matrix<float> x(1, function_vertices);
  for (int i = 0; i < function_vertices; ++i)
    x(0, i) = static_cast<float>(view_margin * (2.0 * i / (function_vertices - 1) - 1));
  Curve curve;
  const auto& values = run.model->predict(theta, x, *run.picture_solver);
  for (int i = 0; i < function_vertices; ++i) {
    const double value = values[static_cast<std::size_t>(i)];
    if (std::isfinite(value)) curve.append(static_cast<double>(x(0, i)), value);
  }
  plot.layers.push_back(make_layer(std::move(curve), Role::model, "h(x)"));
  plot.layers.push_back(make_layer(line_points(run.data.train, true)));
  plot.layers.push_back(make_layer(line_points(run.data.test, true)));
  plot.layers.back().faint = true;
  return plot;
}

Plot lifted_plot(const Run& run, const Vector<float>& theta, const FlowTraces& traces) {
  Plot plot;
  plot.id = "lifted";
  plot.title = "The dimension added";
  plot.t_end = 1;
  plot.x.label = "y₁";
  plot.y.label = "y₂";
  plot.z.label = "y₃";
  const bool plane = run.options.on_line();  // two coordinates need no third
  plot.caption = plane                   ? "paths (y₁, y₂)(t)"
                 : run.options.spec.lift ? "paths (y₁, y₂, y₃)(t)"
                                         : "paths (y₁, y₂, y₃)(t) from the plane of the data";
  const Index drawn = plane ? 2 : 3;
  std::vector<Matrix<double>> where;
  Matrix<double> all(drawn, 0);
  for (const Matrix<float>& state : traces.states) {
    where.push_back(state.topRows(drawn).cast<double>());
    all.conservativeResize(drawn, all.cols() + state.cols());
    all.rightCols(state.cols()) = where.back();
  }
  if (plane) {
    set_axes(plot, view_of(all, 1.1), plot.x.label, plot.y.label);
  } else {
    set_cube(plot, all, 1.05);
    Polygon plane_of_change = boundary(run, theta, plot);
    if (!plane_of_change.x.empty())
      plot.layers.push_back(
          make_layer(std::move(plane_of_change), Role::neutral, "boundary at t = 1"));
  }
  Points start;
  static_cast<SpaceVertices&>(start) = paths_through({{}, {}, traces.group}, {where.front()});
  start.group = traces.group;
  plot.layers.push_back(make_layer(std::move(start)));
  plot.layers.back().faint = true;
  plot.layers.push_back(make_layer(paths_through(traces, where)));
  return plot;
}

Plot nfe_plot(const Trainee& trainee) {
  Plot plot;
  plot.id = "nfe";
  plot.title = "Evaluations";
  plot.caption = "of f that a sample needs in each step: on average, and at most";
  plot.layers.push_back(curve_layer(trainee.curve(mean_nfe_curve), Role::model, "mean"));
  Curve largest = curve_of(trainee.curve(largest_nfe_curve));
  float most = 1;
  for (const float value : largest.y) most = std::max(most, value);
  plot.layers.push_back(make_layer(std::move(largest), Role::neutral, "largest"));
  plot.x = {"step", 0, static_cast<double>(std::max<std::int64_t>(trainee.step(), 10))};
  plot.y = {"evaluations", 0, 1.15 * static_cast<double>(most)};
  return plot;
}

}  // namespace neural_ode::classify
