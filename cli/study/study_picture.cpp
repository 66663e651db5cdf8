#include "cli/study/study_picture.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>
#include <utility>

#include "playground/picture/axis_range.h"
#include "playground/picture/plots.h"

namespace neural_ode {
namespace {

// Solutions that are more wrong are all the same.
constexpr double largest_error = 1;

// Curves of error against `abscissa` of their points, and a line at `floor`.
template <class Abscissa>
Plot error_plot(const std::vector<MethodCurve>& methods, const Axis& x, Abscissa abscissa,
                const std::string& floor_label, double floor) {
  Plot plot;
  plot.legend_beside = true;
  plot.x = x;
  plot.y = {"relative error", 1e-16, 1, true};
  AxisRange across, up;
  std::string_view family;
  for (const MethodCurve& method : methods) {
    Curve curve;
    for (const ErrorPoint& point : method.curve.points) {
      if (!(point.error > 0 && point.error < largest_error)) continue;
      curve.append(abscissa(point), point.error);
      across.add(abscissa(point));
      up.add(point.error);
    }
    std::string label = method.label;
    if (curve.x.empty()) label += method.curve.points.empty() ? ": no solution" : ": error above 1";
    Layer layer = make_layer(std::move(curve), Role::neutral, std::move(label));
    if (method.family != family) layer.heading = family = method.family;
    layer.series = method.series;
    plot.layers.push_back(std::move(layer));
  }
  across.apply(plot.x);
  up.apply(plot.y);
  if (across.low() <= across.high() && floor > plot.y.minimum && floor < plot.y.maximum) {
    plot.layers.push_back(line_layer(floor_label, plot.x.minimum, floor, plot.x.maximum, floor));
  }
  return plot;
}

std::string best_of(const std::vector<MethodCurve>& methods) {
  const MethodCurve* best = nullptr;
  double smallest = INFINITY;
  for (const MethodCurve& method : methods) {
    for (const ErrorPoint& point : method.curve.points) {
      if (!(point.error < smallest)) continue;
      smallest = point.error;
      best = &method;
    }
  }
  if (best == nullptr) return "No method came to the end.";
  char text[64];
  std::snprintf(text, sizeof text, "The smallest error, %.1e, is that of ", smallest);
  return text + best->label + ".";
}

Plot eigenvalue_plot(const std::vector<Linearisation>& along) {
  Plot plot;
  plot.id = "eigenvalues";
  plot.legend_beside = true;
  plot.x.label = "real part: growth rate (1/time)";
  plot.y.label = "imaginary part (1/time)";
  Points points;
  points.value_min = static_cast<float>(along.front().t);
  points.value_max = static_cast<float>(along.back().t);
  AxisRange across, up;
  across.add(0);
  up.add(0);
  for (const Linearisation& at : along) {
    for (const auto& eigenvalue : at.eigenvalues) {
      points.append(eigenvalue.real(), eigenvalue.imag());
      points.value.push_back(static_cast<float>(at.t));
      across.add(eigenvalue.real());
      up.add(eigenvalue.imag());
    }
  }
  across.apply(plot.x);
  up.apply(plot.y);
  plot.layers.push_back(line_layer("", 0, plot.y.minimum, 0, plot.y.maximum));
  plot.layers.push_back(make_layer(std::move(points), Role::neutral, "time"));
  return plot;
}

Plot rate_plot(const std::vector<Linearisation>& along) {
  Plot plot;
  plot.id = "rates";
  plot.title = "Rates along the solution";
  plot.caption = "above zero something grows: a disturbance, or a volume";
  plot.x = {"t (time)", along.front().t, along.back().t, false};
  plot.y.label = "rate (1/time)";
  Curve growth, divergence;
  AxisRange up;
  up.add(0);
  for (const Linearisation& at : along) {
    growth.append(at.t, at.eigenvalues.front().real());
    divergence.append(at.t, at.divergence);
    up.add(at.eigenvalues.front().real());
    up.add(at.divergence);
  }
  up.add(up.low() - 0.12 * (up.high() - up.low()));  // the legend's place
  up.apply(plot.y);
  plot.layers.push_back(line_layer("", plot.x.minimum, 0, plot.x.maximum, 0));
  plot.layers.push_back(make_layer(std::move(growth), Role::model, "largest real part"));
  plot.layers.push_back(make_layer(std::move(divergence), Role::class_b, "divergence"));
  return plot;
}

// Curves of `value` against steps, named where `legend` is; what is not above zero has no place on
// a logarithmic axis.
template <class Value>
Plot cost_plot(const std::vector<GradientCurve>& curves, const std::string& label, bool legend,
               Value value) {
  Plot plot;
  plot.legend_beside = legend;
  plot.x = {"steps", 1, 10, true};
  plot.y = {label, 1, 10, true};
  AxisRange across, up;
  int series = 0;
  for (const GradientCurve& curve : curves) {
    Curve line;
    for (const GradientCost& cost : curve.costs) {
      const double y = value(cost);
      if (cost.status != SolveStatus::ok || !(y > 0) || !std::isfinite(y)) continue;
      line.append(cost.steps, y);
      across.add(cost.steps);
      up.add(y);
    }
    plot.layers.push_back(make_layer(std::move(line), Role::neutral, legend ? curve.label : ""));
    plot.layers.back().series = series++;
  }
  across.apply(plot.x);
  up.apply(plot.y);
  return plot;
}

}  // namespace

Frame precision_frame(const std::string& system, const std::vector<MethodCurve>& methods,
                      double reference_error) {
  const Axis work = {"evaluations of f", 1, 10, true};
  Plot plot = error_plot(
      methods, work, [](const ErrorPoint& point) { return double(point.nfe); },
      "the reference's own error", reference_error);
  for (std::size_t i = 0; i < methods.size(); ++i) plot.layers[i].dashed = !methods[i].adaptive;
  plot.id = "precision";
  plot.title = "What accuracy costs: " + system;
  plot.caption =
      "error at the end against evaluations of f; lower left is better; dashed: fixed "
      "steps";
  Frame frame;
  frame.description = plot.title + ". " + best_of(methods);
  frame.plots = {std::move(plot)};
  return frame;
}

Frame order_frame(const std::string& system, const std::vector<MethodCurve>& methods,
                  double rounding_floor) {
  std::vector<MethodCurve> labelled = methods;
  for (MethodCurve& method : labelled) {
    char order[32];
    std::snprintf(order, sizeof order, ", slope %.2f", method.order);
    if (std::isfinite(method.order)) method.label += order;
  }
  const Axis step = {"step h (time)", 1e-3, 1, true};
  Plot plot = error_plot(
      labelled, step, [](const ErrorPoint& point) { return point.control; }, "rounding floor",
      rounding_floor);
  plot.id = "order";
  plot.title = "The order of a method is a slope: " + system;
  plot.caption = "error at the end against the size of fixed steps";
  Frame frame;
  frame.description = plot.title + ". " + best_of(methods);
  frame.plots = {std::move(plot)};
  return frame;
}

Frame memory_frame(const std::string& solve, const std::vector<GradientCurve>& curves) {
  Plot bytes = cost_plot(curves, "bytes held", true,
                         [](const GradientCost& cost) { return double(cost.bytes); });
  bytes.id = "memory";
  bytes.title = "What a gradient holds: " + solve;
  bytes.caption =
      "bytes held for the backward pass against steps; flat is memory that does not grow";
  Plot work = cost_plot(curves, "evaluations and products", false, [](const GradientCost& cost) {
    return double(cost.nfe_backward + cost.nvjp);
  });
  work.id = "work";
  work.title = "What it costs";
  work.caption = "evaluations of f and vector-Jacobian products of the backward pass";
  Plot error = cost_plot(curves, "relative error", false,
                         [](const GradientCost& cost) { return cost.error; });
  error.id = "error";
  error.title = "How far it is from the gradient of the steps";
  error.caption = "against the discrete adjoint with all states";
  Frame frame;
  frame.description = bytes.title + ".";
  for (const GradientCurve& curve : curves) {
    const GradientCost& last = curve.costs.back();
    frame.description += " " + curve.label + ": ";
    frame.description += last.status == SolveStatus::ok
                             ? std::to_string(last.bytes) + " bytes"
                             : "failed, " + std::string(status_name(last.status));
    frame.description += " at " + std::to_string(last.steps) + " steps.";
  }
  frame.plots = {std::move(bytes), std::move(work), std::move(error)};
  return frame;
}

Frame batch_frame(const std::string& system, const std::string& parameter,
                  const std::vector<double>& values, const std::vector<BatchCurve>& methods) {
  constexpr std::size_t marks = 33;
  Plot plot;
  plot.id = "batch";
  plot.legend_beside = true;
  plot.title = "What samples of one batch cost: " + system;
  plot.caption = "evaluations of f for each sample; solid: its own steps, dashed: the same for all";
  plot.x = {parameter, 0, 1, values.front() > 0};
  plot.y = {"evaluations of f", 1, 10, true};
  AxisRange across, up;
  for (const BatchCurve& method : methods) {
    Curve own;
    const std::size_t count = std::min(marks, values.size());
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = count == 1 ? 0 : i * (values.size() - 1) / (count - 1);
      own.append(values[at], static_cast<double>(method.own[at]));
      across.add(values[at]);
      up.add(static_cast<double>(method.own[at]));
    }
    up.add(method.shared);
    plot.layers.push_back(make_layer(std::move(own), Role::neutral, method.label + ", own steps"));
    plot.layers.back().series = method.series;
    plot.layers.push_back(line_layer(method.label + ", shared steps", values.front(), method.shared,
                                     values.back(), method.shared));
    plot.layers.back().series = method.series;
  }
  across.apply(plot.x);
  up.apply(plot.y);
  Frame frame;
  frame.description = plot.title + ", with " + parameter + " from sample to sample.";
  frame.plots = {std::move(plot)};
  return frame;
}

Frame stability_frame(const std::string& system, const std::vector<Linearisation>& along) {
  Plot plot = eigenvalue_plot(along);
  plot.title = "What becomes of a small disturbance: " + system;
  plot.caption =
      "eigenvalues of the Jacobian along a solution; right of the dashed line "
      "disturbances grow";
  Frame frame;
  double growth = -INFINITY, radius = 0;
  for (const Linearisation& at : along) {
    growth = std::max(growth, at.eigenvalues.front().real());
    radius = std::max(radius, at.spectral_radius);
  }
  frame.metrics = {number_metric("growth_rate", "largest growth rate", growth, true),
                   number_metric("spectral_radius", "largest spectral radius", radius, true)};
  char text[96];
  std::snprintf(text, sizeof text, ". Real parts reach %.3g, moduli %.3g, per unit of time.",
                growth, radius);
  frame.description = plot.title + text;
  frame.plots = {std::move(plot), rate_plot(along)};
  return frame;
}

}  // namespace neural_ode
