#include "engine/models/density_model.h"

#include "engine/models/flow_likelihood.h"

namespace neural_ode {

template <class Scalar>
DensityModel<Scalar>::DensityModel(const DensitySpec& spec)
    : training_(spec.field_layers(), spec.time_input, spec.trace, 1, spec.penalty),
      exact_(spec.field_layers(), spec.time_input),
      points_(spec.field_layers(), spec.time_input),
      gradient_(spec.gradient->template make<Scalar>(spec.solver, {.times = false})),
      backward_(2, 1),
      span_(2, 1),
      states_bar_(2) {
  layout_.append("field.", points_.mlp().layout());
  backward_ << 1, 0;
}

template <class Scalar>
Vector<Scalar> DensityModel<Scalar>::initialize(Rng& rng) const {
  Vector<Scalar> theta(layout_.size());
  points_.mlp().initialize(rng, true, theta);
  return theta;
}

template <class Scalar>
SolveReport DensityModel<Scalar>::loss_and_gradient(const Vector<Scalar>& theta, MatrixIn<Scalar> x,
                                                    Rng& rng, double& loss,
                                                    Vector<Scalar>& theta_bar) {
  const Index dim = x.rows(), batch = x.cols();
  training_.bind(theta.data());
  training_.draw_probes(batch, rng);
  start_.setZero(training_.dim(), batch);
  start_.topRows(dim) = x;
  const SolveReport forward = gradient_->forward(training_, start_, backward_);
  if (forward.status != SolveStatus::ok) return forward;

  const Matrix<Scalar>& end = gradient_->states()[1];
  states_bar_[0].setZero(end.rows(), batch);
  states_bar_[1].resize(end.rows(), batch);
  loss = negative_log_likelihood<Scalar>(end.topRows(dim + 1), states_bar_[1].topRows(dim + 1));
  if (end.rows() > dim + 1) {
    // The solve ran from t = 1 to 0, so that its integral of the penalty is negative.
    double sum = 0;
    for (Index s = 0; s < batch; ++s) sum -= static_cast<double>(end(dim + 1, s));
    loss += sum / static_cast<double>(batch);
    states_bar_[1].row(dim + 1).setConstant(static_cast<Scalar>(-1.0 / static_cast<double>(batch)));
  }
  const SolveReport backward = gradient_->backward(training_, states_bar_);
  if (backward.status != SolveStatus::ok) return backward;
  theta_bar = gradient_->theta_bar();
  return forward;
}

template <class Scalar>
const Vector<double>& DensityModel<Scalar>::log_prob(const Vector<Scalar>& theta,
                                                     MatrixIn<Scalar> x, double t, LogDensity base,
                                                     Solver<Scalar>& solver) {
  const Index dim = x.rows();
  log_prob_.resize(x.cols());
  start_.setZero(dim + 1, x.cols());
  start_.topRows(dim) = x;
  if (t > 0) {
    span_ << t, 0;
    exact_.bind(theta.data());
    solver.solve(exact_, start_, span_);
  }
  const Matrix<Scalar>& end = t > 0 ? solver.states()[1] : start_;
  log_likelihood<Scalar>(end, log_prob_);
  if (base == nullptr) return log_prob_;
  for (Index s = 0; s < x.cols(); ++s) {
    log_prob_[s] = base(static_cast<double>(end(0, s)), static_cast<double>(end(1, s))) -
                   static_cast<double>(end(dim, s));
  }
  return log_prob_;
}

template <class Scalar>
const std::vector<Matrix<Scalar>>& DensityModel<Scalar>::flow(const Vector<Scalar>& theta,
                                                              MatrixIn<Scalar> z,
                                                              const Matrix<double>& times,
                                                              Solver<Scalar>& solver) {
  points_.bind(theta.data());
  solver.solve(points_, z, times);
  return solver.states();
}

template class DensityModel<float>;
template class DensityModel<double>;

}  // namespace neural_ode
