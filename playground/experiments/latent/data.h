// What `latent` learns from: noisy windows of many time series, of which the encoder sees some
// observations.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "engine/core/rng.h"
#include "engine/data/trajectories.h"
#include "engine/models/series_batch.h"
#include "playground/experiments/latent/parameters.h"
#include "playground/own_data/own_trajectories.h"
#include "playground/own_data/units.h"

namespace neural_ode::latent {

struct Data {
  Index dim = 2;
  double t0 = 0;                        // of the latent code, before all observations
  double t_window = 0, t_end = 0;       // the end of what is observed, and of what is shown
  std::vector<Trajectory> train, test;  // noisy observations
  std::vector<Trajectory> truth;  // of test: window and beyond, without noise; own data: empty
  // Which observations of each series the encoder is shown, increasing.
  std::vector<std::vector<int>> train_seen, test_seen;
  std::vector<double> hidden;  // of test: what tells the series apart, in [0, 1]
  std::string hidden_name;
  // Own data are kept in `units`; all times and values here are. The model works with
  // (x - shift) / scale.
  Units units;
  std::string time_label = "t";
  std::array<std::string, 2> names = {"x", "y"};
  Vector<double> shift;  // D
  double scale = 1;

  float to_model(double x, Index d) const { return static_cast<float>((x - shift[d]) / scale); }
  // What a picture shows.
  double time(double t) const { return units.t.from_model(t); }
  double value(double x, Index d) const {
    return units.y[static_cast<std::size_t>(d)].from_model(x);
  }
  double value_of_model(float x, Index d) const {
    return value(static_cast<double>(x) * scale + shift[d], d);
  }
  // The size of an error of 1 of the model.
  double error_unit(Index d) const { return scale * units.y[static_cast<std::size_t>(d)].unit; }
};

// `own` is used when the options say so.
Data make_data(const Options& options, const OwnTrajectories& own, Rng& rng);

// Makes `seen` as many of 0 ... length - 1 as it holds, or all when there are fewer: each choice is
// equally likely, increasing.
void draw_seen(Index length, std::vector<int>& seen, Rng& rng);

// The observations `seen[k]` (all of them when `seen` is null) of series k for every k in `series`.
void fill_batch(const Data& data, const std::vector<Trajectory>& from,
                const std::vector<std::vector<int>>* seen, const std::vector<int>& series,
                SeriesBatch<float>& batch);
// One series, repeated `copies` times.
void fill_batch(const Data& data, const Trajectory& series, Index copies,
                SeriesBatch<float>& batch);

}  // namespace neural_ode::latent
