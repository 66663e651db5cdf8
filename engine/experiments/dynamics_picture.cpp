// What `dynamics` shows: the phase portrait, the motions in time, and the numbers.
#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "engine/data/systems.h"
#include "engine/experiments/dynamics_run.h"
#include "engine/experiments/plots.h"

namespace neural_ode {

namespace {

constexpr int arrows = 24;  // a side
constexpr int path_vertices = 201;

// Arrow positions in the middle of arrows x arrows cells of the plot, row by row from the bottom.
Matrix<double> arrow_grid(const Plot& plot) {
  Matrix<double> grid(2, arrows * arrows);
  for (int j = 0; j < arrows; ++j) {
    for (int i = 0; i < arrows; ++i) {
      const double u = (i + 0.5) / arrows, v = (j + 0.5) / arrows;
      grid.col(j * arrows + i) << plot.x.minimum + u * (plot.x.maximum - plot.x.minimum),
          plot.y.minimum + v * (plot.y.maximum - plot.y.minimum);
    }
  }
  return grid;
}

Layer arrow_layer(const Matrix<double>& grid, const Matrix<double>& dy, Role role,
                  std::string label) {
  Layer layer;
  layer.kind = LayerKind::arrows;
  layer.role = role;
  layer.label = std::move(label);
  layer.nx = layer.ny = arrows;
  for (Index i = 0; i < grid.cols(); ++i) {
    append_vertex(layer, grid(0, i), grid(1, i));
    const bool finite = std::isfinite(dy(0, i)) && std::isfinite(dy(1, i));
    layer.u.push_back(finite ? static_cast<float>(dy(0, i)) : 0.0F);
    layer.v.push_back(finite ? static_cast<float>(dy(1, i)) : 0.0F);
  }
  return layer;
}

Layer truth_arrows(const Plot& plot, const KnownData& known) {
  const Matrix<double> grid = arrow_grid(plot);
  Matrix<double> dy(2, grid.cols());
  find_system(known.system)->make()->eval(Vector<double>::Zero(grid.cols()), grid, dy);
  Layer layer = arrow_layer(grid, dy, Role::truth, "");
  layer.faint = true;
  return layer;
}

Plot empty_phase_plot() {
  Plot plot;
  plot.id = "phase";
  plot.title = "The law behind the motion";
  plot.editable = true;
  return plot;
}

}  // namespace

Matrix<double> Dynamics::all_points() const {
  Index count = 0;
  for (const Trajectory& trajectory : data_.observed) count += trajectory.y.cols();
  Matrix<double> points(2, count);
  Index at = 0;
  for (const Trajectory& trajectory : data_.observed) {
    points.middleCols(at, trajectory.y.cols()) = trajectory.y;
    at += trajectory.y.cols();
  }
  return points;
}

Layer Dynamics::model_arrows(const Plot& plot) {
  const Matrix<double> grid = arrow_grid(plot);
  Matrix<float> dy(2, grid.cols());
  const Matrix<float> y = grid.cast<float>();
  field_->bind(trainee_.theta().data());
  field_->eval(Vector<double>::Constant(grid.cols(), t_begin_), y, dy);
  return arrow_layer(grid, dy.cast<double>(), Role::model, "");
}

Layer Dynamics::true_paths(bool beyond) const {
  std::vector<Trajectory> parts;
  for (std::size_t k = 0; k < data_.exact.size(); ++k) {
    const Index shown = train_ranges_[k].last, count = data_.exact[k].y.cols();
    // The dashed part begins where the other one ends.
    const Index first = beyond ? shown - 1 : 0, last = beyond ? count : shown;
    parts.push_back({{}, data_.exact[k].y.middleCols(first, last - first)});
  }
  Layer layer = path_layer(parts);
  layer.role = Role::truth;
  layer.dashed = layer.faint = beyond;
  layer.smooth = true;
  layer.label = beyond ? "held back" : "true motion";
  return layer;
}

Layer Dynamics::learnt_paths() {
  const auto count = static_cast<Index>(data_.observed.size());
  Matrix<double> times(path_vertices, count);
  Layer layer;
  layer.kind = LayerKind::paths;
  layer.role = Role::model;
  layer.smooth = true;
  layer.label = "learnt motion";
  for (int i = 0; i < path_vertices; ++i) {
    const double since = (t_end_ - t_begin_) * i / (path_vertices - 1);
    layer.times.push_back(static_cast<float>(t_begin_ + since));
    for (Index k = 0; k < count; ++k) {
      times(i, k) = data_.observed[static_cast<std::size_t>(k)].times.front() + since;
    }
  }
  const auto& states = learnt(times);
  for (Index k = 0; k < count; ++k) {
    layer.starts.push_back(static_cast<std::uint32_t>(layer.x.size()));
    // A motion that ran away stays where it was last seen: paths that share times have equal
    // length.
    double x = data_.observed[static_cast<std::size_t>(k)].y(0, 0);
    double y = data_.observed[static_cast<std::size_t>(k)].y(1, 0);
    for (const Matrix<float>& state : states) {
      if (state.col(k).allFinite()) {
        x = static_cast<double>(state(0, k));
        y = static_cast<double>(state(1, k));
      }
      append_vertex(layer, x, y);
    }
  }
  return layer;
}

// The phase portrait when there is no run: what was drawn so far.
Plot Dynamics::drawn_plot() const {
  Plot plot = empty_phase_plot();
  set_axes(plot, {0, 0, 2.5}, "x", "y");
  plot.caption = "draw a curve: each point is one observation";
  std::vector<Trajectory> drawn = own_.trajectories();
  plot.layers.push_back(path_layer(drawn));
  Layer points = path_layer(drawn);
  points.kind = LayerKind::points;
  points.label = "your observations";
  points.role = Role::train;
  points.starts.clear();
  plot.layers.push_back(std::move(points));
  return plot;
}

Plot Dynamics::phase_plot(const Layer& learnt) {
  Plot plot = empty_phase_plot();
  set_axes(plot, view_of(all_points(), 1.2), "x", "y");
  plot.t_begin = t_begin_;
  plot.t_end = t_end_;
  const KnownData* known = find_known_data(settings_.choice("data"));
  plot.caption =
      known
          ? "arrows: the true field; streams: the learnt one; lines: the motion each of them gives"
          : "streams: the learnt field; lines: the motion it gives through your observations";
  if (takes_time(settings_)) plot.caption += "; the learnt field is drawn at the first time";
  if (known) plot.layers.push_back(truth_arrows(plot, *known));
  plot.layers.push_back(model_arrows(plot));
  if (known) {
    plot.layers.push_back(true_paths(false));
    plot.layers.push_back(true_paths(true));
  }
  Layer seen, kept;
  seen.role = Role::neutral;
  seen.label = "observed";
  kept.role = Role::neutral;
  kept.faint = true;
  for (std::size_t k = 0; k < data_.observed.size(); ++k) {
    const auto& y = data_.observed[k].y;
    for (Index i = 0; i < y.cols(); ++i) {
      append_vertex(i < train_ranges_[k].last ? seen : kept, y(0, i), y(1, i));
    }
  }
  plot.layers.push_back(std::move(seen));
  if (!kept.x.empty()) plot.layers.push_back(std::move(kept));
  plot.layers.push_back(learnt);
  return plot;
}

Plot Dynamics::time_plot(const Layer& learnt) const {
  Plot plot;
  plot.id = "time";
  plot.title = "In time";
  plot.caption =
      "x(t) and y(t) of the first motion: observed (dots), learnt (lines), extrapolated "
      "(dashed)";
  plot.x = {"t", t_begin_, t_end_};
  const View view = view_of(all_points(), 1.1);
  plot.y.minimum = std::min(view.centre_x, view.centre_y) - view.half;
  plot.y.maximum = std::max(view.centre_x, view.centre_y) + view.half;

  const Trajectory& observed = data_.observed.front();
  const double start = observed.times.front();
  const double end_shown = observed.times[static_cast<std::size_t>(train_ranges_.front().last) - 1];
  const std::array labels = {"x(t)", "y(t)"};
  const std::array roles = {Role::class_a, Role::class_b};
  for (std::size_t d = 0; d < 2; ++d) {
    Layer dots;
    dots.role = roles[d];
    dots.faint = true;
    for (std::size_t i = 0; i < observed.times.size(); ++i) {
      append_vertex(dots, observed.times[i],
                    observed.y(static_cast<Index>(d), static_cast<Index>(i)));
    }
    Layer shown;
    shown.kind = LayerKind::curve;
    shown.role = roles[d];
    Layer beyond = shown;
    shown.label = labels[d];
    beyond.dashed = true;
    const auto& values = d == 0 ? learnt.x : learnt.y;
    for (std::size_t i = 0; i < static_cast<std::size_t>(path_vertices); ++i) {
      const double t = start + static_cast<double>(learnt.times[i]) - t_begin_;
      if (t > observed.times.back() + 1e-6) break;
      const auto value = static_cast<double>(values[i]);
      append_vertex(t <= end_shown ? shown : beyond, t, value);
      if (t <= end_shown) {  // the dashed part begins at the last point of the other
        beyond.x.assign(1, static_cast<float>(t));
        beyond.y.assign(1, values[i]);
      }
    }
    plot.layers.push_back(std::move(dots));
    plot.layers.push_back(std::move(shown));
    plot.layers.push_back(std::move(beyond));
  }
  return plot;
}

std::string Dynamics::describe() const {
  if (!field_) return "Your own curves; there is too little of them to train on.";
  std::string text = "The plane with " + std::to_string(data_.observed.size()) +
                     " observed motions (" + settings_.choice("data") +
                     "), the learnt vector field as arrows and the motions it predicts, " +
                     std::to_string(trainee_.step()) + " steps into training.";
  if (!data_.exact.empty()) text += " The true field and motions are drawn underneath.";
  return text;
}

Frame Dynamics::frame() {
  if (field_ && tested_step_ != trainee_.step()) test();
  return picture();
}

Frame Dynamics::picture() {
  Frame frame;
  frame.step = field_ ? trainee_.step() : 0;
  frame.description = describe();
  if (!field_) {
    frame.plots.push_back(drawn_plot());
    return frame;
  }
  const Layer learnt = learnt_paths();
  frame.plots.push_back(phase_plot(learnt));
  frame.plots.push_back(loss_plot(trainee_));
  frame.plots.push_back(time_plot(learnt));
  frame.metrics = {
      number_metric("trajectory_mse", "trajectory error", scores_.trajectory_mse, true),
      number_metric("loss", "loss", trainee_.loss(), true),
      number_metric("test_loss", "test loss", scores_.test_loss, true),
      number_metric("extrapolation_mse", "extrapolation error", scores_.extrapolation_mse, false),
      count_metric("nfe_forward", "evaluations forward", solve_.nfe()),
      count_metric("nfe_backward", "evaluations backward", gradient_->nfe_backward()),
      {"state_bytes", "held for the gradient", static_cast<double>(gradient_->state_bytes()),
       Metric::Format::bytes, false},
      count_metric("parameters", "parameters", static_cast<double>(trainee_.theta().size())),
  };
  if (const double error = matrix_error(); std::isfinite(error)) {
    frame.metrics.insert(frame.metrics.begin() + 1,
                         number_metric("matrix_error", "largest matrix error", error, true));
  }
  return frame;
}

Plot Dynamics::preview(std::string_view parameter, std::string_view choice) const {
  Plot plot;
  plot.id = std::string(choice);
  if (parameter != "data") return plot;
  std::vector<Trajectory> trajectories;
  if (const KnownData* known = find_known_data(choice)) {
    Rng rng(0, Trainee::data_stream);
    trajectories = make_trajectories(known->system, 3, 100, known->t_end, 0, rng).exact;
  } else {
    trajectories = own_.trajectories();
  }
  plot.layers.push_back(path_layer(trajectories));
  plot.layers.back().role = Role::accent;
  Matrix<double> points(2, static_cast<Index>(plot.layers.back().x.size()));
  Index at = 0;
  for (const Trajectory& trajectory : trajectories) {
    points.middleCols(at, trajectory.y.cols()) = trajectory.y;
    at += trajectory.y.cols();
  }
  set_axes(plot, view_of(points, 1.15), "", "");
  return plot;
}

}  // namespace neural_ode
