// What `physics` shows: orbits, energies, the motion in time, and the numbers.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "playground/experiments/physics/run.h"
#include "playground/picture/plots.h"
#include "playground/training/loss_plot.h"

namespace neural_ode {

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

// The part of the time axis that was observed.
Layer span_band(double end, const Axis& height) {
  Layer band;
  band.kind = LayerKind::band;
  band.role = Role::neutral;
  band.faint = true;
  band.label = "observed span";
  for (const double t : {0.0, end}) {
    append_vertex(band, t, height.minimum);
    band.z.push_back(static_cast<float>(height.maximum));
  }
  return band;
}

Layer curve(Role role, std::string label) {
  Layer layer;
  layer.kind = LayerKind::curve;
  layer.role = role;
  layer.label = std::move(label);
  return layer;
}

}  // namespace

Layer Physics::motion_paths(const std::vector<Trajectory>& motions, Index vertices) const {
  Layer layer;
  layer.kind = LayerKind::paths;
  layer.smooth = true;
  for (const std::size_t k : pictured_) {
    const Matrix<double>& y = motions[k].y;
    layer.starts.push_back(static_cast<std::uint32_t>(layer.x.size()));
    for (Index i = 0; i < vertices; ++i) append_vertex(layer, y(0, i), y(1, i));
  }
  return layer;
}

Layer Physics::observations() const {
  Layer layer;
  layer.role = Role::neutral;
  layer.label = "observed";
  layer.faint = true;
  for (const Trajectory& motion : observed_) {
    for (Index i = 0; i < motion.y.cols(); ++i)
      append_vertex(layer, motion.y(0, i), motion.y(1, i));
  }
  return layer;
}

Plot Physics::phase_plot() {
  Plot plot;
  plot.id = "phase";
  const bool orbit = system_->dim == 4;
  plot.title = orbit ? "Orbits around the sun" : "Closed curves, or leaking ones";
  plot.caption = orbit ? "learnt orbits over ten observed spans"
                       : "streams: the learnt law; lines: where it leads in ten observed spans";
  const Index all = truth_.front().y.cols();
  const View view = view_of(plane_points(truth_, all), 1.25);
  set_axes(plot, view, orbit ? "x" : "q", orbit ? "y" : "p");
  plot.t_begin = 0;
  plot.t_end = truth_.front().times.back();
  if (!orbit) {
    Layer layer;
    layer.kind = LayerKind::arrows;
    layer.role = Role::model;
    layer.nx = layer.ny = arrows;
    Matrix<float> y(2, arrows * arrows), dy(2, arrows * arrows);
    for (int j = 0; j < arrows; ++j) {
      for (int i = 0; i < arrows; ++i) {
        const double x = plot.x.minimum + 2 * view.half * (i + 0.5) / arrows;
        const double p = plot.y.minimum + 2 * view.half * (j + 0.5) / arrows;
        append_vertex(layer, x, p);
        y.col(j * arrows + i) << static_cast<float>(x), static_cast<float>(p);
      }
    }
    model_.bind(trainee_.theta().data());
    model_.field->eval(Vector<double>::Zero(y.cols()), y, dy);
    for (Index i = 0; i < dy.cols(); ++i) {
      const bool finite = dy.col(i).allFinite();
      layer.u.push_back(finite ? dy(0, i) : 0.0F);
      layer.v.push_back(finite ? dy(1, i) : 0.0F);
    }
    plot.layers.push_back(std::move(layer));
  }
  Layer exact = motion_paths(truth_, shown_);
  exact.role = Role::truth;
  exact.label = "true motion";
  plot.layers.push_back(std::move(exact));
  plot.layers.push_back(observations());
  Layer learnt = motion_paths(learnt_, all);
  learnt.role = Role::model;
  learnt.label = "learnt motion";
  learnt.times.assign(truth_.front().times.begin(), truth_.front().times.end());
  plot.layers.push_back(std::move(learnt));
  if (orbit) {
    Layer sun;
    sun.role = Role::class_b;
    sun.label = "sun";
    append_vertex(sun, 0, 0);
    plot.layers.push_back(std::move(sun));
  }
  return plot;
}

