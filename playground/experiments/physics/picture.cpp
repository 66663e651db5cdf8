#include "playground/experiments/physics/picture.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "playground/picture/plots.h"
#include "playground/training/loss_plot.h"

namespace neural_ode::physics {

namespace {

constexpr int arrows = 22;  // a side

// Two coordinates of a motion: (q, p), or the place (x, y) of a planet; both are the first two.
Matrix<double> plane_points(const std::vector<Trajectory>& motions, Index columns) {
  Matrix<double> points(2, columns * static_cast<Index>(motions.size()));
  for (std::size_t k = 0; k < motions.size(); ++k) {
    points.middleCols(static_cast<Index>(k) * columns, columns) =
        motions[k].y.topLeftCorner(2, columns);
  }
  return points;
}

struct Range {
  double low = 0, high = 0;
  bool empty = true;
  void add(double value) {
    low = empty ? value : std::min(low, value);
    high = empty ? value : std::max(high, value);
    empty = false;
  }
  // Widened by a share of itself on both sides, and by no less than `least` in all.
  void set(Axis& axis, double share, double least) const {
    const double margin = std::max((high - low) * share, (least - (high - low)) / 2);
    axis.minimum = low - margin;
    axis.maximum = high + margin;
  }
};

Paths motion_paths(const Run& run, const std::vector<Trajectory>& motions, Index vertices) {
  Paths paths;
  paths.smooth = true;
  for (const std::size_t k : run.pictured) {
    const Matrix<double>& y = motions[k].y;
    paths.begin();
    for (Index i = 0; i < vertices; ++i) paths.append(y(0, i), y(1, i));
  }
  return paths;
}

Layer observations(const Run& run) {
  Points points;
  for (const Trajectory& motion : run.observed) {
    for (Index i = 0; i < motion.y.cols(); ++i) points.append(motion.y(0, i), motion.y(1, i));
  }
  Layer layer = make_layer(std::move(points), Role::neutral, "observed");
  layer.faint = true;
  return layer;
}

// The field learnt, on a grid over the plot.
Arrows arrows_of(const Run& run, const Vector<float>& theta, const View& view) {
  Arrows field;
  field.nx = field.ny = arrows;
  Matrix<float> y(2, arrows * arrows), dy(2, arrows * arrows);
  for (int j = 0; j < arrows; ++j) {
    for (int i = 0; i < arrows; ++i) {
      const double x = view.centre_x - view.half + 2 * view.half * (i + 0.5) / arrows;
      const double p = view.centre_y - view.half + 2 * view.half * (j + 0.5) / arrows;
      field.append(x, p);
      y.col(j * arrows + i) << static_cast<float>(x), static_cast<float>(p);
    }
  }
  run.model.bind(theta.data());
  run.model.field->eval(Vector<double>::Zero(y.cols()), y, dy);
  for (Index i = 0; i < dy.cols(); ++i) {
    const bool finite = dy.col(i).allFinite();
    field.u.push_back(finite ? dy(0, i) : 0.0F);
    field.v.push_back(finite ? dy(1, i) : 0.0F);
  }
  return field;
}

Plot phase_plot(const Run& run, const Vector<float>& theta) {
  Plot plot;
  plot.id = "phase";
  const bool orbit = run.system().dim == 4;
  plot.title = orbit ? "Orbits around the sun" : "Closed curves, or leaking ones";
  plot.caption = orbit ? "learnt orbits over ten observed spans"
                       : "streams: the learnt law; lines: where it leads in ten observed spans";
  const Index all = run.truth.front().y.cols();
  const View view = view_of(plane_points(run.truth, all), 1.25);
  set_axes(plot, view, orbit ? "x" : "q", orbit ? "y" : "p");
  plot.t_begin = 0;
  plot.t_end = run.truth.front().times.back();
  if (!orbit) plot.layers.push_back(make_layer(arrows_of(run, theta, view), Role::model));
  plot.layers.push_back(
      make_layer(motion_paths(run, run.truth, run.shown), Role::truth, "true motion"));
  plot.layers.push_back(observations(run));
  Paths learnt = motion_paths(run, run.learnt, all);
  learnt.times.assign(run.truth.front().times.begin(), run.truth.front().times.end());
  plot.layers.push_back(make_layer(std::move(learnt), Role::model, "learnt motion"));
  if (orbit) {
    Points sun;
    sun.append(0, 0);
    plot.layers.push_back(make_layer(std::move(sun), Role::class_b, "sun"));
  }
  return plot;
}

Plot energy_plot(const Run& run) {
  Plot plot;
  plot.id = "energy";
  plot.title = "Energy";
  plot.caption = "H along the learnt motions (lines) and the true ones (dashed)";
  const std::vector<double>& times = run.truth.front().times;
  plot.x = {"t", 0, times.back()};
  plot.y.label = "H";
  Range range;
  Paths exact, learnt;
  for (const std::size_t k : run.pictured) {
    exact.begin();
    learnt.begin();
    for (std::size_t i = 0; i < times.size(); ++i) {
      const double expected = run.energy(run.truth[k], static_cast<Index>(i));
      range.add(expected);
      exact.append(times[i], expected);
      learnt.append(times[i], run.energy(run.learnt[k], static_cast<Index>(i)));
    }
  }
  range.set(plot.y, 0.3,
            0.6 * run.system().energy_scale(run.truth[run.pictured.back()].y.col(0).data()));
  plot.layers.push_back(span_layer("observed span", run.system().span, plot.y));
  plot.layers.push_back(make_layer(std::move(exact), Role::truth, "true"));
  plot.layers.back().dashed = true;
  plot.layers.push_back(make_layer(std::move(learnt), Role::model, "learnt"));
  return plot;
}

Plot time_plot(const Run& run) {
  Plot plot;
  plot.id = "time";
  plot.title = "In time";
  const char* coordinate = run.system().dim == 4 ? "x" : "q";
  plot.caption =
      std::string(coordinate) + "(t) of the first motion: observed (dots), learnt, true (dashed)";
  const std::vector<double>& times = run.truth.front().times;
  plot.x = {"t", 0, times.back() / 2};
  plot.y.label = coordinate;
  Curve exact, learnt;
  Points dots;
  Range range;
  for (std::size_t i = 0; 2 * i <= times.size(); ++i) {
    const double expected = run.truth.front().y(0, static_cast<Index>(i));
    range.add(expected);
    exact.append(times[i], expected);
    learnt.append(times[i], run.learnt.front().y(0, static_cast<Index>(i)));
  }
  const Trajectory& observed = run.observed.front();
  for (std::size_t i = 0; i < observed.times.size(); ++i) {
    dots.append(observed.times[i], observed.y(0, static_cast<Index>(i)));
  }
  range.set(plot.y, 0.2, 0.1);
  plot.layers.push_back(span_layer("observed span", run.system().span, plot.y));
  plot.layers.push_back(make_layer(std::move(dots)));
  plot.layers.push_back(make_layer(std::move(exact), Role::truth, "true"));
  plot.layers.back().dashed = true;
  plot.layers.push_back(make_layer(std::move(learnt), Role::model, "learnt"));
  return plot;
}

std::string describe(const Run& run, std::int64_t step) {
  return std::to_string(run.observed.size()) + " observed motions (" +
         std::string(run.system().name) + ") and those that the learnt law (" + run.options.model +
         ") gives over ten times the observed span, " + std::to_string(step) +
         " steps into training; beside them their energies against time.";
}

}  // namespace

Frame picture(const Run& run, const Trainee& trainee, const SolveReport& solve) {
  const Scores& scores = run.scores;
  Frame frame;
  frame.step = trainee.step();
  frame.description = describe(run, frame.step);
  frame.plots.push_back(phase_plot(run, trainee.theta()));
  frame.plots.push_back(energy_plot(run));
  frame.plots.push_back(time_plot(run));
  frame.plots.push_back(loss_plot(trainee));
  frame.metrics = {
      number_metric("energy_drift", "energy drift", scores.energy_drift, true),
      number_metric("loss", "loss", trainee.loss(), true),
      number_metric("test_loss", "test loss", scores.test_loss, true),
      number_metric("energy_error", "energy error", scores.energy_error, false),
      number_metric("trajectory_mse", "trajectory error", scores.trajectory_mse, false),
      number_metric("extrapolation_mse", "extrapolation error", scores.extrapolation_mse, false),
      count_metric("nfe_forward", "evaluations forward", solve.nfe()),
      count_metric("nfe_backward", "evaluations backward", run.gradient->nfe_backward()),
      {"state_bytes", "held for the gradient", static_cast<double>(run.gradient->state_bytes()),
       Metric::Format::bytes, false},
      count_metric("parameters", "parameters", static_cast<double>(trainee.theta().size())),
  };
  return frame;
}

Plot preview(std::string_view parameter, std::string_view choice) {
  Plot plot;
  plot.id = std::string(choice);
  const MechanicalSystem* system = find_mechanical_system(choice);
  if (parameter != "data" || system == nullptr) return plot;
  Rng rng(0, Trainee::data_stream);
  std::vector<double> times;
  for (int i = 0; i < 80; ++i) times.push_back(system->span * i / 79);
  Paths paths = paths_along(make_motions(*system, 0, draw_states(*system, 4, rng), times));
  Matrix<double> points(2, static_cast<Index>(paths.x.size()));
  for (std::size_t i = 0; i < paths.x.size(); ++i) {
    points.col(static_cast<Index>(i)) << static_cast<double>(paths.x[i]),
        static_cast<double>(paths.y[i]);
  }
  set_axes(plot, view_of(points, 1.15), "", "");
  plot.layers.push_back(make_layer(std::move(paths), Role::accent));
  return plot;
}

}  // namespace neural_ode::physics
