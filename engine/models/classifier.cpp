#include "engine/models/classifier.h"

#include <algorithm>
#include <cmath>

#include "engine/core/math.h"
#include "engine/nn/losses.h"

namespace neural_ode {

namespace {

template <class Scalar>
constexpr Scalar readout_gain = 5;

// log(1 + e^z) - label z, without overflow.
double cross_entropy(double z, int label) {
  return std::max(z, 0.0) + math::log1p(math::exp(-std::abs(z))) - (label == 1 ? z : 0.0);
}

// Of a regression.
double target_of(int label) {
  return label == 0 ? 1 : -1;
}

}  // namespace

template <class Scalar>
Classifier<Scalar>::Classifier(const ClassifierSpec& spec)
    : spec_(spec),
      field_(field_layers(spec), has_time(spec)),
      blocks_(field_layers(spec), spec.model == ClassifierModel::residual ? residual_blocks : 0),
      gradient_(spec.gradient->template make<Scalar>(spec.solver, {.times = false})),
      solver_(spec.solver),
      interval_(2, 1),
      states_bar_(2) {
  interval_ << 0, 1;
  if (is_plain()) {
    readout_ = std::make_unique<Mlp<Scalar>>(plain_layers(spec));
    layout_.append("mlp.", readout_->layout());
    return;
  }
  if (spec.lift) {
    lift_ = std::make_unique<Mlp<Scalar>>(
        std::vector<LayerSpec>{{spec.inputs, static_cast<int>(dim()), Activation::identity, true}});
    lift_offset_ = layout_.append("lift.", lift_->layout());
  }
  body_offset_ = layout_.size();
  if (is_ode())
    layout_.append("field.", field_.mlp().layout());
  else
    layout_.append("", blocks_.layout());
  if (spec.regression) return;
  readout_ = std::make_unique<Mlp<Scalar>>(readout_layers(spec));
  readout_offset_ = layout_.append("readout.", readout_->layout());
}

template <class Scalar>
Vector<Scalar> Classifier<Scalar>::initialize(Rng& rng) const {
  Vector<Scalar> theta = Vector<Scalar>::Zero(layout_.size());
  if (lift_) lift_->initialize(rng, false, theta.segment(lift_offset_, lift_->layout().size()));
  if (is_ode())
    field_.mlp().initialize(rng, false, theta.segment(body_offset_, field_.parameter_count()));
  else
    blocks_.initialize(rng, theta.segment(body_offset_, blocks_.layout().size()));
  if (!readout_) return theta;
  auto readout = theta.segment(readout_offset_, readout_->layout().size());
  readout_->initialize(rng, false, readout);
  // A steep read-out: a small gap between the classes makes a certain prediction, so that the flow
  // need not carry the points far out of the picture to become sure.
  if (!is_plain()) readout *= readout_gain<Scalar>;
  return theta;
}

template <class Scalar>
void Classifier<Scalar>::bind(const Vector<Scalar>& theta) {
  field_.bind(theta.data() + body_offset_);
}

template <class Scalar>
MatrixIn<Scalar> Classifier<Scalar>::encode(const Vector<Scalar>& theta, MatrixIn<Scalar> x) {
  if (is_plain()) return x;
  if (lift_) return lift_->forward(part(theta, lift_offset_, lift_->layout().size()), x);
  y0_.resize(dim(), x.cols());
  y0_.topRows(spec_.inputs) = x;
  y0_.bottomRows(spec_.augment).setZero();
  return y0_;
}

template <class Scalar>
MatrixIn<Scalar> Classifier<Scalar>::read_out(const Vector<Scalar>& theta, MatrixIn<Scalar> end) {
  if (!readout_) return end.topRows(1);
  return readout_->forward(part(theta, readout_offset_, readout_->layout().size()), end);
}

template <class Scalar>
double Classifier<Scalar>::batch_loss(MatrixIn<Scalar> output, std::span<const int> label) {
  const Index batch = output.cols();
  output_bar_.resize(1, batch);
  if (spec_.regression) {
    target_.resize(1, batch);
    for (Index i = 0; i < batch; ++i)
      target_(0, i) = static_cast<Scalar>(target_of(label[static_cast<std::size_t>(i)]));
    return mean_squared_error<Scalar>(output, target_, Matrix<Scalar>(), 1, output_bar_);
  }
  double loss = 0;
  for (Index i = 0; i < batch; ++i) {
    const auto z = static_cast<double>(output(0, i));
    const int target = label[static_cast<std::size_t>(i)];
    loss += cross_entropy(z, target);
    output_bar_(0, i) =
        static_cast<Scalar>((math::sigmoid(z) - target) / static_cast<double>(batch));
  }
  return loss / static_cast<double>(batch);
}

template <class Scalar>
const SolveReport& Classifier<Scalar>::loss_and_gradient(const Vector<Scalar>& theta,
                                                         MatrixIn<Scalar> x,
                                                         std::span<const int> label, double& loss,
                                                         Vector<Scalar>& theta_bar) {
  bind(theta);
  batch_ = x.cols();
  const MatrixIn<Scalar> y0 = encode(theta, x);
  if (is_ode()) {
    report_ = gradient_->forward(field_, y0, interval_);
    if (report_.status != SolveStatus::ok) return report_;
  } else {
    end_ = y0;
    if (!is_plain()) blocks_.forward(part(theta, body_offset_, blocks_.layout().size()), end_);
    report_.nfe_per_sample.assign(static_cast<std::size_t>(batch_),
                                  is_plain() ? 1 : residual_blocks);
  }
  loss = batch_loss(read_out(theta, is_ode() ? gradient_->states()[1] : end_), label);

  theta_bar.setZero(layout_.size());
  Matrix<Scalar> unused;  // no storage: the data need no cotangent
  if (is_plain()) {
    readout_->pullback(theta, output_bar_, unused, theta_bar);
    return report_;
  }
  states_bar_[0].setZero(dim(), batch_);
  states_bar_[1].resize(dim(), batch_);
  if (readout_) {
    const Index size = readout_->layout().size();
    readout_->pullback(part(theta, readout_offset_, size), output_bar_, states_bar_[1],
                       theta_bar.segment(readout_offset_, size));
  } else {
    states_bar_[1].setZero();
    states_bar_[1].row(0) = output_bar_;
  }
  if (is_ode()) {
    const SolveReport& backward = gradient_->backward(field_, states_bar_);
    if (backward.status != SolveStatus::ok) return backward;
    theta_bar.segment(body_offset_, field_.parameter_count()) = gradient_->theta_bar();
  } else {
    const Index size = blocks_.layout().size();
    blocks_.pullback(part(theta, body_offset_, size), states_bar_[1],
                     theta_bar.segment(body_offset_, size));
  }
  if (lift_) {
    const Index size = lift_->layout().size();
    lift_->pullback(part(theta, lift_offset_, size),
                    is_ode() ? gradient_->y0_bar() : states_bar_[1], unused,
                    theta_bar.segment(lift_offset_, size));
  }
  return report_;
}

template <class Scalar>
Count Classifier<Scalar>::nfe_backward() const {
  return is_ode() ? gradient_->nfe_backward() : 0;
}

template <class Scalar>
std::size_t Classifier<Scalar>::state_bytes() const {
  if (is_ode()) return gradient_->state_bytes();
  if (!is_plain()) return blocks_.state_bytes();
  return static_cast<std::size_t>(readout_->record_rows(0) * batch_) * sizeof(Scalar);
}

template <class Scalar>
typename Classifier<Scalar>::Score Classifier<Scalar>::score(const Vector<Scalar>& theta,
                                                             MatrixIn<Scalar> x,
                                                             std::span<const int> label) {
  const std::vector<double>& output = predict(theta, x, solver_);
  Score score;
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (spec_.regression) {
      const double error = output[i] - target_of(label[i]);
      score.loss += error * error;
      if (output[i] * target_of(label[i]) > 0) score.accuracy += 1;
      continue;
    }
    const double of_label = label[i] == 1 ? output[i] : 1 - output[i];
    // A probability that has rounded to 0 counts as the smallest normal float.
    score.loss -= math::log(std::max(of_label, 1e-38));
    if (of_label > 0.5) score.accuracy += 1;
  }
  score.loss /= static_cast<double>(label.size());
  score.accuracy /= static_cast<double>(label.size());
  return score;
}

