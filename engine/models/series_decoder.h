// From a latent code z0 at t0 to a series at any later times: an ODE, or a recurrent network as the
// baseline. Each series has times of its own.
#pragma once

#include <memory>
#include <vector>

#include "engine/fields/mlp_field.h"
#include "engine/gradient/gradient.h"
#include "engine/nn/gru.h"

namespace neural_ode {

struct DecoderSpec {
  int data_dim = 2, latent_dim = 4;
  int hidden = 20, layers = 1;  // of the network f of dz/dt = f(z)
  Activation activation = Activation::elu;
  int readout_hidden = 20;  // one layer, z(t) (or h) to x
  Activation readout_activation = Activation::relu;
  int recurrent_hidden = 25;  // of the baseline
  SolverOptions solver;
  const GradientStrategy* gradient = nullptr;
};

template <class Scalar>
class SeriesDecoder {
 public:
  virtual ~SeriesDecoder() = default;
  virtual const ParameterLayout& layout() const = 0;
  virtual void initialize(Rng& rng, VectorOut<Scalar> theta) const = 0;

  // z0: L x B at t0; times: T x B, increasing, all after t0. Afterwards x(): D x T B, observation i
  // of series s in column i B + s; when the report is not ok x() means nothing. theta outlives the
  // pullback.
  virtual const SolveReport& forward(VectorIn<Scalar> theta, MatrixIn<Scalar> z0, double t0,
                                     const Matrix<double>& times) = 0;
  virtual const Matrix<Scalar>& x() const = 0;
  // Reverse of the last forward. Writes z0_bar; adds to theta_bar.
  virtual const SolveReport& pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> x_bar,
                                      MatrixOut<Scalar> z0_bar, VectorOut<Scalar> theta_bar) = 0;
  // forward for the values alone.
  virtual const SolveReport& predict(VectorIn<Scalar> theta, MatrixIn<Scalar> z0, double t0,
                                     const Matrix<double>& times) = 0;

  virtual Count nfe_backward() const = 0;
  virtual std::size_t state_bytes() const = 0;  // held for the reverse
};

// z' = f(z), x = readout(z) [chen2018].
template <class Scalar>
std::unique_ptr<SeriesDecoder<Scalar>> make_ode_decoder(const DecoderSpec& spec);
// h = W z0 + b, then from one time to the next h = GRU(h, gap), x = readout(h): the decoder of the
// RNN-VAE of [rubanova2019].
template <class Scalar>
std::unique_ptr<SeriesDecoder<Scalar>> make_rnn_decoder(const DecoderSpec& spec);

}  // namespace neural_ode
