#include "engine/models/density_model.h"

#include "engine/models/flow_likelihood.h"

namespace neural_ode {

template <class Scalar>
DensityModel<Scalar>::DensityModel(const DensitySpec& spec)
    : training_(spec.network(), spec.timed(), spec.trace, 1, spec.penalty),
      exact_(spec.network(), spec.timed()),
      points_(spec.network(), spec.timed(), Trace::none),
      gradient_(spec.gradient->template make<Scalar>(spec.solver, {.times = false})),
      forward_(2, 1),
      backward_(2, 1),
      span_(2, 1),
      states_bar_(2) {
  layout_.append("field.", points_.network().layout());
  forward_ << 0, 1;
  backward_ << 1, 0;
}

template <class Scalar>
Vector<Scalar> DensityModel<Scalar>::initialize(Rng& rng) const {
  Vector<Scalar> theta(layout_.size());
  points_.network().initialize(rng, true, theta);
  return theta;
}

template <class Scalar>
const SolveReport& DensityModel<Scalar>::carry(const Vector<Scalar>& theta, MatrixIn<Scalar> start,
                                               const Matrix<double>& span, Rng& rng) {
  const Index dim = start.rows(), batch = start.cols();
  training_.bind(theta.data());
  training_.draw_probes(batch, rng);
  start_.setZero(training_.dim(), batch);
  start_.topRows(dim) = start;
  states_bar_[0].setZero(training_.dim(), batch);
  states_bar_[1].resize(training_.dim(), batch);
  return gradient_->forward(training_, start_, span);
}

template <class Scalar>
double DensityModel<Scalar>::take_penalty(double direction) {
  const Matrix<Scalar>& end = gradient_->states()[1];
  const Index row = points_.dim() + 1, batch = end.cols();
  if (end.rows() == row) return 0;
  double sum = 0;
  for (Index s = 0; s < batch; ++s) sum += direction * static_cast<double>(end(row, s));
  states_bar_[1].row(row).setConstant(static_cast<Scalar>(direction / static_cast<double>(batch)));
  return sum / static_cast<double>(batch);
}

template <class Scalar>
SolveReport DensityModel<Scalar>::pull(const SolveReport& forward, Vector<Scalar>& theta_bar) {
  const SolveReport backward = gradient_->backward(training_, states_bar_);
  if (backward.status != SolveStatus::ok) return backward;
  theta_bar = gradient_->theta_bar();
  return forward;
}

template <class Scalar>
SolveReport DensityModel<Scalar>::loss_and_gradient(const Vector<Scalar>& theta, MatrixIn<Scalar> x,
                                                    Rng& rng, double& loss,
                                                    Vector<Scalar>& theta_bar) {
  const Index rows = x.rows() + 1;
  const SolveReport forward = carry(theta, x, backward_, rng);
  if (forward.status != SolveStatus::ok) return forward;
  loss = negative_log_likelihood<Scalar>(gradient_->states()[1].topRows(rows),
                                         states_bar_[1].topRows(rows));
  // The solve ran from t = 1 to 0.
  loss += take_penalty(-1);
  return pull(forward, theta_bar);
}

namespace {

// log q(x) - log p(x) of a sample z carried to x, its density changed by ell.
template <class Scalar>
double log_ratio(const Scalar* z, const Scalar* end, const LogDensity& p) {
  constexpr double log_two_pi = 1.8378770664093454836;
  const auto u = static_cast<double>(z[0]), v = static_cast<double>(z[1]);
  return -0.5 * (u * u + v * v) - log_two_pi + static_cast<double>(end[2]) -
         p.log_prob(static_cast<double>(end[0]), static_cast<double>(end[1]));
}

}  // namespace

template <class Scalar>
SolveReport DensityModel<Scalar>::reverse_loss_and_gradient(const Vector<Scalar>& theta,
                                                            MatrixIn<Scalar> z, const LogDensity& p,
                                                            Rng& rng, double& loss,
                                                            Vector<Scalar>& theta_bar) {
  eigen_assert(z.rows() == 2);
  const SolveReport forward = carry(theta, z, forward_, rng);
  if (forward.status != SolveStatus::ok) return forward;
  const Matrix<Scalar>& end = gradient_->states()[1];
  const double share = 1 / static_cast<double>(z.cols());
  loss = 0;
  for (Index s = 0; s < z.cols(); ++s) {
    loss += share * log_ratio<Scalar>(z.col(s).data(), end.col(s).data(), p);
    double dx = 0, dy = 0;
    p.score(static_cast<double>(end(0, s)), static_cast<double>(end(1, s)), dx, dy);
    states_bar_[1](0, s) = static_cast<Scalar>(-share * dx);
    states_bar_[1](1, s) = static_cast<Scalar>(-share * dy);
    states_bar_[1](2, s) = static_cast<Scalar>(share);
  }
  loss += take_penalty(1);
  return pull(forward, theta_bar);
}

template <class Scalar>
double DensityModel<Scalar>::reverse_divergence(const Vector<Scalar>& theta, MatrixIn<Scalar> z,
                                                const LogDensity& p, Solver<Scalar>& solver) {
  start_.setZero(3, z.cols());
  start_.topRows(2) = z;
  exact_.bind(theta.data());
  solver.solve(exact_, start_, forward_);
  double sum = 0;
  for (Index s = 0; s < z.cols(); ++s)
    sum += log_ratio<Scalar>(z.col(s).data(), solver.states()[1].col(s).data(), p);
  return sum / static_cast<double>(z.cols());
}

template <class Scalar>
const Vector<double>& DensityModel<Scalar>::log_prob(const Vector<Scalar>& theta,
                                                     MatrixIn<Scalar> x, double t,
                                                     double (*base)(double, double),
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
