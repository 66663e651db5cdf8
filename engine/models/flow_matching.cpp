#include "engine/models/flow_matching.h"

#include <vector>

namespace neural_ode {

template <class Scalar>
FlowMatching<Scalar>::FlowMatching(const FlowNetwork& network, Coupling coupling, double sigma)
    : network_(network.make<Scalar>()), coupling_(coupling), sigma_(sigma) {}

template <class Scalar>
void FlowMatching<Scalar>::draw(const Matrix<double>& x0, const Matrix<double>& x1, Rng& rng) {
  const Index dim = x0.rows(), batch = x0.cols();
  const std::vector<int>* partner = nullptr;
  if (coupling_ == Coupling::optimal_transport) {
    squared_distances(x0, x1, cost_);
    partner = &assignment_.solve(cost_);
  }
  input_.resize(network_->inputs(), batch);
  u_.resize(dim, batch);
  f_bar_.resize(dim, batch);
  for (Index s = 0; s < batch; ++s) {
    const Index to = partner ? (*partner)[static_cast<std::size_t>(s)] : s;
    const double t = rng.uniform();
    if (input_.rows() > dim) input_(dim, s) = static_cast<Scalar>(t);
    for (Index d = 0; d < dim; ++d) {
      const double noise = sigma_ > 0 ? sigma_ * rng.normal() : 0;
      input_(d, s) = static_cast<Scalar>((1 - t) * x0(d, s) + t * x1(d, to) + noise);
      u_(d, s) = static_cast<Scalar>(x1(d, to) - x0(d, s));
    }
  }
}

template <class Scalar>
double FlowMatching<Scalar>::compare(MatrixIn<Scalar> f) {
  const auto scale = static_cast<Scalar>(2.0 / static_cast<double>(f.cols()));
  double sum = 0;
  for (Index s = 0; s < f.cols(); ++s) {
    for (Index d = 0; d < f.rows(); ++d) {
      const Scalar difference = f(d, s) - u_(d, s);
      sum += static_cast<double>(difference) * static_cast<double>(difference);
      f_bar_(d, s) = scale * difference;
    }
  }
  return sum / static_cast<double>(f.cols());
}

template <class Scalar>
double FlowMatching<Scalar>::loss_and_gradient(const Vector<Scalar>& theta,
                                               const Matrix<double>& x0, const Matrix<double>& x1,
                                               Rng& rng, Vector<Scalar>& theta_bar) {
  draw(x0, x1, rng);
  const double loss = compare(network_->forward(theta, input_, 0));
  theta_bar.setZero(network_->layout().size());
  Matrix<Scalar> unused;  // no storage: the points need no cotangent
  network_->pullback(theta, f_bar_, unused, theta_bar);
  return loss;
}

template <class Scalar>
double FlowMatching<Scalar>::loss(const Vector<Scalar>& theta, const Matrix<double>& x0,
                                  const Matrix<double>& x1, Rng& rng) {
  draw(x0, x1, rng);
  return compare(network_->evaluate(theta, input_));
}

template class FlowMatching<float>;
template class FlowMatching<double>;

}  // namespace neural_ode
