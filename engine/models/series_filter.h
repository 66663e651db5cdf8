// Filters of irregular series: what the next observation will be, given those before it.
//
// The jump ODE [rubanova2019, debrouwer2019, herrera2021] has a state that flows between
// observations and jumps at them,
//   dh/dt = g(h),   h(t_i+) = GRU(h(t_i-), x_i),   prediction(t) = readout(h(t)),
// from h(t_0-) = 0. Its baseline, a gated recurrent unit, is told how far away the time is that it
// is asked about: prediction(t) = readout(GRU(h_i, [x_i, t - t_i])), h_{i+1} that state at t_{i+1}.
#pragma once

#include <memory>
#include <vector>

#include "engine/core/rng.h"
#include "engine/gradient/gradient.h"
#include "engine/models/series_batch.h"
#include "engine/nn/activation.h"
#include "engine/nn/parameter_layout.h"

namespace neural_ode {

struct FilterSpec {
  int data_dim = 1;
  int state = 16;               // H, units of h
  int hidden = 32, layers = 1;  // of g
  Activation activation = Activation::tanh;
  SolverOptions solver;
  const GradientStrategy* gradient = nullptr;
};

template <class Scalar>
class SeriesFilter {
 public:
  virtual ~SeriesFilter() = default;
  virtual const ParameterLayout& layout() const = 0;
  virtual void initialize(Rng& rng, VectorOut<Scalar> theta) const = 0;

  // Every series of the batch has all its observations. Afterwards prediction(): D x (T-1) B, that
  // of observation i + 1 of series s, from those before it, in column i B + s; when the report is
  // not ok it means nothing. theta outlives the pullback.
  virtual const SolveReport& forward(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& batch) = 0;
  virtual const Matrix<Scalar>& prediction() const = 0;
  // Reverse of the last forward; adds to theta_bar.
  virtual const SolveReport& pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> prediction_bar,
                                      VectorOut<Scalar> theta_bar) = 0;
  // The prediction at `points` equally spaced times of every gap, from just after an observation to
  // just before the next: D x (T-1) points B, point k of gap i of series s in column (i points + k)
  // B + s. Empty when a solve did not get through.
  virtual Matrix<Scalar> trace(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& batch,
                               int points) = 0;

  // Of the last forward and pullback: evaluations of g, largest over samples, summed over gaps.
  virtual Count nfe_forward() const = 0;
  virtual Count nfe_backward() const = 0;
  virtual std::size_t state_bytes() const = 0;  // held for the reverse
};

template <class Scalar>
std::unique_ptr<SeriesFilter<Scalar>> make_jump_filter(const FilterSpec& spec);
// `spec.state` units; g and how it is solved do not matter.
template <class Scalar>
std::unique_ptr<SeriesFilter<Scalar>> make_recurrent_filter(const FilterSpec& spec);

}  // namespace neural_ode
