#include "playground/experiments/events/picture.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "playground/picture/plots.h"
#include "playground/training/loss_plot.h"

namespace neural_ode::events {

namespace {

Layer level(double height, double from, double to, Role role, std::string label) {
  Curve curve;
  curve.append(from, height);
  curve.append(to, height);
  return make_layer(std::move(curve), role, std::move(label));
}

// Heights against times, one path a ball.
Paths flights(const Matrix<double>& times, const std::vector<Matrix<double>>& states) {
  Paths paths;
  for (Index k = 0; k < states.front().cols(); ++k) {
    paths.begin();
    for (Index i = 0; i < times.rows(); ++i)
      paths.append(times(i, 0), states[static_cast<std::size_t>(i)](0, k));
  }
  return paths;
}

double highest(const std::vector<Matrix<double>>& states) {
  double most = 0;
  for (const Matrix<double>& state : states) {
    for (Index k = 0; k < state.cols(); ++k) most = std::max(most, state(0, k));
  }
  return most;
}

Plot height_plot(const Run& run, std::int64_t step) {
  Plot plot;
  plot.id = "height";
  plot.title = "Every bounce is an event";
  plot.caption =
      "dots: noisy heights; lines: the learnt motion; dashed: the true one, also after "
      "the last observation";
  const double end = run.long_times(run.long_times.rows() - 1, 0);
  const double seen = run.times(run.observed_rows(step) - 1, 0);
  const double top = 1.15 * highest(run.exact);
  plot.x = {"t", 0, end};
  plot.y = {"height", -0.12 * top, top};
  plot.t_begin = 0;
  plot.t_end = end;

  plot.layers.push_back(span_layer("learnt from", seen, plot.y));
  if (std::isfinite(run.scores.floor)) {
    plot.layers.push_back(level(run.scores.floor, 0, end, Role::class_b, "learnt surface"));
  }
  plot.layers.push_back(make_layer(flights(run.long_times, run.exact), Role::truth, "true"));
  plot.layers.back().dashed = true;
  Points dots;
  for (Index k = 0; k < run.heights.cols(); ++k) {
    for (Index i = 0; i < run.heights.rows(); ++i) dots.append(run.times(i, 0), run.heights(i, k));
  }
  plot.layers.push_back(make_layer(std::move(dots), Role::neutral, "observed"));
  if (run.learnt.empty()) return plot;

  std::vector<Matrix<double>> states;
  for (const Matrix<float>& state : run.learnt) states.push_back(state.cast<double>());
  Paths learnt = flights(run.long_times, states);
  for (Index i = 0; i < run.long_times.rows(); ++i) {
    learnt.times.push_back(static_cast<float>(run.long_times(i, 0)));
  }
  plot.layers.push_back(make_layer(std::move(learnt), Role::model, "learnt"));
  Points bounces;
  for (std::size_t n = 0; n < run.following->occurrences().size(); ++n) {
    bounces.append(run.following->occurrences()[n].t,
                   static_cast<double>(run.following->before(n)[0]));
  }
  plot.layers.push_back(make_layer(std::move(bounces), Role::class_b, "events"));
  return plot;
}

Plot recovery_plot(const Trainee& trainee) {
  Plot plot;
  plot.id = "recovery";
  plot.title = "What has been found";
  plot.caption = "learnt over true: gravity and restitution; both should come to one";
  plot.x = {"step", 0, static_cast<double>(std::max<std::int64_t>(trainee.step(), 10))};
  plot.y = {"learnt / true", 0.4, 1.5};
  plot.layers.push_back(level(1, 0, plot.x.maximum, Role::truth, "true"));
  plot.layers.back().dashed = true;
  plot.layers.push_back(curve_layer(trainee.curve(gravity_curve), Role::class_a, "gravity"));
  plot.layers.push_back(
      curve_layer(trainee.curve(restitution_curve), Role::class_b, "restitution"));
  return plot;
}

// The motion is continuous between events, and jumps at them from (x, v-) to (x, v+).
Plot phase_plot(const Run& run) {
  Plot plot;
  plot.id = "phase";
  plot.title = "Jumps of the velocity";
  plot.caption = "the first ball: smooth arcs of the field, dashed jumps at the surface";
  double top = 0, fast = 0;
  for (const Matrix<double>& state : run.exact) {
    top = std::max(top, 1.15 * state(0, 0));
    fast = std::max(fast, 1.2 * std::abs(state(1, 0)));
  }
  plot.x = {"height", -0.12 * top, top};
  plot.y = {"velocity", -fast, fast};
  Points dots;
  for (const Matrix<double>& state : run.exact) dots.append(state(0, 0), state(1, 0));
  plot.layers.push_back(make_layer(std::move(dots), Role::truth, "true"));
  plot.layers.back().faint = true;
  if (run.learnt.empty()) return plot;

  Paths arcs, jumps;
  const auto append = [](Paths& paths, VectorIn<float> y) {
    paths.append(static_cast<double>(y[0]), static_cast<double>(y[1]));
  };
  arcs.begin();
  std::size_t next = 0;
  const auto& events = run.following->occurrences();
  for (std::size_t i = 0; i < run.learnt.size(); ++i) {
    for (; next < events.size() && events[next].sample == 0 &&
           events[next].t < run.long_times(static_cast<Index>(i), 0);
         ++next) {
      append(arcs, run.following->before(next));
      arcs.begin();
      append(arcs, run.following->after(next));
      jumps.begin();
      append(jumps, run.following->before(next));
      append(jumps, run.following->after(next));
    }
    append(arcs, run.learnt[i].col(0));
  }
  plot.layers.push_back(make_layer(std::move(arcs), Role::model, "learnt"));
  plot.layers.push_back(make_layer(std::move(jumps), Role::class_b, "update"));
  plot.layers.back().dashed = true;
  return plot;
}

std::string describe(const Run& run, std::int64_t step) {
  return std::to_string(run.balls()) +
         " bouncing balls: observed heights against time and the learnt motions through them, " +
         std::to_string(step) +
         " steps into training; the learnt gravity over the true "
         "one is " +
         std::to_string(run.scores.gravity / run.options.truth.gravity) + ", the restitution " +
         std::to_string(run.scores.restitution / run.options.truth.restitution) + ".";
}

}  // namespace

Frame picture(const Run& run, const Trainee& trainee, const SolveReport& solve) {
  const Scores& scores = run.scores;
  const BouncingBall& truth = run.options.truth;
  Frame frame;
  frame.step = trainee.step();
  frame.description = describe(run, frame.step);
  frame.plots.push_back(height_plot(run, frame.step));
  frame.plots.push_back(recovery_plot(trainee));
  frame.plots.push_back(phase_plot(run));
  frame.plots.push_back(loss_plot(trainee));
  const auto error = [](double found, double expected) { return std::abs(found / expected - 1); };
  frame.metrics = {
      {"gravity_error", "gravity error", error(scores.gravity, truth.gravity),
       Metric::Format::percent, true},
      {"restitution_error", "restitution error", error(scores.restitution, truth.restitution),
       Metric::Format::percent, true},
      number_metric("loss", "loss", trainee.loss(), true),
      number_metric("gravity", "gravity", scores.gravity, false),
      number_metric("restitution", "restitution", scores.restitution, false),
      number_metric("floor", "height of the surface", scores.floor, false),
      number_metric("test_loss", "test loss", scores.test_loss, false),
      number_metric("extrapolation_mse", "extrapolation error", scores.extrapolation_mse, false),
      count_metric("nfe_forward", "evaluations forward", solve.nfe()),
      count_metric("nfe_backward", "evaluations backward", run.backward.nfe()),
      {"state_bytes", "held for the gradient", static_cast<double>(run.training->state_bytes()),
       Metric::Format::bytes, false},
      count_metric("parameters", "parameters", static_cast<double>(trainee.theta().size())),
  };
  return frame;
}

Plot preview(std::string_view parameter, std::string_view choice) {
  Plot plot;
  plot.id = std::string(choice);
  if (parameter != "data") return plot;
  const BouncingBall ball;
  Paths path;
  path.begin();
  for (int i = 0; i < 160; ++i) {
    const double t = 2.4 * i / 159;
    path.append(t, choice == "thrown" ? ball.state(0.8, 4.5, t)[0] : ball.state(2, 0, t)[0]);
  }
  plot.x = {"", -0.1, 2.5};
  plot.y = {"", -0.1, 2.1};
  plot.layers.push_back(make_layer(std::move(path), Role::accent));
  return plot;
}

}  // namespace neural_ode::events
