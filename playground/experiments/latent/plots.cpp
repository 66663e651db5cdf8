// The plots of the series in the picture of `latent`: in the plane, and in time.
#include <array>
#include <string>
#include <utility>

#include "playground/experiments/latent/layers.h"
#include "playground/experiments/latent/picture.h"
#include "playground/picture/plots.h"

namespace neural_ode::latent {

namespace {

constexpr Index shown_draws = 8;
constexpr std::array coordinate_names = {"x(t)", "y(t)"};
constexpr std::array coordinate_roles = {Role::class_a, Role::class_b};

Layer curve(const Run& run, Index d, Role role, std::string label) {
  Layer layer;
  layer.kind = LayerKind::curve;
  layer.role = role;
  layer.label = std::move(label);
  for (Index i = 0; i < run.fit.mean.cols(); ++i)
    append_vertex(layer, run.fit.times[static_cast<std::size_t>(i)], run.fit.mean(d, i));
  return layer;
}

Layer band(const Run& run, Index d, Role role, std::string label) {
  Layer layer;
  layer.kind = LayerKind::band;
  layer.role = role;
  layer.label = std::move(label);
  for (Index i = 0; i < run.fit.low.cols(); ++i) {
    append_vertex(layer, run.fit.times[static_cast<std::size_t>(i)], run.fit.low(d, i));
    layer.z.push_back(static_cast<float>(run.fit.high(d, i)));
  }
  return layer;
}

Layer beyond(const Run& run, const Plot& plot) {
  Layer layer;
  layer.kind = LayerKind::band;
  layer.role = Role::neutral;
  layer.faint = true;
  layer.label = "never observed";
  for (const double t : {run.data.t_window, run.data.t_end}) {
    append_vertex(layer, t, plot.y.minimum);
    layer.z.push_back(static_cast<float>(plot.y.maximum));
  }
  return layer;
}

Layer observed_in_time(const Run& run, Index d, Role role) {
  const Trajectory& observed = run.query.observations();
  Layer layer;
  layer.role = role;
  for (Index i = 0; i < observed.y.cols(); ++i)
    append_vertex(layer, observed.times[static_cast<std::size_t>(i)], observed.y(d, i));
  return layer;
}

void set_time_axes(const Run& run, Plot& plot) {
  Range range;
  for (const double x : run.query.observations().y.reshaped()) range.add(x);
  if (run.data.truth.empty()) {
    for (const double x : run.fit.mean.reshaped()) range.add(x);
  } else {
    for (const double x : run.data.truth[0].y.reshaped()) range.add(x);
  }
  range.pad(0.15);
  plot.x = {"t", run.fit.times.front(), run.fit.times.back()};
  plot.y = {run.data.dim == 1 ? "x" : "x, y", range.low, range.high};
}

}  // namespace

Plot time_plot(const Run& run, bool hero) {
  Plot plot;
  plot.id = "time";
  plot.title = hero ? "A motion from a few observations" : "In time";
  plot.caption = "dots: observed; line: inferred; band: 95 % of the possible motions";
  set_time_axes(run, plot);
  plot.layers.push_back(beyond(run, plot));
  for (Index d = 0; d < run.data.dim; ++d) {
    const auto at = static_cast<std::size_t>(d);
    const Role role = hero ? Role::model : coordinate_roles[at];
    if (!run.data.truth.empty() && !run.query.edited()) {
      Layer truth;
      truth.kind = LayerKind::curve;
      truth.role = Role::truth;
      truth.dashed = true;
      if (d == 0) truth.label = "true motion";
      for (Index i = 0; i < run.data.truth[0].y.cols(); ++i) {
        append_vertex(truth, run.data.truth[0].times[static_cast<std::size_t>(i)],
                      run.data.truth[0].y(d, i));
      }
      plot.layers.push_back(std::move(truth));
    }
    plot.layers.push_back(band(run, d, role, hero ? "possible" : ""));
    if (hero) {
      plot.layers.push_back(paths_of(run.fit.draws, run.fit.times, Fit::samples + 1, 0, 1));
      plot.layers.back().role = Role::model;
      plot.layers.back().label = "inferred motion";
    } else {
      plot.layers.push_back(curve(run, d, role, coordinate_names[at]));
    }
    plot.layers.push_back(observed_in_time(run, d, hero ? Role::neutral : role));
    if (hero) plot.layers.back().label = "observed";
  }
  if (hero) {
    plot.editable = true;
    plot.t_begin = run.fit.times.front();
    plot.t_end = run.fit.times.back();
  }
  return plot;
}

Plot plane_plot(const Run& run) {
  Plot plot;
  plot.id = "plane";
  plot.title = "A motion from a few observations";
  plot.caption = "dots: observed; bold line: inferred; thin lines: others that are possible";
  plot.editable = true;
  plot.t_begin = run.fit.times.front();
  plot.t_end = run.fit.times.back();
  const Trajectory& observed = run.query.observations();
  Matrix<double> about = observed.y;
  if (!run.data.truth.empty()) {
    about.conservativeResize(2, observed.y.cols() + run.data.truth[0].y.cols());
    about.rightCols(run.data.truth[0].y.cols()) = run.data.truth[0].y;
  }
  set_axes(plot, view_of(about, 1.4), "x", "y");
  if (!run.data.truth.empty() && !run.query.edited()) {
    plot.layers.push_back(path_layer({run.data.truth[0]}));
    plot.layers.back().role = Role::truth;
    plot.layers.back().dashed = true;
    plot.layers.back().smooth = true;
    plot.layers.back().label = "true motion";
  }
  plot.layers.push_back(paths_of(run.fit.draws, run.fit.times, Fit::samples + 1, 1, shown_draws));
  plot.layers.back().times.clear();  // there at all times, not animated
  plot.layers.back().role = Role::model;
  plot.layers.back().faint = true;
  plot.layers.back().label = "possible";
  Layer dots;
  dots.label = "observed";
  for (Index i = 0; i < observed.y.cols(); ++i)
    append_vertex(dots, observed.y(0, i), observed.y(1, i));
  plot.layers.push_back(std::move(dots));
  plot.layers.push_back(paths_of(run.fit.draws, run.fit.times, Fit::samples + 1, 0, 1));
  plot.layers.back().role = Role::model;
  plot.layers.back().label = "inferred motion";
  return plot;
}

}  // namespace neural_ode::latent
