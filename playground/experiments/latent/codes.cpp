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
  plot.layers.push_back(paths_of(x, run.fit.times, 1, 0, 1));
  plot.layers.back().series = dragged_series;
  plot.layers.back().label = "motion of the code dragged";
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
  Layer points;
  for (Index s = 0; s < count; ++s) {
    const auto a = static_cast<double>(run.test_mean(axes[0], s));
    const auto b = static_cast<double>(run.test_mean(axes[1], s));
    ranges[0].add(a);
    ranges[1].add(b);
    append_vertex(points, a, b);
    points.z.push_back(static_cast<float>(run.data.hidden[static_cast<std::size_t>(s)]));
  }
  Layer here;
  here.role = Role::accent;
  here.label = "the series in the picture";
  append_vertex(here, static_cast<double>(run.query.mean()[axes[0]]),
                static_cast<double>(run.query.mean()[axes[1]]));
  ranges[0].add(static_cast<double>(here.x[0]));
  ranges[1].add(static_cast<double>(here.y[0]));
  for (Range& range : ranges) range.pad(0.1);
  plot.x = {names[0], ranges[0].low, ranges[0].high};
  plot.y = {names[1], ranges[1].low, ranges[1].high};
  // Axes that made room for what is dragged would run away under the pointer.
  const Vector<float>& code = run.dragged.size() > 0 ? run.dragged : run.query.mean();
  Layer handle;
  handle.handle = true;
  handle.series = dragged_series;
  handle.label = "a code to drag";
  append_vertex(handle, static_cast<double>(code[axes[0]]), static_cast<double>(code[axes[1]]));
  plot.layers.push_back(std::move(points));
  plot.layers.push_back(std::move(here));
  plot.layers.push_back(std::move(handle));
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
    plot.x = {"t", run.fit.times.front(), run.fit.times.back()};
    plot.y = {"x", range.low, range.high};
  } else {
    set_axes(plot, view_of(x, 1.1), "x", "y");
  }
  Layer middle = paths_of(x, run.fit.times, codes_between, 1, codes_between - 2);
  middle.role = Role::model;
  middle.faint = true;
  middle.times.clear();
  plot.layers.push_back(std::move(middle));
  for (const Index k : {Index{0}, codes_between - 1}) {
    Layer end = paths_of(x, run.fit.times, codes_between, k, 1);
    end.role = k == 0 ? Role::class_a : Role::class_b;
    end.label = k == 0 ? "one series" : "another";
    end.times.clear();
    plot.layers.push_back(std::move(end));
  }
  return plot;
}

}  // namespace neural_ode::latent
