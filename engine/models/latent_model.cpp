#include "engine/models/latent_model.h"

#include <algorithm>
#include <cmath>

#include "engine/core/math.h"
#include "engine/core/parallel.h"
#include "engine/core/tiles.h"
#include "engine/nn/losses.h"

namespace neural_ode {

namespace {

template <class Scalar>
std::unique_ptr<SeriesDecoder<Scalar>> make_decoder(const LatentSpec& spec) {
  return spec.rnn_decoder ? make_rnn_decoder<Scalar>(spec.decoder)
                          : make_ode_decoder<Scalar>(spec.decoder);
}

}  // namespace

// Some neighbouring series of a batch, with networks of their own.
template <class Scalar>
struct LatentModel<Scalar>::Tile {
  explicit Tile(const LatentSpec& spec)
      : encoder(spec.encoder), decoder(make_decoder<Scalar>(spec)) {}

  Recognition<Scalar> encoder;
  std::unique_ptr<SeriesDecoder<Scalar>> decoder;
  Index first = 0, columns = 0;
  SeriesBatch<Scalar> seen, target;
  Matrix<double> times;
  Matrix<Scalar> mask, x_bar;  // D x T B; mask empty when nothing is missing
  Matrix<Scalar> mean, log_variance, scale, z0, z0_bar, mean_bar, log_variance_bar;  // L x B
  Vector<Scalar> theta_bar, noise_bar;
  ElboTerms terms;
  const SolveReport* report = nullptr;

