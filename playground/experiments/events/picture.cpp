// What `events` shows: the flights, what has been recovered, the jumps in the phase plane, and the
// numbers.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "playground/experiments/events/run.h"
#include "playground/picture/plots.h"
#include "playground/training/loss_plot.h"

namespace neural_ode {

namespace {

Layer curve_of(const CurveHistory& history, Role role, std::string label) {
  Layer layer;
  layer.kind = LayerKind::curve;
  layer.role = role;
  layer.label = std::move(label);
  layer.x = history.steps();
  layer.y = history.values();
  return layer;
}

Layer level(double height, double from, double to, Role role, std::string label) {
  Layer layer;
  layer.kind = LayerKind::curve;
  layer.role = role;
  layer.label = std::move(label);
  append_vertex(layer, from, height);
  append_vertex(layer, to, height);
  return layer;
}

// Heights against times, one path a ball.
Layer flights(const Matrix<double>& times, const std::vector<Matrix<double>>& states, Role role) {
  Layer layer;
  layer.kind = LayerKind::paths;
  layer.role = role;
  for (Index k = 0; k < states.front().cols(); ++k) {
    layer.starts.push_back(static_cast<std::uint32_t>(layer.x.size()));
    for (Index i = 0; i < times.rows(); ++i) {
      append_vertex(layer, times(i, 0), states[static_cast<std::size_t>(i)](0, k));
    }
  }
  return layer;
}

double highest(const std::vector<Matrix<double>>& states) {
  double most = 0;
  for (const Matrix<double>& state : states) {
    for (Index k = 0; k < state.cols(); ++k) most = std::max(most, state(0, k));
  }
  return most;
}

}  // namespace

Plot EventsExperiment::height_plot() const {
  Plot plot;
  plot.id = "height";
  plot.title = "Every bounce is an event";
  plot.caption =
      "dots: noisy heights; lines: the learnt motion; dashed: the true one, also after "
      "the last observation";
  const double end = long_times_(long_times_.rows() - 1, 0);
  const double seen = times_(observed_rows() - 1, 0);
  const double top = 1.15 * highest(exact_);
  plot.x = {"t", 0, end};
  plot.y = {"height", -0.12 * top, top};
  plot.t_begin = 0;
  plot.t_end = end;

  Layer band;
  band.kind = LayerKind::band;
  band.role = Role::neutral;
  band.faint = true;
  band.label = "learnt from";
  for (const double t : {0.0, seen}) {
    append_vertex(band, t, plot.y.minimum);
    band.z.push_back(static_cast<float>(top));
  }
  plot.layers.push_back(std::move(band));
  if (std::isfinite(scores_.floor)) {
    plot.layers.push_back(level(scores_.floor, 0, end, Role::class_b, "learnt surface"));
  }
  Layer exact = flights(long_times_, exact_, Role::truth);
  exact.dashed = true;
  exact.label = "true";
  plot.layers.push_back(std::move(exact));
  Layer dots;
  dots.role = Role::neutral;
  dots.label = "observed";
  for (Index k = 0; k < heights_.cols(); ++k) {
    for (Index i = 0; i < heights_.rows(); ++i) append_vertex(dots, times_(i, 0), heights_(i, k));
  }
  plot.layers.push_back(std::move(dots));
  if (learnt_.empty()) return plot;

  std::vector<Matrix<double>> states;
  for (const Matrix<float>& state : learnt_) states.push_back(state.cast<double>());
  Layer learnt = flights(long_times_, states, Role::model);
  learnt.label = "learnt";
  for (Index i = 0; i < long_times_.rows(); ++i) {
    learnt.times.push_back(static_cast<float>(long_times_(i, 0)));
  }
  plot.layers.push_back(std::move(learnt));
  Layer bounces;
  bounces.role = Role::class_b;
  bounces.label = "events";
  for (std::size_t n = 0; n < long_solve_->occurrences().size(); ++n) {
    append_vertex(bounces, long_solve_->occurrences()[n].t,
                  static_cast<double>(long_solve_->before(n)[0]));
  }
  plot.layers.push_back(std::move(bounces));
  return plot;
}

Plot EventsExperiment::recovery_plot() const {
  Plot plot;
  plot.id = "recovery";
  plot.title = "What has been found";
  plot.caption = "learnt over true: gravity and restitution; both should come to one";
  plot.x = {"step", 0, static_cast<double>(std::max<std::int64_t>(trainee_.step(), 10))};
  plot.y = {"learnt / true", 0.4, 1.5};
  plot.layers.push_back(level(1, 0, plot.x.maximum, Role::truth, "true"));
  plot.layers.back().dashed = true;
  plot.layers.push_back(curve_of(trainee_.curve("gravity"), Role::class_a, "gravity"));
  plot.layers.push_back(curve_of(trainee_.curve("restitution"), Role::class_b, "restitution"));
  return plot;
}

// The motion is continuous between events, and jumps at them from (x, v-) to (x, v+).
Plot EventsExperiment::phase_plot() const {
  Plot plot;
  plot.id = "phase";
  plot.title = "Jumps of the velocity";
  plot.caption = "the first ball: smooth arcs of the field, dashed jumps at the surface";
  double top = 0, fast = 0;
  for (const Matrix<double>& state : exact_) {
    top = std::max(top, 1.15 * state(0, 0));
    fast = std::max(fast, 1.2 * std::abs(state(1, 0)));
  }
  plot.x = {"height", -0.12 * top, top};
  plot.y = {"velocity", -fast, fast};
  Layer dots;
  dots.role = Role::truth;
  dots.label = "true";
  dots.faint = true;
  for (const Matrix<double>& state : exact_) append_vertex(dots, state(0, 0), state(1, 0));
  plot.layers.push_back(std::move(dots));
  if (learnt_.empty()) return plot;

  Layer arcs, jumps;
  arcs.kind = jumps.kind = LayerKind::paths;
  arcs.role = Role::model;
  arcs.label = "learnt";
  jumps.role = Role::class_b;
  jumps.dashed = true;
  jumps.label = "update";
  const auto begin = [](Layer& layer) {
    layer.starts.push_back(static_cast<std::uint32_t>(layer.x.size()));
  };
  const auto append = [](Layer& layer, VectorIn<float> y) {
    append_vertex(layer, static_cast<double>(y[0]), static_cast<double>(y[1]));
  };
  begin(arcs);
  std::size_t next = 0;
  const auto& events = long_solve_->occurrences();
  for (std::size_t i = 0; i < learnt_.size(); ++i) {
    for (; next < events.size() && events[next].sample == 0 &&
           events[next].t < long_times_(static_cast<Index>(i), 0);
         ++next) {
      append(arcs, long_solve_->before(next));
      begin(arcs);
      append(arcs, long_solve_->after(next));
      begin(jumps);
      append(jumps, long_solve_->before(next));
      append(jumps, long_solve_->after(next));
    }
    append(arcs, learnt_[i].col(0));
  }
  plot.layers.push_back(std::move(arcs));
  plot.layers.push_back(std::move(jumps));
  return plot;
}

std::string EventsExperiment::describe() const {
  return std::to_string(heights_.cols()) +
         " bouncing balls: observed heights against time and the learnt motions through them, " +
         std::to_string(trainee_.step()) +
         " steps into training; the learnt gravity over the true "
         "one is " +
         std::to_string(scores_.gravity / truth_.gravity) + ", the restitution " +
         std::to_string(scores_.restitution / truth_.restitution) + ".";
}

Frame EventsExperiment::frame() {
  Frame frame;
  if (!parameters_) return frame;
  frame.step = trainee_.step();
  if (tested_step_ != trainee_.step()) test();
  frame.description = describe();
  frame.plots.push_back(height_plot());
  frame.plots.push_back(recovery_plot());
  frame.plots.push_back(phase_plot());
  frame.plots.push_back(loss_plot(trainee_));
  const auto error = [](double found, double truth) { return std::abs(found / truth - 1); };
  frame.metrics = {
      {"gravity_error", "gravity error", error(scores_.gravity, truth_.gravity),
       Metric::Format::percent, true},
      {"restitution_error", "restitution error", error(scores_.restitution, truth_.restitution),
       Metric::Format::percent, true},
      number_metric("loss", "loss", trainee_.loss(), true),
      number_metric("gravity", "gravity", scores_.gravity, false),
      number_metric("restitution", "restitution", scores_.restitution, false),
      number_metric("floor", "height of the surface", scores_.floor, false),
      number_metric("test_loss", "test loss", scores_.test_loss, false),
      number_metric("extrapolation_mse", "extrapolation error", scores_.extrapolation_mse, false),
      count_metric("nfe_forward", "evaluations forward", report_.nfe()),
      count_metric("nfe_backward", "evaluations backward", backward_.nfe()),
      {"state_bytes", "held for the gradient", static_cast<double>(solve_->state_bytes()),
       Metric::Format::bytes, false},
      count_metric("parameters", "parameters", static_cast<double>(trainee_.theta().size())),
  };
  return frame;
}

Plot EventsExperiment::preview(std::string_view parameter, std::string_view choice) const {
  Plot plot;
  plot.id = std::string(choice);
  if (parameter != "data") return plot;
  const BouncingBall ball;
  Layer path;
  path.kind = LayerKind::paths;
  path.role = Role::accent;
  path.starts.push_back(0);
  for (int i = 0; i < 160; ++i) {
    const double t = 2.4 * i / 159;
    append_vertex(path, t,
                  choice == "thrown" ? ball.state(0.8, 4.5, t)[0] : ball.state(2, 0, t)[0]);
  }
  plot.x = {"", -0.1, 2.5};
  plot.y = {"", -0.1, 2.1};
  plot.layers.push_back(std::move(path));
  return plot;
}

}  // namespace neural_ode
