// What `latent` shows of its codes: where those of the test series are, and what lies between two.
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

constexpr Index codes_between = 9;
constexpr int dragged_series = 3;  // its colour

}  // namespace

void add_dragged_motion(const Run& run, const Vector<float>& theta, Plot& plot) {
  if (run.dragged.size() == 0) return;
  Matrix<double> x;
  if (!curves(run, theta, run.dragged, run.fit.times, x)) return;
  plot.layers.push_back(
      make_layer(paths_of(x, run.fit.times, 1, 0, 1), Role::neutral, "motion of the code dragged"));
  plot.layers.back().series = dragged_series;
}

// Posterior means of the test series in the two coordinates in which they differ most.
Plot latent_plot(const Run& run) {
  Plot plot;
  plot.id = "latent";
  plot.title = "Latent codes";
  const Index latent = run.test_mean.rows(), count = run.test_mean.cols();
  const auto axes = run.axes;
  const std::string names[2] = {"z" + std::to_string(axes[0] + 1),
                                "z" + std::to_string(axes[1] + 1)};
  plot.caption = "z(0) of " + std::to_string(count) + " test series, coloured by " +
                 run.data.hidden_name + "; the ring is dragged along " + names[0] +
                 (latent > 1 ? " and " + names[1] : "") +
                 (latent > 2 ? ", the other coordinates stay" : "");
  Range ranges[2];
  Points points;
  for (Index s = 0; s < count; ++s) {
    const auto a = static_cast<double>(run.test_mean(axes[0], s));
    const auto b = static_cast<double>(run.test_mean(axes[1], s));
    ranges[0].add(a);
    ranges[1].add(b);
    points.append(a, b);
    points.value.push_back(static_cast<float>(run.data.hidden[static_cast<std::size_t>(s)]));
  }
  Points here;
  here.append(static_cast<double>(run.query.mean()[axes[0]]),
              static_cast<double>(run.query.mean()[axes[1]]));
  ranges[0].add(static_cast<double>(here.x[0]));
  ranges[1].add(static_cast<double>(here.y[0]));
  for (Range& range : ranges) range.pad(0.1);
  plot.x = {names[0], ranges[0].low, ranges[0].high};
  plot.y = {names[1], ranges[1].low, ranges[1].high};
  // Axes that made room for what is dragged would run away under the pointer.
  const Vector<float>& code = run.dragged.size() > 0 ? run.dragged : run.query.mean();
  Points handle;
  handle.handle = true;
  handle.append(static_cast<double>(code[axes[0]]), static_cast<double>(code[axes[1]]));
  plot.layers.push_back(make_layer(std::move(points)));
  plot.layers.push_back(make_layer(std::move(here), Role::accent, "the series in the picture"));
  plot.layers.push_back(make_layer(std::move(handle), Role::neutral, "a code to drag"));
  plot.layers.back().series = dragged_series;
  return plot;
}

// Curves of codes on the straight line from that of one test series to that of another.
Plot between_plot(const Run& run, const Vector<float>& theta) {
  Plot plot;
  plot.id = "between";
  plot.title = "Between two codes";
  plot.caption = "what codes on the line between those of two test series stand for";
  const Index last = std::min<Index>(1, run.test_mean.cols() - 1);
  Matrix<float> codes(run.test_mean.rows(), codes_between);
  for (Index k = 0; k < codes_between; ++k) {
    const float share = static_cast<float>(k) / static_cast<float>(codes_between - 1);
    codes.col(k) = (1 - share) * run.test_mean.col(0) + share * run.test_mean.col(last);
  }
  Matrix<double> x;
  if (!curves(run, theta, codes, run.fit.times, x))
    x.setZero(run.data.dim, static_cast<Index>(run.fit.times.size()) * codes_between);
  if (run.data.dim == 1) {
    Range range;
    for (const double value : x.reshaped()) range.add(value);
    range.pad(0.1);
    plot.x = {run.data.time_label, run.fit.times.front(), run.fit.times.back()};
    plot.y = {"x", range.low, range.high};
  } else {
    set_axes(plot, view_of(x, 1.1), run.data.names[0], run.data.names[1]);
  }
  const auto paths = [&](Index first, Index count) {
    Paths lines = paths_of(x, run.fit.times, codes_between, first, count);
    lines.times.clear();  // not animated
    return lines;
  };
  plot.layers.push_back(make_layer(paths(1, codes_between - 2), Role::model));
  plot.layers.back().faint = true;
  plot.layers.push_back(make_layer(paths(0, 1), Role::class_a, "one series"));
  plot.layers.push_back(make_layer(paths(codes_between - 1, 1), Role::class_b, "another"));
  return plot;
}

}  // namespace neural_ode::latent