template <class Scalar>
const std::vector<double>& Classifier<Scalar>::predict(const Vector<Scalar>& theta,
                                                       MatrixIn<Scalar> x, Solver<Scalar>& solver) {
  bind(theta);
  const MatrixIn<Scalar> y0 = encode(theta, x);
  if (is_ode()) {
    solver.solve(field_, y0, interval_);
  } else {
    end_ = y0;
    for (int k = 0; k < blocks_.count(); ++k)
      blocks_.advance(part(theta, body_offset_, blocks_.layout().size()), k, end_);
  }
  const MatrixIn<Scalar> value = read_out(theta, is_ode() ? solver.states()[1] : end_);
  output_.resize(static_cast<std::size_t>(x.cols()));
  for (Index i = 0; i < x.cols(); ++i) {
    const auto z = static_cast<double>(value(0, i));
    output_[static_cast<std::size_t>(i)] = spec_.regression ? z : math::sigmoid(z);
  }
  return output_;
}

template <class Scalar>
const std::vector<Matrix<Scalar>>& Classifier<Scalar>::flow(const Vector<Scalar>& theta,
                                                            MatrixIn<Scalar> x,
                                                            const Matrix<double>& times) {
  bind(theta);
  const MatrixIn<Scalar> y0 = encode(theta, x);
  if (is_ode()) {
    solver_.solve(field_, y0, times);
    return solver_.states();
  }
  states_.assign(1, y0);
  for (int k = 0; k < blocks_.count(); ++k) {
    states_.push_back(states_.back());
    blocks_.advance(part(theta, body_offset_, blocks_.layout().size()), k, states_.back());
  }
  return states_;
}

