// Families of time series for latent models: many series, each of a few hidden numbers, observed
// with noise in a window and known without noise in the window and beyond it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/core/rng.h"
#include "engine/core/types.h"

namespace neural_ode {

struct SeriesSet {
  Index window = 0;                   // T: the first times, which are observed
  std::vector<double> times;          // 2T, increasing, shared by all series: the window and beyond
  std::vector<Matrix<double>> exact;  // D x 2T each; NaN beyond the end of the curve
  std::vector<double> hidden;  // of each series one number that tells it from others, in [0, 1]
};

struct SeriesFamily {
  std::string_view name, label;
  std::string_view hidden;  // what SeriesSet::hidden tells: "direction"
  Index dim;                // D
  double noise;             // the usual standard deviation of observations
  // `held_out` series are whole beyond the window too.
  SeriesSet (*make)(const std::vector<double>& times, int count, bool held_out, Rng& rng);
  // 2T times of which T = 100 are the window.
  std::vector<double> (*make_times)(Rng& rng);
};

// spirals   clockwise and counter-clockwise, as published with [chen2018]: 1000 points of a curve
//           on [0, 6 pi] with r = 15 / (6 pi + 1 - t) about (-5, 0) and angle 6 pi + 1 - t, or
//           r = .3 t about (5, 0) and angle t; a window is 100 of them that begin anywhere in
//           100 .. 899 (held out: .. 799, so that 100 more follow). Every other one is clockwise.
// periodic  sin(2 pi f t + phi), f ~ U[.4, .8], phi ~ N(0, 1), at 100 random times in [0, 5]
//           [rubanova2019], then at the same ones 5 later.
// damped    A exp(-c t) cos(w t + phi), A ~ U[.7, 1.3], c ~ U[.1, .4], w ~ U[2, 4], phi ~ U[0, 2pi]
//           at 100 equal times in [0, 5], then 100 to 10.
std::span<const SeriesFamily> series_families();
const SeriesFamily* find_series_family(std::string_view name);  // null when unknown

}  // namespace neural_ode
