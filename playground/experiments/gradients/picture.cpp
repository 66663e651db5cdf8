#include "playground/experiments/gradients/picture.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "engine/core/math.h"
#include "playground/experiments/gradients/experiment.h"
#include "playground/experiments/gradients/problem.h"
#include "playground/laboratory/laboratory.h"
#include "playground/picture/axis_range.h"
#include "playground/picture/plots.h"

namespace neural_ode::gradients {

namespace {

constexpr int vertices = 501;  // of a trajectory in the picture

double norm(const MeasuredGradient& gradient) {
  double sum = 0;
  for (const auto* values : {&gradient.y0_bar, &gradient.theta_bar}) {
    for (const double value : *values) sum += value * value;
  }
  return gradient.status == SolveStatus::ok ? std::sqrt(sum)
                                            : std::numeric_limits<double>::quiet_NaN();
}

double largest(const Vector<double>& y) {
  double entry = 0;
  for (const double value : y) entry = std::max(entry, std::abs(value));
  return entry;
}

Layer strategy_layer(Curve curve, std::size_t index) {
  Layer layer = make_layer(std::move(curve));
  layer.series = static_cast<int>(index);
  return layer;
}

Plot phase_plot(const Run& run) {
  Plot plot;
  plot.id = "phase";
  plot.title = run.title + ": there and back";
  plot.caption = "blue: the solve; orange: from its end back, as backsolve does; dot: y(0)";
  const bool plane = run.y0.size() > 1;
  plot.x.label = plane ? "y1" : "t";
  plot.y.label = plane ? "y2" : "y1";
  plot.z.label = "y3";
  plot.t_begin = 0;
  plot.t_end = 2 * run.options.duration;
  Matrix<double> states(phase_point(0, run.y0).size(), vertices);
  Paths there, back;
  there.starts = back.starts = {0};
  for (int i = 0; i < vertices; ++i) {
    const double t = run.options.duration * i / (vertices - 1);
    states.col(i) = phase_point(t, run.there->state(t));
    append_phase_point(there, states.col(i));
    there.times.push_back(static_cast<float>(t));
  }
  set_phase_axes(plot, states, 1.4);
  const double farthest = farthest_drawn(plot);
  Vector<double> at = states.col(vertices - 1);
  for (int i = 0; i < vertices; ++i) {
    const double t = run.options.duration * (vertices - 1 - i) / (vertices - 1);
    if (run.back) {
      const Vector<double> next = phase_point(t, run.back->state(t));
      if (is_within(farthest, next)) at = next;
    }
    append_phase_point(back, at);
    back.times.push_back(static_cast<float>(2 * run.options.duration - t));
  }
  Points start;
  append_phase_point(start, states.col(0));
  plot.layers.push_back(make_layer(std::move(back), Role::class_b, "back"));
  plot.layers.push_back(make_layer(std::move(there), Role::class_a, "there"));
  plot.layers.push_back(make_layer(std::move(start), Role::neutral, "y(0)"));
  return plot;
}

Plot drift_plot(const Run& run) {
  Plot plot;
  plot.id = "drift";
  plot.title = "How far off the way back is";
  plot.caption = "from right to left: largest difference of a component to the way there";
  plot.x = {"t", 0, run.options.duration};
  plot.y = {"distance", 1e-9, 1, true};
  Curve line;
  AxisRange up;
  for (int i = 0; run.back && i < vertices; ++i) {
    const double t = run.options.duration * i / (vertices - 1);
    if (t < run.back->reached()) continue;
    const double distance = largest(run.back->state(t) - run.there->state(t));
    if (!drawable(distance)) continue;
    line.append(t, distance);
    up.add(std::clamp(distance, 1e-13, 1e3));
  }
  up.apply(plot.y);
  plot.layers.push_back(make_layer(std::move(line), Role::class_b));
  return plot;
}

Plot control_plot(const Run& run) {
  Plot plot;
  plot.id = "error";
  plot.legend_beside = true;
  const std::string control = run.options.solver.adaptive() ? "tolerance" : "step";
  plot.title = "Error of the gradient";
  plot.caption = "largest entry, against the " + control;
  plot.x = {control,
            study_control(run.options.solver, run.options.duration,
                          static_cast<int>(gradients_info().default_steps) - 1),
            study_control(run.options.solver, run.options.duration, 0), true};
  plot.y = {"relative error", 1e-9, 1, true};
  AxisRange up;
  for (std::size_t k = 0; k < run.contestants.size(); ++k) {
    Curve line;
    for (const Contestant::Point& point : run.contestants[k].against_control) {
      if (!drawable(point.error)) continue;
      line.append(point.control, point.error);
      up.add(std::clamp(point.error, 1e-15, 1e3));
    }
    plot.layers.push_back(strategy_layer(std::move(line), k));
    plot.layers.back().label = run.contestants[k].label;
  }
  up.apply(plot.y);
  return plot;
}

Plot duration_plot(const Run& run, std::string id, std::string title, std::string caption,
                   std::string label, double Contestant::Cost::*value) {
  Plot plot;
  plot.id = std::move(id);
  plot.title = std::move(title);
  plot.caption = std::move(caption);
  plot.x = {"duration", 0, run.options.duration};
  plot.y = {std::move(label), 1, 10, true};
  AxisRange up;
  for (std::size_t k = 0; k < run.contestants.size(); ++k) {
    Curve line;
    for (const Contestant::Cost& cost : run.contestants[k].against_duration) {
      if (!drawable(cost.*value)) continue;
      line.append(cost.duration, cost.*value);
      up.add(std::clamp(cost.*value, 1e-15, 1e12));
    }
    plot.layers.push_back(strategy_layer(std::move(line), k));
  }
  up.apply(plot.y);
  return plot;
}

std::string describe(const Run& run) {
  std::string text = run.title + ", solved there and back; the gradient of the sum of its states.";
  for (const Contestant& each : run.contestants) {
    char part[120];
    if (each.measured.status == SolveStatus::ok) {
      std::snprintf(part, sizeof part, " %s: error %.2g, %zu bytes.", each.label.c_str(),
                    each.error, each.measured.bytes);
    } else {
      std::snprintf(part, sizeof part, " %s: failed, %s.", each.label.c_str(),
                    status_name(each.measured.status).data());
    }
    text += part;
  }
  return text;
}

}  // namespace

Frame picture(const Run& run, std::int64_t step, double loss) {
  Frame frame;
  frame.step = step;
  frame.description = describe(run);
  using Cost = Contestant::Cost;
  frame.plots = {phase_plot(run),
                 drift_plot(run),
                 control_plot(run),
                 duration_plot(run, "duration", "Error against duration",
                               "of the gradient, with the tolerance or step that is set",
                               "relative error", &Cost::error),
                 duration_plot(run, "bytes", "What is held",
                               "bytes for the way back, against duration", "bytes", &Cost::bytes),
                 duration_plot(run, "work", "What the way back costs",
                               "evaluations of f and vector-Jacobian products, against duration",
                               "calls of f", &Cost::work)};
  for (const Contestant& each : run.contestants) {
    frame.metrics.push_back(number_metric("gradient_error_" + each.name, each.label + ": error",
                                          each.error,
                                          each.name == "discrete" || each.name == "backsolve"));
    frame.metrics.push_back(number_metric("gradient_norm_" + each.name, each.label + ": norm",
                                          norm(each.measured), false));
  }
  const double end = run.back ? run.back->reached() : 0;
  const double drift = run.back ? largest(run.back->state(end) - run.there->state(end))
                                : std::numeric_limits<double>::quiet_NaN();
  frame.metrics.push_back(number_metric("drift", "drift of the way back", drift, true));
  frame.metrics.push_back(number_metric("loss", "error of the study's last point", loss, false));
  frame.metrics.push_back(number_metric("difference_error", "exact one against differences",
                                        run.difference_error, false));
  for (const Contestant& each : run.contestants) {
    const MeasuredGradient& measured = each.measured;
    frame.metrics.push_back({"bytes_" + each.name, each.label, static_cast<double>(measured.bytes),
                             Metric::Format::bytes, false});
    frame.metrics.push_back(
        count_metric("nfe_forward_" + each.name, each.label + ": forward", measured.nfe_forward));
    frame.metrics.push_back(
        count_metric("nfe_backward_" + each.name, each.label + ": back", measured.nfe_backward));
    frame.metrics.push_back(
        count_metric("nvjp_" + each.name, each.label + ": products", measured.nvjp));
  }
  return frame;
}

Plot preview(std::string_view parameter, std::string_view choice) {
  if (parameter != "data") return {};
  if (choice != "network") return system_preview(choice);
  Settings settings(gradients_info().parameters);
  settings.set("data", choice);
  Run run;
  run.options = read_options(settings);
  make_problem(run, 0);
  solve_there_and_back(run);
  Plot plot = phase_plot(run);
  plot.id = std::string(choice);
  plot.layers.resize(1);
  std::get<Paths>(plot.layers[0].shape).times.clear();
  plot.layers[0].role = Role::accent;
  return plot;
}

}  // namespace neural_ode::gradients
