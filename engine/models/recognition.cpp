#include "engine/models/recognition.h"

#include <cmath>

namespace neural_ode {

template <class Scalar>
Recognition<Scalar>::Recognition(const RecognitionSpec& spec)
    : spec_(spec),
      cell_(spec.data_dim + (spec.ode ? 0 : 1), spec.hidden),
      head_(mlp_layers(spec.hidden, spec.hidden, spec.ode ? 1 : 0, 2 * spec.latent_dim,
                       spec.field_activation)),
      field_(mlp_layers(spec.hidden, spec.field_hidden, 1, spec.hidden, spec.field_activation)) {
  layout_.append("cell.", cell_.layout());
  head_offset_ = layout_.append("head.", head_.layout());
  field_offset_ = layout_.size();
  if (spec.ode) layout_.append("field.", field_.layout());
}

template <class Scalar>
void Recognition<Scalar>::initialize(Rng& rng, VectorOut<Scalar> theta) const {
  cell_.initialize(rng, theta.head(head_offset_));
  head_.initialize(rng, false, theta.segment(head_offset_, head_.layout().size()));
  // At first the state waits between observations: a random flow over the window may drown them.
  if (spec_.ode) field_.initialize(rng, true, theta.tail(field_.layout().size()));
}

template <class Scalar>
void Recognition<Scalar>::flow(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& batch, Index i) {
  // No gap before the last observation of a series: its h is still 0.
  auto gap = columns(gaps_, i + 1);
  for (Index s = 0; s < batch_; ++s) {
    const double to = i < 0 ? batch.t0 : batch.times(i, s);
    gap(0, s) = batch.observed(i + 1, s) ? static_cast<Scalar>(to - batch.times(i + 1, s)) : 0;
  }
  gap /= static_cast<Scalar>(spec_.flow_steps);
  const auto g = theta.tail(field_.layout().size());
  const auto step = [&](Scalar part, MatrixIn<Scalar> slope, MatrixOut<Scalar> to) {
    for (Index s = 0; s < batch_; ++s) to.col(s) = h_.col(s) + part * gap(0, s) * slope.col(s);
  };
  for (Index k = (i + 1) * spec_.flow_steps; k < (i + 2) * spec_.flow_steps; ++k) {
    step(Scalar(0.5), field_.forward(g, h_, 0, columns(first_, k)), stage_);
    step(Scalar(1), field_.forward(g, stage_, 0, columns(second_, k)), h_);
  }
}

template <class Scalar>
void Recognition<Scalar>::flow_back(VectorIn<Scalar> theta, Index i, VectorOut<Scalar> theta_bar) {
  const auto gap = columns(gaps_, i + 1);
  const auto g = theta.tail(field_.layout().size());
  auto g_bar = theta_bar.tail(field_.layout().size());
  // h1 = h + gap g(h + gap/2 g(h)), with the gap of one step
  for (Index k = (i + 2) * spec_.flow_steps; k-- > (i + 1) * spec_.flow_steps;) {
    for (Index s = 0; s < batch_; ++s) stage_.col(s) = gap(0, s) * h_bar_.col(s);
    field_.pullback(g, columns(second_, k), 0, stage_, stage_bar_, g_bar);
    h_bar_ += stage_bar_;
    for (Index s = 0; s < batch_; ++s) stage_.col(s) = Scalar(0.5) * gap(0, s) * stage_bar_.col(s);
    field_.pullback(g, columns(first_, k), 0, stage_, stage_bar_, g_bar);
    h_bar_ += stage_bar_;
  }
}

template <class Scalar>
void Recognition<Scalar>::forward(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& batch,
                                  MatrixOut<Scalar> mean, MatrixOut<Scalar> log_variance) {
  length_ = batch.length();
  batch_ = batch.series();
  const Index total = length_ * batch_;
  records_.resize(cell_.record_rows(), total);
  if (spec_.ode) {
    gaps_.resize(1, total);
    first_.resize(field_.record_rows(0), total * spec_.flow_steps);
    second_.resize(field_.record_rows(0), total * spec_.flow_steps);
    stage_.resize(spec_.hidden, batch_);
  }
  h_.setZero(spec_.hidden, batch_);
  x_.setZero(cell_.inputs(), batch_);
  mask_.resize(batch_);
  for (Index i = length_; i-- > 0;) {
    if (spec_.ode && i + 1 < length_) flow(theta, batch, i);
    for (Index s = 0; s < batch_; ++s) {
      // A coordinate that is missing stays as it was last read; before that it is 0, the mean.
      for (Index d = 0; d < spec_.data_dim; ++d) {
        const Scalar value = batch.x(d, i * batch_ + s);
        if (!std::isnan(value)) x_(d, s) = value;
      }
      mask_[s] = batch.observed(i, s) ? Scalar(1) : Scalar(0);
      if (spec_.ode) continue;
      const double before = i == 0 ? batch.t0 : batch.times(i - 1, s);
      x_(spec_.data_dim, s) = static_cast<Scalar>(batch.times(i, s) - before);
    }
    cell_.forward(theta.head(head_offset_), h_, x_, mask_, columns(records_, i), h_);
  }
  if (spec_.ode) flow(theta, batch, -1);
  const auto code = head_.forward(theta.segment(head_offset_, head_.layout().size()), h_);
  mean = code.topRows(spec_.latent_dim);
  log_variance = code.bottomRows(spec_.latent_dim);
}

template <class Scalar>
void Recognition<Scalar>::pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> mean_bar,
                                   MatrixIn<Scalar> log_variance_bar, VectorOut<Scalar> theta_bar) {
  head_bar_.resize(2 * spec_.latent_dim, batch_);
  head_bar_.topRows(spec_.latent_dim) = mean_bar;
  head_bar_.bottomRows(spec_.latent_dim) = log_variance_bar;
  h_bar_.resize(spec_.hidden, batch_);
  stage_bar_.resize(spec_.hidden, batch_);
  const Index size = head_.layout().size();
  head_.pullback(theta.segment(head_offset_, size), head_bar_, h_bar_,
                 theta_bar.segment(head_offset_, size));
  if (spec_.ode) flow_back(theta, -1, theta_bar);
  for (Index i = 0; i < length_; ++i) {
    cell_.pullback(theta.head(head_offset_), columns(records_, i), h_bar_, h_bar_, none_,
                   theta_bar.head(head_offset_));
    if (spec_.ode && i + 1 < length_) flow_back(theta, i, theta_bar);
  }
}

template class Recognition<float>;
template class Recognition<double>;

}  // namespace neural_ode
