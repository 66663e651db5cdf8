// What `solvers` shows: trajectories with their steps, errors and work.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/math.h"
#include "playground/experiments/solvers/run.h"
#include "playground/picture/axis_range.h"
#include "playground/picture/plots.h"

namespace neural_ode {

namespace {

constexpr int vertices = 501;           // of a trajectory in the picture
constexpr std::size_t most_dots = 800;  // of the steps of a method

double time_of(int vertex, double duration) {
  return duration * vertex / (vertices - 1);
}

Layer curve(Role role, std::string label) {
  Layer layer;
  layer.kind = LayerKind::curve;
  layer.role = role;
  layer.label = std::move(label);
  return layer;
}

// A curve of a study: its points are dots as well.
void add_curve_with_dots(Plot& plot, Layer line) {
  Layer dots = line;
  dots.kind = LayerKind::points;
  dots.label.clear();
  plot.layers.push_back(std::move(line));
  plot.layers.push_back(std::move(dots));
}

std::string slope_label(const ButcherTableau& method, double order) {
  std::string label(method.name);
  if (!std::isfinite(order)) return label;
  char text[32];
  std::snprintf(text, sizeof text, ", slope %.2f", order);
  return label + text;
}

// Under a point of a curve of order p: from (h, e) along h to 2 h, and up to 2^p e.
Layer order_triangle(Role role, double h, double error, int order) {
  Layer layer = curve(role, "");
  layer.dashed = true;
  layer.faint = true;
  const double low = error / 4, high = low * math::pow(2, order);
  append_vertex(layer, h, low);
  append_vertex(layer, 2 * h, low);
  append_vertex(layer, 2 * h, high);
  append_vertex(layer, h, low);
  return layer;
}

}  // namespace

Plot Solvers::phase_plot() const {
  Plot plot;
  plot.id = "phase";
  plot.title = system_->label;
  plot.caption = "dashed: the solution; lines and dots: the methods and their steps";
  const bool plane = system_->dim > 1;
  plot.x.label = plane ? "y1" : "t";
  plot.y.label = plane ? "y2" : "y1";
  plot.z.label = "y3";
  plot.t_begin = 0;
  plot.t_end = duration_;
  Matrix<double> exact(phase_point(0, y0_).size(), vertices);
  Layer truth;
  truth.kind = LayerKind::paths;
  truth.role = Role::neutral;
  truth.label = "solution";
  truth.dashed = true;
  truth.smooth = true;
  truth.starts = {0};
  for (int i = 0; i < vertices; ++i) {
    const double t = time_of(i, duration_);
    exact.col(i) = phase_point(t, reference(t));
    append_phase_point(truth, exact.col(i));
  }
  set_phase_axes(plot, exact, 1.3);
  const double farthest = farthest_drawn(plot);
  for (const Contestant& each : contestants_) {
    Layer path;
    path.kind = LayerKind::paths;
    path.smooth = true;
    path.role = each.role;
    path.label = each.method->name;
    path.starts = {0};
    Vector<double> at = phase_point(0, y0_);
    for (int i = 0; i < vertices; ++i) {
      const double t = time_of(i, duration_);
      const Vector<double> next = phase_point(t, each.solve->state(t));
      if (is_within(farthest, next)) at = next;
      append_phase_point(path, at);
      path.times.push_back(static_cast<float>(t));
    }
    Layer dots;
    dots.role = each.role;
    const auto& steps = each.solve->steps();
    const std::size_t stride = steps.size() / most_dots + 1;
    for (std::size_t i = 0; i < steps.size(); i += stride) {
      if (!steps[i].accepted) continue;
      const double t = steps[i].t + steps[i].h;
      const Vector<double> dot = phase_point(t, each.solve->state(t));
      if (is_within(farthest, dot)) append_phase_point(dots, dot);
    }
    plot.layers.push_back(std::move(path));
    plot.layers.push_back(std::move(dots));
  }
  plot.layers.push_back(std::move(truth));
  return plot;
}

Plot Solvers::error_plot() const {
  Plot plot;
  plot.id = "error";
  plot.title = "Error on the way";
  plot.caption = "after each step, over the largest component of the solution";
  plot.x = {"t", 0, duration_};
  plot.y = {"relative error", 1e-6, 1, true};
  AxisRange up;
  for (const Contestant& each : contestants_) {
    Layer line = curve(each.role, std::string(each.method->name));
    const auto& steps = each.solve->steps();
    const std::size_t stride = steps.size() / most_dots + 1;
    for (std::size_t i = 0; i < steps.size(); i += stride) {
      if (!steps[i].accepted) continue;
      const double t = steps[i].t + steps[i].h;
      const double error = relative_error(each.solve->state(t), reference(t));
      if (!drawable(error)) continue;
      append_vertex(line, t, error);
      up.add(std::clamp(error, 1e-12, 100.0));
    }
    plot.layers.push_back(std::move(line));
  }
  up.apply_above_legend(plot.y);
  return plot;
}

Plot Solvers::order_plot() const {
  Plot plot;
  plot.id = "order";
  plot.title = "Error against step";
  plot.caption = "at the end, against the mean step; triangles: order of the method";
  plot.x = {"h", duration_ / 8 / 2048, duration_ / 8, true};
  plot.y = {"relative error", 1e-12, 1, true};
  AxisRange across, up;
  const double floor = rounding_floor(problem_);
  for (const Contestant& each : contestants_) {
    Layer line = curve(each.role, slope_label(*each.method, each.order));
    const ErrorPoint* finest = nullptr;
    const std::vector<ErrorPoint> points = each.against_steps(duration_);
    for (const ErrorPoint& point : points) {
      if (!drawable(point.error)) continue;
      append_vertex(line, point.control, point.error);
      across.add(point.control);
      up.add(std::min(point.error, 100.0));
      if (point.error > 30 * floor && point.error < 0.1) finest = &point;
    }
    add_curve_with_dots(plot, std::move(line));
    if (finest == nullptr || !std::isfinite(each.order)) continue;
    plot.layers.push_back(
        order_triangle(each.role, finest->control, finest->error, each.method->order));
  }
  across.apply(plot.x);
  up.apply_above_legend(plot.y);
  plot.layers.push_back(line_layer("", plot.x.minimum, floor, plot.x.maximum, floor));
  return plot;
}

Plot Solvers::work_plot() const {
  Plot plot;
  plot.id = "work";
  plot.title = "Error against work";
  plot.caption = "at the end, against evaluations of f; lower left is better";
  plot.x = {"evaluations of f", 10, 1e4, true};
  plot.y = {"relative error", 1e-12, 1, true};
  AxisRange across, up;
  for (const Contestant& each : contestants_) {
    Layer line = curve(each.role, std::string(each.method->name));
    for (const ErrorPoint& point : each.study.points) {
      if (!drawable(point.error)) continue;
      append_vertex(line, static_cast<double>(point.nfe), point.error);
      across.add(static_cast<double>(point.nfe));
      up.add(std::min(point.error, 100.0));
    }
    add_curve_with_dots(plot, std::move(line));
  }
  across.apply(plot.x);
  up.apply_above_legend(plot.y);
  return plot;
}

Plot Solvers::tolerance_plot() const {
  Plot plot;
  plot.id = "tolerance";
  plot.title = "What a tolerance promises";
  plot.caption = "error at the end against that allowed in a step; dashed: equal";
  plot.x = {"tolerance", 1e-12, 0.1, true};
  plot.y = {"relative error", 1e-12, 1, true};
  AxisRange up;
  for (const Contestant& each : contestants_) {
    if (!each.options.adaptive()) continue;
    Layer line = curve(each.role, std::string(each.method->name));
    for (const ErrorPoint& point : each.study.points) {
      if (!drawable(point.error)) continue;
      append_vertex(line, point.control, point.error);
      up.add(std::min(point.error, 100.0));
    }
    add_curve_with_dots(plot, std::move(line));
  }
  up.apply_above_legend(plot.y);
  plot.layers.push_back(line_layer("", 1e-12, 1e-12, 0.1, 0.1));
  return plot;
}

Plot Solvers::step_plot() const {
  Plot plot;
  plot.id = "steps";
  plot.title = "Step sizes";
  plot.caption = "of the steps taken; grey dots were tried and rejected";
  plot.x = {"t", 0, duration_};
  plot.y = {"step size", 1e-3, 1, true};
  AxisRange up;
  Layer rejected;
  rejected.role = Role::neutral;
  for (const Contestant& each : contestants_) {
    Layer line = curve(each.role, std::string(each.method->name));
    const auto& steps = each.solve->steps();
    const std::size_t stride = steps.size() / most_dots + 1;
    for (std::size_t i = 0; i < steps.size(); i += stride) {
      if (!drawable(steps[i].h)) continue;
      append_vertex(steps[i].accepted ? line : rejected, steps[i].t, steps[i].h);
      // The last step ends where the solve does, however short that makes it.
      if (i + 1 < steps.size()) up.add(steps[i].h);
    }
    plot.layers.push_back(std::move(line));
  }
  up.apply_above_legend(plot.y);
  plot.layers.push_back(std::move(rejected));
  return plot;
}

std::string Solvers::describe() const {
  std::string text = std::string(system_->label) + " from t = 0, solved by ";
  for (const Contestant& each : contestants_) {
    char part[160];
    if (each.solve->succeeded()) {
      std::snprintf(part, sizeof part, "%s with an error of %.2g in %ld steps",
                    each.method->name.data(), each.error,
                    static_cast<long>(each.solve->report().accepted));
    } else {
      std::snprintf(part, sizeof part, "%s, which failed at t = %.4g", each.method->name.data(),
                    each.solve->reached());
    }
    text += part;
    if (&each == contestants_) text += " and by ";
  }
  return text + "; beside it errors against time, step and work.";
}

Frame Solvers::frame() {
  Frame frame;
  if (!ready()) return frame;
  frame.step = steps_done();
  frame.description = describe();
  frame.plots = {phase_plot(), error_plot(), order_plot(), work_plot(), step_plot()};
  if (contestants_[0].options.adaptive() || contestants_[1].options.adaptive()) {
    frame.plots.push_back(tolerance_plot());
  }
  for (const Contestant& each : contestants_) frame.plots.push_back(each.stability);
  const auto add = [&](const Contestant& each, const std::string& prefix, bool headline) {
    const std::string whose = std::string(each.method->name) + ": ";
    const SolveReport& report = each.solve->report();
    frame.metrics.push_back(number_metric(prefix + "error", whose + "error", each.error, headline));
    frame.metrics.push_back(number_metric(prefix + "order", whose + "order", each.order, headline));
    frame.metrics.push_back(
        count_metric(prefix + "nfe", whose + "evaluations", static_cast<double>(each.nfe)));
    frame.metrics.push_back(count_metric(prefix + "accepted", whose + "steps taken",
                                         static_cast<double>(report.accepted)));
    frame.metrics.push_back(count_metric(prefix + "rejected", whose + "steps rejected",
                                         static_cast<double>(report.rejected)));
  };
  add(contestants_[0], "", true);
  add(contestants_[1], "other_", true);
  frame.metrics.push_back(number_metric("loss", "error of the study's last point", loss(), false));
  frame.metrics.push_back(
      number_metric("reference_error", "error of the reference", problem_.reference_error, false));
  return frame;
}

Plot Solvers::preview(std::string_view parameter, std::string_view choice) const {
  return parameter == "data" ? system_preview(choice) : Plot{};
}

}  // namespace neural_ode
