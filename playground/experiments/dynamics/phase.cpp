// The hero plot of `dynamics`: the phase portrait, or, where a position alone is observed, the
// position and its rate.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "engine/fields/systems.h"
#include "playground/experiments/dynamics/picture.h"
#include "playground/picture/axis_range.h"
#include "playground/picture/plots.h"

namespace neural_ode::dynamics {

namespace {

constexpr int arrows = 24;  // a side

Arrows arrows_of(const Matrix<double>& grid, const Matrix<double>& rate) {
  Arrows field;
  field.nx = field.ny = arrows;
  for (Index i = 0; i < grid.cols(); ++i) {
    field.append(grid(0, i), grid(1, i));
    const bool finite = std::isfinite(rate(0, i)) && std::isfinite(rate(1, i));
    field.u.push_back(finite ? static_cast<float>(rate(0, i)) : 0.0F);
    field.v.push_back(finite ? static_cast<float>(rate(1, i)) : 0.0F);
  }
  return field;
}

Layer learnt_layer(const Paths& learnt) {
  return make_layer(learnt, Role::model, "learnt motion");
}

std::unique_ptr<VectorField<double>> true_field(const Run& run) {
  return find_system(find_known_data(run.options.data)->system)->make();
}

Plot empty_phase_plot() {
  Plot plot;
  plot.id = "phase";
  plot.title = "The law behind the motion";
  plot.drawing = Plot::Drawing::trajectories;
  return plot;
}

// 2 x N, complete observations.
Matrix<double> shown_values(const ObservedMotions& data) {
  std::vector<std::array<double, 2>> complete;
  for (const Trajectory& motion : data.observed) {
    for (Index i = 0; i < motion.y.cols(); ++i) {
      if (motion.y.col(i).allFinite()) {
        complete.push_back(
            {data.value(0, motion.y(0, i)), data.dim > 1 ? data.value(1, motion.y(1, i)) : 0.0});
      }
    }
  }
  Matrix<double> values(2, static_cast<Index>(complete.size()));
  for (std::size_t i = 0; i < complete.size(); ++i) {
    values.col(static_cast<Index>(i)) << complete[i][0], complete[i][1];
  }
  return values;
}

// Where nobody observes some coordinates, with these at zero.
Arrows model_arrows(const Run& run, const Vector<float>& theta, const Plot& plot) {
  const Matrix<double> grid = cell_centres(plot, arrows);
  Matrix<float> y = Matrix<float>::Zero(run.dim, grid.cols()), dy(run.dim, grid.cols());
  for (Index i = 0; i < grid.cols(); ++i) {
    for (Index d = 0; d < 2; ++d) y(d, i) = static_cast<float>(run.data.from_value(d, grid(d, i)));
  }
  run.field->bind(theta.data());
  run.field->eval(Vector<double>::Constant(grid.cols(), run.t_begin), y, dy);
  Matrix<double> rate(2, grid.cols());
  for (Index i = 0; i < grid.cols(); ++i) {
    for (Index d = 0; d < 2; ++d) {
      rate(d, i) = run.data.rate(d, static_cast<double>(y(d, i)), static_cast<double>(dy(d, i)));
    }
  }
  return arrows_of(grid, rate);
}

void add_true_paths(const Run& run, Plot& plot) {
  for (const bool beyond : {false, true}) {
    std::vector<Trajectory> parts;
    for (std::size_t k = 0; k < run.data.exact.size(); ++k) {
      const Trajectory& exact = run.data.exact[k];
      const Index shown = run.data.exact_shown[k], count = exact.y.cols();
      // The dashed part begins where the other one ends.
      const Index first = beyond ? shown - 1 : 0, last = beyond ? count : shown;
      Matrix<double> part = exact.y.middleCols(first, last - first);
      if (run.data.dim == 1) {
        Matrix<double> dy(part.rows(), part.cols());
        const Vector<double> t = Eigen::Map<const Vector<double>>(exact.times.data(), count)
                                     .segment(first, last - first);
        true_field(run)->eval(t, part, dy);
        part.row(1) = dy.row(0);
      }
      parts.push_back({{}, std::move(part)});
    }
    Paths paths = paths_along(parts);
    paths.smooth = true;
    Layer layer = make_layer(std::move(paths), Role::truth, beyond ? "held back" : "true motion");
    layer.dashed = layer.faint = beyond;
    plot.layers.push_back(std::move(layer));
  }
}

void add_observations(const ObservedMotions& data, Plot& plot) {
  Points seen, kept;
  Index count = 0;
  for (const Trajectory& motion : data.observed) count += motion.y.cols();
  for (std::size_t k = 0; k < data.observed.size(); ++k) {
    const auto& y = data.observed[k].y;
    for (Index i = 0; i < y.cols(); i += shown_stride(count)) {
      if (!y.col(i).allFinite()) continue;
      (i < data.shown[k] ? seen : kept).append(data.value(0, y(0, i)), data.value(1, y(1, i)));
    }
  }
  plot.layers.push_back(make_layer(std::move(seen), Role::neutral, "observed"));
  if (kept.x.empty()) return;
  plot.layers.push_back(make_layer(std::move(kept)));
  plot.layers.back().faint = true;
}

// Coordinates in units of their own, pascal and kelvin, need axes of their own.
void fit_unlike_axes(const ObservedMotions& data, double margin, Plot& plot) {
  constexpr double unlike = 4;
  const double ratio = data.error_unit(0) / data.error_unit(1);
  if (ratio < unlike && ratio > 1 / unlike) return;
  const Matrix<double> values = shown_values(data);
  plot.equal_aspect = false;
  Index d = 0;
  for (Axis* axis : {&plot.x, &plot.y}) {
    AxisRange range;
    for (Index i = 0; i < values.cols(); ++i) range.add(values(d, i));
    const double middle = (range.low() + range.high()) / 2;
    double half = margin * (range.high() - range.low()) / 2;
    if (!(half > 0)) half = data.error_unit(d);
    axis->minimum = middle - half;
    axis->maximum = middle + half;
    ++d;
  }
}

Plot position_plot(const Run& run, const Paths& learnt) {
  Plot plot = empty_phase_plot();
  plot.title = "Position and velocity";
  plot.caption =
      "only the position is observed; lines: the true motion and the learnt one, each with the "
      "velocity that its law gives";
  plot.t_begin = run.data.time(run.t_begin);
  plot.t_end = run.data.time(run.t_end);
  add_true_paths(run, plot);
  const auto& path = std::get<Paths>(plot.layers.front().shape);
  Matrix<double> points(2, static_cast<Index>(path.x.size()));
  for (std::size_t i = 0; i < path.x.size(); ++i) {
    points.col(static_cast<Index>(i)) << static_cast<double>(path.x[i]),
        static_cast<double>(path.y[i]);
  }
  set_axes(plot, view_of(points, 1.2), "position", "velocity");
  plot.layers.push_back(learnt_layer(learnt));
  return plot;
}

}  // namespace

View view_of_observed(const ObservedMotions& data, double margin) {
  const Matrix<double> values = shown_values(data);
  if (data.logarithm_of.empty()) return view_of(values, margin);
  double most = 0;
  for (Index i = 0; i < values.size(); ++i) most = std::max(most, values.data()[i]);
  const double half = most * margin / 2;
  return {half, half, half};
}

Plot phase_plot(const Run& run, const Vector<float>& theta, const Paths& learnt) {
  if (run.data.dim == 1) return position_plot(run, learnt);
  Plot plot = empty_phase_plot();
  set_axes(plot, view_of_observed(run.data, 1.2), run.data.axes[0], run.data.axes[1]);
  fit_unlike_axes(run.data, 1.2, plot);
  plot.t_begin = run.data.time(run.t_begin);
  plot.t_end = run.data.time(run.t_end);
  const bool known = !run.data.exact.empty();
  plot.caption =
      known
          ? "arrows: the true field; streams: the learnt one; lines: the motion each of them gives"
          : "streams: the learnt field; lines: the motion it gives through your observations";
  if (run.options.data == "hare_lynx") {
    plot.caption = "streams: the learnt field; line: the years it gives; faint: held back";
  }
  if (run.options.takes_time) plot.caption += "; the learnt field is drawn at the first time";
  if (run.dim > run.data.dim) plot.caption += "; drawn where the extra coordinates are 0";
  if (known) {
    const Matrix<double> grid = cell_centres(plot, arrows);
    Matrix<double> dy(2, grid.cols());
    true_field(run)->eval(Vector<double>::Zero(grid.cols()), grid, dy);
    plot.layers.push_back(make_layer(arrows_of(grid, dy), Role::truth));
    plot.layers.back().faint = true;
  }
  plot.layers.push_back(make_layer(model_arrows(run, theta, plot), Role::model));
  if (known) add_true_paths(run, plot);
  add_observations(run.data, plot);
  plot.layers.push_back(learnt_layer(learnt));
  return plot;
}

Plot drawn_plot(const OwnTrajectories& own) {
  Plot plot = empty_phase_plot();
  show_drawn(plot, own.trajectories());
  return plot;
}

}  // namespace neural_ode::dynamics
