// The densities in the picture of `density`: of the flow, and of the planar flow beside it.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "engine/core/math.h"
#include "playground/experiments/density/picture.h"

namespace neural_ode::density {

namespace {

constexpr int cells = 48;          // of a heatmap, each way
constexpr int slices = 7;          // of t
constexpr double faintest = 0.02;  // the largest density that still fills the colour map

// The middles of the cells of [-half, half]^2, 2 x cells^2.
Matrix<float> centres_of(double half) {
  const double side = 2 * half / cells;
  Matrix<float> centres(2, cells * cells);
  for (int j = 0; j < cells; ++j) {
    for (int i = 0; i < cells; ++i) {
      centres(0, j * cells + i) = static_cast<float>(-half + (i + 0.5) * side);
      centres(1, j * cells + i) = static_cast<float>(-half + (j + 0.5) * side);
    }
  }
  return centres;
}

double density_of(double log_prob) {
  return math::exp(std::min(log_prob, 50.0));
}

// log_prob_at(t, last): log p_t at the centres.
template <class LogProbAt>
Heatmap heatmap(const View& box, const LogProbAt& log_prob_at) {
  Heatmap map;
  map.nx = map.ny = cells;
  map.x_range = {static_cast<float>(box.centre_x - box.half),
                 static_cast<float>(box.centre_x + box.half)};
  map.y_range = {static_cast<float>(box.centre_y - box.half),
                 static_cast<float>(box.centre_y + box.half)};
  double largest = faintest;
  for (int k = 0; k < slices; ++k) {
    const double t = static_cast<double>(k) / (slices - 1);
    const bool last = k + 1 == slices;
    map.times.push_back(static_cast<float>(t));
    for (const double each : log_prob_at(t, last)) {
      const double density = density_of(each);
      const double shown = std::isfinite(density) ? density : 0;
      map.z.push_back(static_cast<float>(shown));
      if (last) largest = std::max(largest, shown);
    }
  }
  map.z_max = static_cast<float>(largest);
  return map;
}

}  // namespace

void fill_heatmaps(Run& run, const Vector<float>& theta) {
  run.shown.heatmap = run.shown.planar_heatmap = {};
  run.shown.mass = unknown;
  const View box = view_of_run(run);
  const double half = box.half / run.scale.half, side = 2 * half / cells;
  const Matrix<float> centres = centres_of(half);
  if (run.planar) {
    Vector<double> log_prob(centres.cols());
    run.shown.planar_heatmap = heatmap(box, [&](double t, bool) -> const Vector<double>& {
      const int done = static_cast<int>(std::lround((1 - t) * run.planar->layers()));
      run.planar->log_prob(run.planar_theta(theta), centres, done, log_prob);
      return log_prob;
    });
  }
  if (!run.source->log_prob) return;
  double mass = 0;
  run.shown.heatmap = heatmap(box, [&](double t, bool last) -> const Vector<double>& {
    const Vector<double>& log_prob = run.model->log_prob(
        run.field_theta(theta), centres, t, run.source->log_prob, last ? *run.solver : *run.coarse);
    if (last) {
      for (const double each : log_prob) mass += density_of(each) * side * side;
    }
    return log_prob;
  });
  run.shown.mass = mass;
}

Plot planar_plot(const Run& run) {
  Plot plot;
  plot.id = "planar";
  plot.title = std::to_string(run.planar->layers()) + " planar layers";
  plot.caption = "the density of a discrete flow trained on the same batches, layer by layer";
  set_axes(plot, view_of_run(run), "x₁", "x₂");
  plot.t_begin = 0;
  plot.t_end = 1;
  plot.layers.push_back(make_layer(run.shown.planar_heatmap, Role::neutral, "density"));
  plot.layers.push_back(data_layer(run));
  return plot;
}

}  // namespace neural_ode::density
