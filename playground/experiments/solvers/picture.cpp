#include "playground/experiments/solvers/picture.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/math.h"
#include "playground/laboratory/laboratory.h"
#include "playground/picture/axis_range.h"
#include "playground/picture/plots.h"

namespace neural_ode::solvers {

namespace {

constexpr int vertices = 501;           // of a trajectory in the picture
constexpr std::size_t most_dots = 800;  // of the steps of a method

double time_of(int vertex, double duration) {
  return duration * vertex / (vertices - 1);
}

// A curve of a study: its points are dots as well.
void add_curve_with_dots(Plot& plot, Curve line, Role role, std::string label) {
  Points dots;
  dots.x = line.x;
  dots.y = line.y;
  plot.layers.push_back(make_layer(std::move(line), role, std::move(label)));
  plot.layers.push_back(make_layer(std::move(dots), role));
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
  Curve triangle;
  const double low = error / 4, high = low * math::pow(2, order);
  triangle.append(h, low);
  triangle.append(2 * h, low);
  triangle.append(2 * h, high);
  triangle.append(h, low);
  Layer layer = make_layer(std::move(triangle), role);
  layer.dashed = layer.faint = true;
  return layer;
}

Plot phase_plot(const Run& run) {
  Plot plot;
  plot.id = "phase";
  plot.title = run.options.system->label;
  plot.caption = "dashed: the solution; lines and dots: the methods and their steps";
  const bool plane = run.options.system->dim > 1;
  plot.x.label = plane ? "y1" : "t";
  plot.y.label = plane ? "y2" : "y1";
  plot.z.label = "y3";
  plot.t_begin = 0;
  plot.t_end = run.options.duration;
  Matrix<double> exact(phase_point(0, run.y0).size(), vertices);
  Paths truth;
  truth.smooth = true;
  truth.starts = {0};
  for (int i = 0; i < vertices; ++i) {
    const double t = time_of(i, run.options.duration);
    exact.col(i) = phase_point(t, run.reference->state(t));
    append_phase_point(truth, exact.col(i));
  }
  set_phase_axes(plot, exact, 1.3);
  const double farthest = farthest_drawn(plot);
  for (const Contestant& each : run.contestants) {
    Paths path;
    path.smooth = true;
    path.starts = {0};
    Vector<double> at = phase_point(0, run.y0);
    for (int i = 0; i < vertices; ++i) {
      const double t = time_of(i, run.options.duration);
      const Vector<double> next = phase_point(t, each.solve->state(t));
      if (is_within(farthest, next)) at = next;
      append_phase_point(path, at);
      path.times.push_back(static_cast<float>(t));
    }
    Points dots;
    const auto& steps = each.solve->steps();
    const std::size_t stride = steps.size() / most_dots + 1;
    for (std::size_t i = 0; i < steps.size(); i += stride) {
      if (!steps[i].accepted) continue;
      const double t = steps[i].t + steps[i].h;
      const Vector<double> dot = phase_point(t, each.solve->state(t));
      if (is_within(farthest, dot)) append_phase_point(dots, dot);
    }
    plot.layers.push_back(make_layer(std::move(path), each.role, each.name()));
    plot.layers.push_back(make_layer(std::move(dots), each.role));
  }
  plot.layers.push_back(make_layer(std::move(truth), Role::neutral, "solution"));
  plot.layers.back().dashed = true;
  return plot;
}

Plot error_plot(const Run& run) {
  Plot plot;
  plot.id = "error";
  plot.title = "Error on the way";
  plot.caption = "after each step, over the largest component of the solution";
  plot.x = {"t", 0, run.options.duration};
  plot.y = {"relative error", 1e-6, 1, true};
  AxisRange up;
  for (const Contestant& each : run.contestants) {
    Curve line;
    const auto& steps = each.solve->steps();
    const std::size_t stride = steps.size() / most_dots + 1;
    for (std::size_t i = 0; i < steps.size(); i += stride) {
      if (!steps[i].accepted) continue;
      const double t = steps[i].t + steps[i].h;
      const double error = relative_error(each.solve->state(t), run.reference->state(t));
      if (!drawable(error)) continue;
      line.append(t, error);
      up.add(std::clamp(error, 1e-12, 100.0));
    }
    plot.layers.push_back(make_layer(std::move(line), each.role, each.name()));
  }
  up.apply_above_legend(plot.y);
  return plot;
}

Plot order_plot(const Run& run) {
  Plot plot;
  plot.id = "order";
  plot.title = "Error against step";
  plot.caption = "at the end, against the mean step; triangles: order of the method";
  plot.x = {"h", run.options.duration / 8 / 2048, run.options.duration / 8, true};
  plot.y = {"relative error", 1e-12, 1, true};
  AxisRange across, up;
  const double floor = rounding_floor(run.problem);
  for (const Contestant& each : run.contestants) {
    Curve line;
    const ErrorPoint* finest = nullptr;
    const std::vector<ErrorPoint> points = each.against_steps(run.options.duration);
    for (const ErrorPoint& point : points) {
      if (!drawable(point.error)) continue;
      line.append(point.control, point.error);
      across.add(point.control);
      up.add(std::min(point.error, 100.0));
      if (point.error > 30 * floor && point.error < 0.1) finest = &point;
    }
    add_curve_with_dots(plot, std::move(line), each.role, slope_label(each.method(), each.order));
    if (finest == nullptr || !std::isfinite(each.order)) continue;
    plot.layers.push_back(
        order_triangle(each.role, finest->control, finest->error, each.method().order));
  }
  across.apply(plot.x);
  up.apply_above_legend(plot.y);
  plot.layers.push_back(line_layer("", plot.x.minimum, floor, plot.x.maximum, floor));
  return plot;
}

Plot work_plot(const Run& run) {
  Plot plot;
  plot.id = "work";
  plot.title = "Error against work";
  plot.caption = "at the end, against evaluations of f; lower left is better";
  plot.x = {"evaluations of f", 10, 1e4, true};
  plot.y = {"relative error", 1e-12, 1, true};
  AxisRange across, up;
  for (const Contestant& each : run.contestants) {
    Curve line;
    for (const ErrorPoint& point : each.study.points) {
      if (!drawable(point.error)) continue;
      line.append(static_cast<double>(point.nfe), point.error);
      across.add(static_cast<double>(point.nfe));
      up.add(std::min(point.error, 100.0));
    }
    add_curve_with_dots(plot, std::move(line), each.role, each.name());
  }
  across.apply(plot.x);
  up.apply_above_legend(plot.y);
  return plot;
}

Plot tolerance_plot(const Run& run) {
  Plot plot;
  plot.id = "tolerance";
  plot.title = "What a tolerance promises";
  plot.caption = "error at the end against that allowed in a step; dashed: equal";
  plot.x = {"tolerance", 1e-12, 0.1, true};
  plot.y = {"relative error", 1e-12, 1, true};
  AxisRange up;
  for (const Contestant& each : run.contestants) {
    if (!each.options.adaptive()) continue;
    Curve line;
    for (const ErrorPoint& point : each.study.points) {
      if (!drawable(point.error)) continue;
      line.append(point.control, point.error);
      up.add(std::min(point.error, 100.0));
    }
    add_curve_with_dots(plot, std::move(line), each.role, each.name());
  }
  up.apply_above_legend(plot.y);
  plot.layers.push_back(line_layer("", 1e-12, 1e-12, 0.1, 0.1));
  return plot;
}

Plot step_plot(const Run& run) {
  Plot plot;
  plot.id = "steps";
  plot.title = "Step sizes";
  plot.caption = "of the steps taken; grey dots were tried and rejected";
  plot.x = {"t", 0, run.options.duration};
  plot.y = {"step size", 1e-3, 1, true};
  AxisRange up;
  Points rejected;
  for (const Contestant& each : run.contestants) {
    Curve line;
    const auto& steps = each.solve->steps();
    const std::size_t stride = steps.size() / most_dots + 1;
    for (std::size_t i = 0; i < steps.size(); i += stride) {
      if (!drawable(steps[i].h)) continue;
      Vertices& to = steps[i].accepted ? static_cast<Vertices&>(line) : rejected;
      to.append(steps[i].t, steps[i].h);
      // The last step ends where the solve does, however short that makes it.
      if (i + 1 < steps.size()) up.add(steps[i].h);
    }
    plot.layers.push_back(make_layer(std::move(line), each.role, each.name()));
  }
  up.apply_above_legend(plot.y);
  plot.layers.push_back(make_layer(std::move(rejected)));
  return plot;
}

std::string describe(const Run& run) {
  std::string text = std::string(run.options.system->label) + " from t = 0, solved by ";
  for (const Contestant& each : run.contestants) {
    char part[160];
    if (each.solve->succeeded()) {
      std::snprintf(part, sizeof part, "%s with an error of %.2g in %ld steps",
                    each.method().name.data(), each.error,
                    static_cast<long>(each.solve->report().accepted));
    } else {
      std::snprintf(part, sizeof part, "%s, which failed at t = %.4g", each.method().name.data(),
                    each.solve->reached());
    }
    text += part;
    if (&each == run.contestants.data()) text += " and by ";
  }
  return text + "; beside it errors against time, step and work.";
}

}  // namespace

Frame picture(const Run& run, std::int64_t step, double loss) {
  Frame frame;
  frame.step = step;
  frame.description = describe(run);
  frame.plots = {phase_plot(run), error_plot(run), order_plot(run), work_plot(run), step_plot(run)};
  if (run.contestants[0].options.adaptive() || run.contestants[1].options.adaptive()) {
    frame.plots.push_back(tolerance_plot(run));
  }
  for (const Contestant& each : run.contestants) frame.plots.push_back(each.stability);
  const auto add = [&](const Contestant& each, const std::string& prefix, bool headline) {
    const std::string whose = each.name() + ": ";
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
  add(run.contestants[0], "", true);
  add(run.contestants[1], "other_", true);
  frame.metrics.push_back(number_metric("loss", "error of the study's last point", loss, false));
  frame.metrics.push_back(number_metric("reference_error", "error of the reference",
                                        run.problem.reference_error, false));
  return frame;
}

Plot preview(std::string_view parameter, std::string_view choice) {
  return parameter == "data" ? system_preview(choice) : Plot{};
}

}  // namespace neural_ode::solvers
