// Recognition networks, decoders and the latent model made of them.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "engine/core/parallel.h"
#include "engine/core/rng.h"
#include "engine/models/latent_model.h"
#include "tests/support/finite_difference.h"

using namespace neural_ode;
using namespace neural_ode::testing;

namespace {

LatentSpec small_spec(bool ode_encoder, bool rnn_decoder, bool learn_noise) {
  LatentSpec spec;
  spec.encoder = {.data_dim = 2, .latent_dim = 3, .hidden = 4, .ode = ode_encoder,
                  .field_hidden = 3};
  spec.decoder.data_dim = 2;
  spec.decoder.latent_dim = 3;
  spec.decoder.hidden = 5;
  spec.decoder.activation = Activation::tanh;
  spec.decoder.readout_hidden = 4;
  spec.decoder.readout_activation = Activation::tanh;
  spec.decoder.recurrent_hidden = 4;
  spec.decoder.solver.method = find_method("rk4");
  spec.decoder.solver.step_size = 0.1;
  spec.decoder.gradient = find_gradient("discrete");
  spec.rnn_decoder = rnn_decoder;
  spec.learn_noise = learn_noise;
  spec.log_variance = -0.7;
  return spec;
}

// Random series of up to `length` observations at random times after t0 = -.1.
template <class Scalar>
SeriesBatch<Scalar> random_batch(Index length, Index series, bool ragged, Rng& rng) {
  SeriesBatch<Scalar> batch;
  batch.t0 = -0.1;
  batch.times.resize(length, series);
  batch.x.resize(2, length * series);
  for (Index s = 0; s < series; ++s) {
    double t = 0;
    for (Index i = 0; i < length; ++i) batch.times(i, s) = t += rng.uniform(0.05, 0.4);
    if (ragged) batch.count.push_back(static_cast<int>(length - s % length));
  }
  for (Scalar& x : batch.x.reshaped()) x = static_cast<Scalar>(rng.normal());
  return batch;
}

template <class Scalar>
Matrix<Scalar> normal(Index rows, Index cols, Rng& rng) {
  Matrix<Scalar> matrix(rows, cols);
  for (Scalar& x : matrix.reshaped()) x = static_cast<Scalar>(rng.normal());
  return matrix;
}

}  // namespace

TEST_CASE("latent model: the gradient of the whole loss is that by differences") {
  for (const bool ode_encoder : {false, true}) {
    for (const bool rnn_decoder : {false, true}) {
      for (const bool ragged : {false, true}) {
        CAPTURE(ode_encoder);
        CAPTURE(rnn_decoder);
        CAPTURE(ragged);
        Rng rng(7);
        LatentModel<double> model(small_spec(ode_encoder, rnn_decoder, ragged));
        Vector<double> theta = model.initialize(rng);
        for (double& value : theta) value += 0.1 * rng.normal();
        const auto seen = random_batch<double>(4, 3, ragged, rng);
        const auto target = random_batch<double>(5, 3, ragged, rng);
        const Matrix<double> eps = normal<double>(3, 3, rng);
        Vector<double> theta_bar(theta.size()), ignored(theta.size());
        REQUIRE(model.loss_and_gradient(theta, seen, target, eps, 0.6, theta_bar).succeeded());
        double worst = 0;
        for (Index i = 0; i < theta.size(); ++i) {
          const double difference = central_difference(
              [&] {
                model.loss_and_gradient(theta, seen, target, eps, 0.6, ignored);
                return model.loss();
              },
              theta[i], 1e-3);
          worst = std::max(worst, std::abs(difference - theta_bar[i]));
        }
        CHECK(worst < 1e-8 * std::max(1.0, theta_bar.cwiseAbs().maxCoeff()));
        CHECK(theta_bar.cwiseAbs().minCoeff() > 0);  // everything takes part
      }
    }
  }
}
