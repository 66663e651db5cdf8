#include "engine/models/classifier.h"

#include <algorithm>
#include <cmath>

#include "engine/core/math.h"

namespace neural_ode {

namespace {

template <class Scalar>
constexpr Scalar readout_gain = 5;

}  // namespace

namespace {

constexpr int readout_hidden = 16;

std::vector<LayerSpec> field_layers(const ClassifierSpec& spec) {
  const int dim = spec.inputs + spec.augment;
  return mlp_layers(dim + (spec.time_input ? 1 : 0), spec.hidden, spec.layers, dim,
                    spec.activation);
}

std::vector<LayerSpec> readout_layers(const ClassifierSpec& spec) {
  const int dim = spec.inputs + spec.augment;
  return mlp_layers(dim, readout_hidden, spec.mlp_readout ? 1 : 0, 1, spec.activation);
}

// log(1 + e^z) - label z, without overflow.
double cross_entropy(double z, int label) {
  return std::max(z, 0.0) + math::log1p(math::exp(-std::abs(z))) - (label == 1 ? z : 0.0);
}

}  // namespace

template <class Scalar>
Classifier<Scalar>::Classifier(const ClassifierSpec& spec)
    : spec_(spec),
      field_(field_layers(spec), spec.time_input),
      readout_(readout_layers(spec)),
      gradient_(spec.gradient->template make<Scalar>(spec.solver, {.times = false})),
      solver_(spec.solver),
      interval_(2, 1),
      states_bar_(2) {
  if (spec.lift) {
    lift_ = std::make_unique<Mlp<Scalar>>(std::vector<LayerSpec>{
        {spec.inputs, static_cast<int>(field_.dim()), Activation::identity, true}});
    lift_offset_ = layout_.append("lift.", lift_->layout());
  }
  field_offset_ = layout_.append("field.", field_.mlp().layout());
  readout_offset_ = layout_.append("readout.", readout_.layout());
  interval_ << 0, 1;
}

template <class Scalar>
Vector<Scalar> Classifier<Scalar>::initialize(Rng& rng) const {
  Vector<Scalar> theta = Vector<Scalar>::Zero(layout_.size());
  if (lift_) lift_->initialize(rng, false, theta.segment(lift_offset_, lift_->layout().size()));
  field_.mlp().initialize(rng, false, theta.segment(field_offset_, field_.parameter_count()));
  auto readout = theta.segment(readout_offset_, readout_.layout().size());
  readout_.initialize(rng, false, readout);
  // A steep read-out: a small gap between the classes makes a certain prediction, so that the flow
  // need not carry the points far out of the picture to become sure.
  readout *= readout_gain<Scalar>;
  return theta;
}

template <class Scalar>
void Classifier<Scalar>::bind(const Vector<Scalar>& theta) {
  field_.bind(theta.data() + field_offset_);
}

template <class Scalar>
MatrixIn<Scalar> Classifier<Scalar>::encode(const Vector<Scalar>& theta, MatrixIn<Scalar> x) {
  if (lift_) return lift_->forward(theta.segment(lift_offset_, lift_->layout().size()), x);
  y0_.resize(dim(), x.cols());
  y0_.topRows(spec_.inputs) = x;
  y0_.bottomRows(spec_.augment).setZero();
  return y0_;
}

template <class Scalar>
SolveReport Classifier<Scalar>::loss_and_gradient(const Vector<Scalar>& theta, MatrixIn<Scalar> x,
                                                  std::span<const int> label, double& loss,
                                                  Vector<Scalar>& theta_bar) {
  bind(theta);
  const Index batch = x.cols();
  const SolveReport forward = gradient_->forward(field_, encode(theta, x), interval_);
  if (forward.status != SolveStatus::ok) return forward;

  const auto readout_theta = theta.segment(readout_offset_, readout_.layout().size());
  const MatrixIn<Scalar> logit = readout_.forward(readout_theta, gradient_->states()[1]);
  logit_bar_.resize(1, batch);
  loss = 0;
  for (Index i = 0; i < batch; ++i) {
    const auto z = static_cast<double>(logit(0, i));
    const int target = label[static_cast<std::size_t>(i)];
    loss += cross_entropy(z, target);
    logit_bar_(0, i) =
        static_cast<Scalar>((math::sigmoid(z) - target) / static_cast<double>(batch));
  }
  loss /= static_cast<double>(batch);

  theta_bar.setZero(layout_.size());
  states_bar_[0].setZero(dim(), batch);
  states_bar_[1].resize(dim(), batch);
  readout_.pullback(readout_theta, logit_bar_, states_bar_[1],
                    theta_bar.segment(readout_offset_, readout_.layout().size()));
  const SolveReport backward = gradient_->backward(field_, states_bar_);
  if (backward.status != SolveStatus::ok) return backward;
  theta_bar.segment(field_offset_, field_.parameter_count()) = gradient_->theta_bar();
  if (lift_) {
    Matrix<Scalar> unused;  // no storage: the data need no cotangent
    lift_->pullback(theta.segment(lift_offset_, lift_->layout().size()), gradient_->y0_bar(),
                    unused, theta_bar.segment(lift_offset_, lift_->layout().size()));
  }
  return forward;
}

template <class Scalar>
typename Classifier<Scalar>::Score Classifier<Scalar>::score(const Vector<Scalar>& theta,
                                                             MatrixIn<Scalar> x,
                                                             std::span<const int> label) {
  const std::vector<double>& probability = predict(theta, x, solver_);
  Score score;
  for (std::size_t i = 0; i < label.size(); ++i) {
    const double of_label = label[i] == 1 ? probability[i] : 1 - probability[i];
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
  solver.solve(field_, encode(theta, x), interval_);
  const MatrixIn<Scalar> logit = readout_.forward(
      theta.segment(readout_offset_, readout_.layout().size()), solver.states()[1]);
  probability_.resize(static_cast<std::size_t>(x.cols()));
  for (Index i = 0; i < x.cols(); ++i) {
    probability_[static_cast<std::size_t>(i)] = math::sigmoid(static_cast<double>(logit(0, i)));
  }
  return probability_;
}

template <class Scalar>
const std::vector<Matrix<Scalar>>& Classifier<Scalar>::flow(const Vector<Scalar>& theta,
                                                            MatrixIn<Scalar> x,
                                                            const Matrix<double>& times) {
  bind(theta);
  solver_.solve(field_, encode(theta, x), times);
  return solver_.states();
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