template <class Scalar>
Matrix<double> Classifier<Scalar>::project(const Vector<Scalar>& theta,
                                           const Matrix<Scalar>& state) const {
  Matrix<double> flat(2, state.cols());
  if (!lift_) {
    flat = state.topRows(2).template cast<double>();
    return flat;
  }
  // p = (W^T W)^-1 W^T (y - b), with W the D x 2 matrix of the lift; Cramer's rule for the 2 x 2
  // system.
  const Scalar* w = theta.data() + lift_offset_;
  const Scalar* b = w + 2 * dim();
  double g00 = 0, g01 = 0, g11 = 0;
  for (Index k = 0; k < dim(); ++k) {
    const auto w0 = static_cast<double>(w[k]), w1 = static_cast<double>(w[dim() + k]);
    g00 += w0 * w0;
    g01 += w0 * w1;
    g11 += w1 * w1;
  }
  const double determinant = std::max(g00 * g11 - g01 * g01, 1e-12);
  for (Index i = 0; i < state.cols(); ++i) {
    double r0 = 0, r1 = 0;
    for (Index k = 0; k < dim(); ++k) {
      const double centred = static_cast<double>(state(k, i)) - static_cast<double>(b[k]);
      r0 += static_cast<double>(w[k]) * centred;
      r1 += static_cast<double>(w[dim() + k]) * centred;
    }
    flat(0, i) = (g11 * r0 - g01 * r1) / determinant;
    flat(1, i) = (g00 * r1 - g01 * r0) / determinant;
  }
  return flat;
}

template class Classifier<float>;
template class Classifier<double>;

}  // namespace neural_ode
