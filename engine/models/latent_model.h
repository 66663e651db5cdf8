// A variational autoencoder of time series: the latent ODE [chen2018, rubanova2019] and, with a
// recurrent decoder, its baseline.
//   q(z0 | x) = N(mean, exp(log_variance)) by a recognition network
//   z0        = mean + exp(log_variance / 2) eps
//   p(x | z0) = prod_i N(x_i; decoder(z0, t_i), diag(exp(noise)))
//   L         = (-log p(x | z0) + kl_weight KL(q || N(0, I))) / observations
// The sum of both terms with kl_weight 1 is minus the evidence lower bound (ELBO).
#pragma once

#include <memory>
#include <vector>

#include "engine/models/recognition.h"
#include "engine/models/series_decoder.h"

namespace neural_ode {

struct LatentSpec {
  RecognitionSpec encoder;
  DecoderSpec decoder;
  bool rnn_decoder = false;
  bool learn_noise = true;
  double log_variance = 0;  // of an observation: where learning it starts, or given
};

// Summed over the series of a batch.
struct ElboTerms {
  double log_likelihood = 0, kl = 0;
};

template <class Scalar>
class LatentModel {
 public:
  // Batches are cut into tiles of at most so many series, which threads share; how they are cut
  // depends on their size alone, and so do the bits of every result.
  static constexpr Index tile = 32;

  explicit LatentModel(const LatentSpec& spec);
  ~LatentModel();

  const LatentSpec& spec() const { return spec_; }
  // "encoder.*", "decoder.*" and, when it is learnt, "noise.log_variance" (D).
  const ParameterLayout& layout() const { return layout_; }
  Vector<Scalar> initialize(Rng& rng) const;
  Vector<Scalar> noise(VectorIn<Scalar> theta) const;  // log_variance of an observation, D

  // L for what the encoder sees and what the decoder is to give (of the same series); eps: L x B,
  // drawn from N(0, I). Writes theta_bar. The report is that of the solves, the worst first;
  // unless it is ok the rest means nothing.
  const SolveReport& loss_and_gradient(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& seen,
                                       const SeriesBatch<Scalar>& target, MatrixIn<Scalar> eps,
                                       double kl_weight, VectorOut<Scalar> theta_bar);
  double loss() const { return loss_; }
  const ElboTerms& terms() const { return terms_; }
  // The same terms, without a gradient.
  const SolveReport& evaluate(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& seen,
                              const SeriesBatch<Scalar>& target, MatrixIn<Scalar> eps);

  // mean, log_variance: L x B, written.
  void encode(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& seen, MatrixOut<Scalar> mean,
              MatrixOut<Scalar> log_variance);
  // z0: L x B at t0; times: T x B after t0. Writes x: D x T B.
  const SolveReport& decode(VectorIn<Scalar> theta, MatrixIn<Scalar> z0, double t0,
                            const Matrix<double>& times, Matrix<Scalar>& x);
  // The gradient of sum_s (log p(x_s | z0_s)) with respect to z0 (L x B, written), theta constant.
  const SolveReport& likelihood_gradient(VectorIn<Scalar> theta, MatrixIn<Scalar> z0,
                                         const SeriesBatch<Scalar>& target,
                                         MatrixOut<Scalar> z0_bar);

  Count nfe_backward() const;
  std::size_t state_bytes() const;

 private:
  struct Tile;
  Tile& tile_at(Index index);
  Index cut(Index batch);  // how many tiles
  const SolveReport& run(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& seen,
                         const SeriesBatch<Scalar>& target, MatrixIn<Scalar> eps, double kl_weight,
                         bool with_gradient);
  const SolveReport& merge(Index count);
  VectorIn<Scalar> encoder_theta(VectorIn<Scalar> theta) const;
  VectorIn<Scalar> decoder_theta(VectorIn<Scalar> theta) const;

  LatentSpec spec_;
  ParameterLayout layout_;
  Index decoder_offset_ = 0, noise_offset_ = 0;
  std::vector<std::unique_ptr<Tile>> tiles_;
  Index used_ = 0;
  SolveReport report_;
  double loss_ = 0;
  ElboTerms terms_;
};

extern template class LatentModel<float>;
extern template class LatentModel<double>;

}  // namespace neural_ode