  void set_mask() {
    mask.resize(0, 0);
    if (target.count.empty() && !target.x.hasNaN()) return;
    mask.resize(target.x.rows(), target.x.cols());
    for (Index i = 0; i < target.length(); ++i) {
      for (Index s = 0; s < target.series(); ++s) {
        const Index column = i * target.series() + s;
        for (Index d = 0; d < mask.rows(); ++d)
          mask(d, column) = target.observed(i, s) && !std::isnan(target.x(d, column)) ? 1 : 0;
      }
    }
  }
};

template <class Scalar>
LatentModel<Scalar>::LatentModel(const LatentSpec& spec) : spec_(spec) {
  const Tile& first = tile_at(0);
  layout_.append("encoder.", first.encoder.layout());
  decoder_offset_ = layout_.append("decoder.", first.decoder->layout());
  noise_offset_ = layout_.size();
  if (spec.learn_noise) layout_.add("noise.log_variance", spec.decoder.data_dim, 1);
}

template <class Scalar>
LatentModel<Scalar>::~LatentModel() = default;

template <class Scalar>
auto LatentModel<Scalar>::tile_at(Index index) -> Tile& {
  while (static_cast<Index>(tiles_.size()) <= index)
    tiles_.push_back(std::make_unique<Tile>(spec_));
  return *tiles_[static_cast<std::size_t>(index)];
}

template <class Scalar>
VectorIn<Scalar> LatentModel<Scalar>::encoder_theta(VectorIn<Scalar> theta) const {
  return theta.head(decoder_offset_);
}

template <class Scalar>
VectorIn<Scalar> LatentModel<Scalar>::decoder_theta(VectorIn<Scalar> theta) const {
  return theta.segment(decoder_offset_, noise_offset_ - decoder_offset_);
}

template <class Scalar>
Vector<Scalar> LatentModel<Scalar>::initialize(Rng& rng) const {
  Vector<Scalar> theta = Vector<Scalar>::Zero(layout_.size());
  tiles_[0]->encoder.initialize(rng, theta.head(decoder_offset_));
  tiles_[0]->decoder->initialize(rng,
                                 theta.segment(decoder_offset_, noise_offset_ - decoder_offset_));
  theta.tail(layout_.size() - noise_offset_).setConstant(static_cast<Scalar>(spec_.log_variance));
  return theta;
}

template <class Scalar>
Vector<Scalar> LatentModel<Scalar>::noise(VectorIn<Scalar> theta) const {
  if (spec_.learn_noise) return theta.tail(spec_.decoder.data_dim);
  return Vector<Scalar>::Constant(spec_.decoder.data_dim, static_cast<Scalar>(spec_.log_variance));
}

template <class Scalar>
Index LatentModel<Scalar>::cut(Index batch) {
  const Tiles tiles = equal_tiles(batch, tile);
  used_ = tiles.count;
  for (Index i = 0; i < used_; ++i) {
    Tile& part = tile_at(i);
    part.first = tiles.first(i);
    part.columns = tiles.columns(i);
  }
  return used_;
}

template <class Scalar>
const SolveReport& LatentModel<Scalar>::merge(Index count) {
  Index batch = 0;
  for (Index i = 0; i < count; ++i) batch += tile_at(i).columns;
  report_.reset(batch);
  for (Index i = 0; i < count; ++i) {
    const Tile& part = tile_at(i);
    report_.add_part(*part.report, part.first);
  }
  return report_;
}

template <class Scalar>
const SolveReport& LatentModel<Scalar>::run(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& seen,
                                            const SeriesBatch<Scalar>& target, MatrixIn<Scalar> eps,
                                            double kl_weight, bool with_gradient) {
  const Index count = cut(seen.series());
  const double share = 1 / static_cast<double>(std::max<Index>(target.observations(), 1));
  const VectorIn<Scalar> encoder = encoder_theta(theta), decoder = decoder_theta(theta);
  const Vector<Scalar> noise_now = noise(theta);
  parallel_for(static_cast<int>(count), [&](int index) {
    Tile& part = *tiles_[static_cast<std::size_t>(index)];
    part.seen.take(seen, part.first, part.columns);
    part.target.take(target, part.first, part.columns);
    part.set_mask();
    const Index latent = spec_.encoder.latent_dim;
    for (Matrix<Scalar>* matrix : {&part.mean, &part.log_variance, &part.scale, &part.z0,
                                   &part.z0_bar, &part.mean_bar, &part.log_variance_bar})
      matrix->resize(latent, part.columns);
    part.encoder.forward(encoder, part.seen, part.mean, part.log_variance);
    for (Index i = 0; i < part.scale.size(); ++i) {
      part.scale.data()[i] =
          static_cast<Scalar>(math::exp(0.5 * static_cast<double>(part.log_variance.data()[i])));
    }
    const auto own_eps = eps.middleCols(part.first, part.columns);
    part.z0 = part.mean.array() + part.scale.array() * own_eps.array();
    part.report = with_gradient
                      ? &part.decoder->forward(decoder, part.z0, part.target.t0, part.target.times)
                      : &part.decoder->predict(decoder, part.z0, part.target.t0, part.target.times);
    if (!part.report->succeeded()) return;
    part.terms.kl = standard_normal_kl<Scalar>(part.mean, part.log_variance, share * kl_weight,
                                               part.mean_bar, part.log_variance_bar);
    if (!with_gradient) {
      part.x_bar.resize(0, 0);
      part.noise_bar.resize(0);
      part.terms.log_likelihood = gaussian_log_likelihood<Scalar>(
          part.target.x, part.decoder->x(), noise_now, part.mask, 1, part.x_bar, part.noise_bar);
      return;
    }
    part.theta_bar.setZero(theta.size());
    part.noise_bar.setZero(spec_.learn_noise ? noise_now.size() : 0);
    part.x_bar.resize(part.target.x.rows(), part.target.x.cols());
    part.terms.log_likelihood = gaussian_log_likelihood<Scalar>(
        part.target.x, part.decoder->x(), noise_now, part.mask, -share, part.x_bar, part.noise_bar);
    const SolveReport& backward = part.decoder->pullback(
        decoder, part.x_bar, part.z0_bar,
        part.theta_bar.segment(decoder_offset_, noise_offset_ - decoder_offset_));
    if (!backward.succeeded()) {
      part.report = &backward;
      return;
    }
    part.mean_bar += part.z0_bar;
    part.log_variance_bar.array() +=
        Scalar(0.5) * part.z0_bar.array() * own_eps.array() * part.scale.array();
    part.encoder.pullback(encoder, part.mean_bar, part.log_variance_bar,
                          part.theta_bar.head(decoder_offset_));
    if (spec_.learn_noise) part.theta_bar.tail(noise_now.size()) += part.noise_bar;
  });
  merge(count);
  terms_ = {};
  if (!report_.succeeded()) return report_;
  for (Index i = 0; i < count; ++i) {
    terms_.log_likelihood += tile_at(i).terms.log_likelihood;
    terms_.kl += tile_at(i).terms.kl;
  }
  loss_ = share * (kl_weight * terms_.kl - terms_.log_likelihood);
  return report_;
}

template <class Scalar>
const SolveReport& LatentModel<Scalar>::loss_and_gradient(VectorIn<Scalar> theta,
                                                          const SeriesBatch<Scalar>& seen,
                                                          const SeriesBatch<Scalar>& target,
                                                          MatrixIn<Scalar> eps, double kl_weight,
                                                          VectorOut<Scalar> theta_bar) {
  if (!run(theta, seen, target, eps, kl_weight, true).succeeded()) return report_;
  theta_bar = tile_at(0).theta_bar;
  for (Index i = 1; i < used_; ++i) theta_bar += tile_at(i).theta_bar;
  return report_;
}

template <class Scalar>
const SolveReport& LatentModel<Scalar>::evaluate(VectorIn<Scalar> theta,
                                                 const SeriesBatch<Scalar>& seen,
                                                 const SeriesBatch<Scalar>& target,
                                                 MatrixIn<Scalar> eps) {
  return run(theta, seen, target, eps, 1, false);
}

template <class Scalar>
void LatentModel<Scalar>::encode(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& seen,
                                 MatrixOut<Scalar> mean, MatrixOut<Scalar> log_variance) {
  const Index count = cut(seen.series());
  parallel_for(static_cast<int>(count), [&](int index) {
    Tile& part = *tiles_[static_cast<std::size_t>(index)];
    part.seen.take(seen, part.first, part.columns);
    part.encoder.forward(encoder_theta(theta), part.seen, mean.middleCols(part.first, part.columns),
                         log_variance.middleCols(part.first, part.columns));
  });
}

template <class Scalar>
const SolveReport& LatentModel<Scalar>::decode(VectorIn<Scalar> theta, MatrixIn<Scalar> z0,
                                               double t0, const Matrix<double>& times,
                                               Matrix<Scalar>& x) {
  const Index count = cut(z0.cols());
  x.resize(spec_.decoder.data_dim, times.size());
  const VectorIn<Scalar> decoder = decoder_theta(theta);
  parallel_for(static_cast<int>(count), [&](int index) {
    Tile& part = *tiles_[static_cast<std::size_t>(index)];
    part.times = times.middleCols(part.first, part.columns);
    part.report =
        &part.decoder->predict(decoder, z0.middleCols(part.first, part.columns), t0, part.times);
    if (!part.report->succeeded()) return;
    for (Index i = 0; i < times.rows(); ++i) {
      x.middleCols(i * times.cols() + part.first, part.columns) =
          part.decoder->x().middleCols(i * part.columns, part.columns);
    }
  });
  return merge(count);
}

template <class Scalar>
const SolveReport& LatentModel<Scalar>::likelihood_gradient(VectorIn<Scalar> theta,
                                                            MatrixIn<Scalar> z0,
                                                            const SeriesBatch<Scalar>& target,
                                                            MatrixOut<Scalar> z0_bar) {
  const Index count = cut(z0.cols());
  const VectorIn<Scalar> decoder = decoder_theta(theta);
  const Vector<Scalar> noise_now = noise(theta);
  parallel_for(static_cast<int>(count), [&](int index) {
    Tile& part = *tiles_[static_cast<std::size_t>(index)];
    part.target.take(target, part.first, part.columns);
    part.set_mask();
    part.report = &part.decoder->forward(decoder, z0.middleCols(part.first, part.columns),
                                         part.target.t0, part.target.times);
    if (!part.report->succeeded()) return;
    part.x_bar.resize(part.target.x.rows(), part.target.x.cols());
    part.noise_bar.resize(0);
    gaussian_log_likelihood<Scalar>(part.target.x, part.decoder->x(), noise_now, part.mask, 1,
                                    part.x_bar, part.noise_bar);
    part.theta_bar.setZero(decoder.size());
    part.report = &part.decoder->pullback(
        decoder, part.x_bar, z0_bar.middleCols(part.first, part.columns), part.theta_bar);
  });
  return merge(count);
}

template <class Scalar>
Count LatentModel<Scalar>::nfe_backward() const {
  Count most = 0;
  for (Index i = 0; i < used_; ++i)
    most = std::max(most, tiles_[static_cast<std::size_t>(i)]->decoder->nfe_backward());
  return most;
}

template <class Scalar>
std::size_t LatentModel<Scalar>::state_bytes() const {
  std::size_t bytes = 0;
  for (Index i = 0; i < used_; ++i)
    bytes += tiles_[static_cast<std::size_t>(i)]->decoder->state_bytes();
  return bytes;
}

template class LatentModel<float>;
template class LatentModel<double>;

}  // namespace neural_ode
