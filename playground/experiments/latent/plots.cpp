// The plots of the series in the picture of `latent`: in the plane, and in time.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <utility>

#include "playground/experiments/latent/layers.h"
#include "playground/experiments/latent/picture.h"
#include "playground/picture/plots.h"

namespace neural_ode::latent {

namespace {

constexpr Index shown_draws = 8;
constexpr std::array coordinate_roles = {Role::class_a, Role::class_b};

Curve mean_curve(const Run& run, Index d) {
  Curve curve;
  for (Index i = 0; i < run.fit.mean.cols(); ++i)
    curve.append(run.fit.times[static_cast<std::size_t>(i)], run.fit.mean(d, i));
  return curve;
}

Band possible_band(const Run& run, Index d) {
  Band band;
  for (Index i = 0; i < run.fit.low.cols(); ++i) {
    band.append(run.fit.times[static_cast<std::size_t>(i)], run.fit.low(d, i), run.fit.high(d, i));
  }
  return band;
}

std::string curve_name(const Run& run, std::size_t d) {
  const std::string& name = run.data.names[d];
  return name == "x" || name == "y" ? name + "(t)" : name;
}

Layer beyond(const Run& run, const Plot& plot) {
  Band band;
  for (const double t : {run.data.t_window, run.data.t_end})
    band.append(run.data.time(t), plot.y.minimum, plot.y.maximum);
  Layer layer = make_layer(std::move(band), Role::neutral, "never observed");
  layer.faint = true;
  return layer;
}

Points observed_in_time(const Run& run, Index d) {
  const Trajectory& observed = run.query.observations();
  Points points;
  for (Index i = 0; i < observed.y.cols(); ++i) {
    if (std::isnan(observed.y(d, i))) continue;
    points.append(run.data.time(observed.times[static_cast<std::size_t>(i)]),
                  run.data.value(observed.y(d, i), d));
  }
  return points;
}

// 2 x N, as the picture shows them.
Matrix<double> complete_observations(const Run& run) {
  const Matrix<double>& y = run.query.observations().y;
  Matrix<double> complete(2, y.cols());
  Index count = 0;
  for (Index i = 0; i < y.cols(); ++i) {
    if (!y.col(i).allFinite()) continue;
    complete.col(count++) << run.data.value(y(0, i), 0), run.data.value(y(1, i), 1);
  }
  complete.conservativeResize(Eigen::NoChange, count);
  return complete;
}

void set_time_axes(const Run& run, Plot& plot) {
  Range range;
  const Matrix<double>& observed = run.query.observations().y;
  for (Index i = 0; i < observed.cols(); ++i) {
    for (Index d = 0; d < run.data.dim; ++d) {
      if (!std::isnan(observed(d, i))) range.add(run.data.value(observed(d, i), d));
    }
  }
  if (run.data.truth.empty()) {
    for (const double x : run.fit.mean.reshaped()) range.add(x);
  } else {
    for (const double x : run.data.truth[0].y.reshaped()) range.add(x);
  }
  range.pad(0.15, 1e-3 * std::min(1.0, run.data.error_unit(0)));
  plot.x = {run.data.time_label, run.fit.times.front(), run.fit.times.back()};
  const auto& names = run.data.names;
  plot.y = {run.data.dim == 1 ? names[0] : names[0] + ", " + names[1], range.low, range.high};
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
      Curve truth;
      for (Index i = 0; i < run.data.truth[0].y.cols(); ++i) {
        truth.append(run.data.truth[0].times[static_cast<std::size_t>(i)],
                     run.data.truth[0].y(d, i));
      }
      plot.layers.push_back(make_layer(std::move(truth), Role::truth, d == 0 ? "true motion" : ""));
      plot.layers.back().dashed = true;
    }
    plot.layers.push_back(make_layer(possible_band(run, d), role, hero ? "possible" : ""));
    if (hero) {
      plot.layers.push_back(
          make_layer(paths_of(run.fit.draws, run.fit.times, Fit::samples + 1, 0, 1), Role::model,
                     "inferred motion"));
    } else {
      plot.layers.push_back(make_layer(mean_curve(run, d), role, curve_name(run, at)));
    }
    plot.layers.push_back(
        make_layer(observed_in_time(run, d), hero ? Role::neutral : role, hero ? "observed" : ""));
  }
  if (hero) {
    plot.drawing = Plot::Drawing::trajectories;
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
  plot.drawing = Plot::Drawing::trajectories;
  plot.t_begin = run.fit.times.front();
  plot.t_end = run.fit.times.back();
  const Matrix<double> observed = complete_observations(run);
  Matrix<double> about = observed;
  if (!run.data.truth.empty()) {
    about.conservativeResize(2, observed.cols() + run.data.truth[0].y.cols());
    about.rightCols(run.data.truth[0].y.cols()) = run.data.truth[0].y;
  }
  set_axes(plot, view_of(about, 1.4), run.data.names[0], run.data.names[1]);
  if (!run.data.truth.empty() && !run.query.edited()) {
    Paths truth = paths_along({run.data.truth[0]});
    truth.smooth = true;
    plot.layers.push_back(make_layer(std::move(truth), Role::truth, "true motion"));
    plot.layers.back().dashed = true;
  }
  Paths draws = paths_of(run.fit.draws, run.fit.times, Fit::samples + 1, 1, shown_draws);
  draws.times.clear();  // there at all times, not animated
  plot.layers.push_back(make_layer(std::move(draws), Role::model, "possible"));
  plot.layers.back().faint = true;
  Points dots;
  for (Index i = 0; i < observed.cols(); ++i) dots.append(observed(0, i), observed(1, i));
  plot.layers.push_back(make_layer(std::move(dots), Role::neutral, "observed"));
  plot.layers.push_back(make_layer(paths_of(run.fit.draws, run.fit.times, Fit::samples + 1, 0, 1),
                                   Role::model, "inferred motion"));
  return plot;
}

}  // namespace neural_ode::latent