Plot Physics::energy_plot() const {
  Plot plot;
  plot.id = "energy";
  plot.title = "Energy";
  plot.caption = "H along the learnt motions (lines) and the true ones (dashed)";
  const std::vector<double>& times = truth_.front().times;
  plot.x = {"t", 0, times.back()};
  plot.y.label = "H";
  const auto energy = [&](const Trajectory& motion, Index i) {
    return system_->energy(motion.y.col(i).data(), nullptr);
  };
  Range range;
  Layer exact = curve(Role::truth, "true");
  exact.kind = LayerKind::paths;
  exact.dashed = true;
  Layer learnt = curve(Role::model, "learnt");
  learnt.kind = LayerKind::paths;
  for (const std::size_t k : pictured_) {
    exact.starts.push_back(static_cast<std::uint32_t>(exact.x.size()));
    learnt.starts.push_back(static_cast<std::uint32_t>(learnt.x.size()));
    for (std::size_t i = 0; i < times.size(); ++i) {
      const double expected = energy(truth_[k], static_cast<Index>(i));
      range.add(expected);
      append_vertex(exact, times[i], expected);
      append_vertex(learnt, times[i], energy(learnt_[k], static_cast<Index>(i)));
    }
  }
  range.set(plot.y, 0.3, 0.6 * system_->energy_scale(truth_[pictured_.back()].y.col(0).data()));
  plot.layers.push_back(span_band(system_->span, plot.y));
  plot.layers.push_back(std::move(exact));
  plot.layers.push_back(std::move(learnt));
  return plot;
}

Plot Physics::time_plot() const {
  Plot plot;
  plot.id = "time";
  plot.title = "In time";
  const char* coordinate = system_->dim == 4 ? "x" : "q";
  plot.caption =
      std::string(coordinate) + "(t) of the first motion: observed (dots), learnt, true (dashed)";
  const std::vector<double>& times = truth_.front().times;
  plot.x = {"t", 0, times.back() / 2};
  plot.y.label = coordinate;
  Layer exact = curve(Role::truth, "true"), learnt = curve(Role::model, "learnt"), dots;
  exact.dashed = true;
  dots.role = Role::neutral;
  Range range;
  for (std::size_t i = 0; 2 * i <= times.size(); ++i) {
    const double expected = truth_.front().y(0, static_cast<Index>(i));
    range.add(expected);
    append_vertex(exact, times[i], expected);
    append_vertex(learnt, times[i], learnt_.front().y(0, static_cast<Index>(i)));
  }
  const Trajectory& observed = observed_.front();
  for (std::size_t i = 0; i < observed.times.size(); ++i) {
    append_vertex(dots, observed.times[i], observed.y(0, static_cast<Index>(i)));
  }
  range.set(plot.y, 0.2, 0.1);
  plot.layers.push_back(span_band(system_->span, plot.y));
  plot.layers.push_back(std::move(dots));
  plot.layers.push_back(std::move(exact));
  plot.layers.push_back(std::move(learnt));
  return plot;
}

std::string Physics::describe() const {
  return std::to_string(observed_.size()) + " observed motions (" + settings_.choice("data") +
         ") and those that the learnt law (" + settings_.choice("model") +
         ") gives over ten times the observed span, " + std::to_string(trainee_.step()) +
         " steps into training; beside them their energies against time.";
}

Frame Physics::frame() {
  Frame frame;
  if (!model_.field) return frame;
  frame.step = trainee_.step();
  if (tested_step_ != trainee_.step()) test();
  frame.description = describe();
  frame.plots.push_back(phase_plot());
  frame.plots.push_back(energy_plot());
  frame.plots.push_back(time_plot());
  frame.plots.push_back(loss_plot(trainee_));
  frame.metrics = {
      number_metric("energy_drift", "energy drift", scores_.energy_drift, true),
      number_metric("loss", "loss", trainee_.loss(), true),
      number_metric("test_loss", "test loss", scores_.test_loss, true),
      number_metric("energy_error", "energy error", scores_.energy_error, false),
      number_metric("trajectory_mse", "trajectory error", scores_.trajectory_mse, false),
      number_metric("extrapolation_mse", "extrapolation error", scores_.extrapolation_mse, false),
      count_metric("nfe_forward", "evaluations forward", solve_.nfe()),
      count_metric("nfe_backward", "evaluations backward", gradient_->nfe_backward()),
      {"state_bytes", "held for the gradient", static_cast<double>(gradient_->state_bytes()),
       Metric::Format::bytes, false},
      count_metric("parameters", "parameters", static_cast<double>(trainee_.theta().size())),
  };
  return frame;
}

Plot Physics::preview(std::string_view parameter, std::string_view choice) const {
  Plot plot;
  plot.id = std::string(choice);
  const MechanicalSystem* system = find_mechanical_system(choice);
  if (parameter != "data" || system == nullptr) return plot;
  Rng rng(0, Trainee::data_stream);
  std::vector<double> times;
  for (int i = 0; i < 80; ++i) times.push_back(system->span * i / 79);
  plot.layers.push_back(path_layer(make_motions(*system, 0, draw_states(*system, 4, rng), times)));
  const Layer& paths = plot.layers.back();
  plot.layers.back().role = Role::accent;
  Matrix<double> points(2, static_cast<Index>(paths.x.size()));
  for (std::size_t i = 0; i < paths.x.size(); ++i) {
    points.col(static_cast<Index>(i)) << static_cast<double>(paths.x[i]),
        static_cast<double>(paths.y[i]);
  }
  set_axes(plot, view_of(points, 1.15), "", "");
  return plot;
}

}  // namespace neural_ode
