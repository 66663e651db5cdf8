#include "engine/models/bouncing_ball.h"

namespace neural_ode {

template <class Scalar>
BallParameters<Scalar>::BallParameters(int hidden, Activation activation, int layers) {
  layout_.add("gamma", 1, 1);
  layout_.add("restitution", 1, 1);
  layout_.add("surface.weight", 1, 2);
  layout_.add("surface.bias", 1, 1);
  if (hidden == 0) return;
  for (const char* name : {"acceleration.", "surface.", "update."}) {
    networks_.emplace_back(mlp_layers(2, hidden, layers, 1, activation));
    offsets_.push_back(layout_.append(name, networks_.back().layout()));
    networks_.back().reserve(1);
  }
  x_.resize(2, 1);
  x_bar_.resize(2, 1);
  bar_.resize(1, 1);
}

template <class Scalar>
Vector<Scalar> BallParameters<Scalar>::initial(const BallGuess& guess, Rng& rng) const {
  Vector<Scalar> theta = Vector<Scalar>::Zero(layout_.size());
  theta[gamma] = static_cast<Scalar>(guess.gravity) / unit;
  theta[restitution] = static_cast<Scalar>(guess.restitution);
  theta[surface_x] = 1;
  theta[surface_b] = static_cast<Scalar>(-guess.floor);
  for (std::size_t part = 0; part < networks_.size(); ++part) {
    networks_[part].initialize(rng, true,
                               theta.segment(offsets_[part], networks_[part].layout().size()));
  }
  return theta;
}

template <class Scalar>
Eigen::Map<const Vector<Scalar>> BallParameters<Scalar>::weights(Part part) const {
  const auto index = static_cast<std::size_t>(part);
  return {theta_ + offsets_[index], networks_[index].layout().size()};
}

template <class Scalar>
Scalar BallParameters<Scalar>::correction(Part part, const Scalar* y) {
  if (networks_.empty()) return 0;
  x_.col(0) << y[0], y[1];
  return networks_[static_cast<std::size_t>(part)].evaluate(weights(part), x_)(0, 0);
}

template <class Scalar>
void BallParameters<Scalar>::pull_correction(Part part, const Scalar* y, Scalar bar, Scalar* y_bar,
                                             VectorOut<Scalar> theta_bar) {
  if (networks_.empty()) return;
  Mlp<Scalar>& network = networks_[static_cast<std::size_t>(part)];
  x_.col(0) << y[0], y[1];
  bar_(0, 0) = bar;
  network.forward(weights(part), x_);
  const bool wanted = theta_bar.size() > 0;
  network.pullback(weights(part), bar_, x_bar_,
                   theta_bar.segment(wanted ? offsets_[static_cast<std::size_t>(part)] : 0,
                                     wanted ? network.layout().size() : 0));
  y_bar[0] += x_bar_(0, 0);
  y_bar[1] += x_bar_(1, 0);
}

template <class Scalar>
void BallField<Scalar>::eval(TimesIn /*t*/, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) {
  for (Index s = 0; s < y.cols(); ++s) {
    dy(0, s) = y(1, s);
    dy(1, s) = -p_.unit * p_[p_.gamma] + p_.correction(p_.acceleration, y.col(s).data());
  }
}

template <class Scalar>
void BallField<Scalar>::vjp(TimesIn /*t*/, MatrixIn<Scalar> y, MatrixIn<Scalar> a,
                            MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar,
                            TimesOut /*t_bar*/) {
  for (Index s = 0; s < y.cols(); ++s) {
    y_bar(1, s) += a(0, s);
    if (theta_bar.size() > 0) theta_bar[p_.gamma] -= p_.unit * a(1, s);
    p_.pull_correction(p_.acceleration, y.col(s).data(), a(1, s), y_bar.col(s).data(), theta_bar);
  }
}

template <class Scalar>
double BallSurface<Scalar>::value(double /*t*/, const Scalar* y) const {
  return static_cast<double>(p_[p_.surface_x] * y[0] + p_[p_.surface_v] * y[1] / p_.unit +
                             p_[p_.surface_b] + p_.correction(p_.surface, y));
}

template <class Scalar>
double BallSurface<Scalar>::vjp(double /*t*/, const Scalar* y, double g_bar, Scalar* y_bar,
                                VectorOut<Scalar> theta_bar) const {
  const auto bar = static_cast<Scalar>(g_bar);
  y_bar[0] += bar * p_[p_.surface_x];
  y_bar[1] += bar * p_[p_.surface_v] / p_.unit;
  if (theta_bar.size() > 0) {
    theta_bar[p_.surface_x] += bar * y[0];
    theta_bar[p_.surface_v] += bar * y[1] / p_.unit;
    theta_bar[p_.surface_b] += bar;
  }
  p_.pull_correction(p_.surface, y, bar, y_bar, theta_bar);
  return 0;
}

template <class Scalar>
void BallSurface<Scalar>::reset(double /*t*/, const Scalar* y, Index /*dim*/,
                                Scalar* y_after) const {
  const Scalar velocity = -p_[p_.restitution] * y[1] + p_.correction(p_.update, y);
  y_after[0] = y[0];
  y_after[1] = velocity;
}

template <class Scalar>
double BallSurface<Scalar>::reset_vjp(double /*t*/, const Scalar* y, Index /*dim*/,
                                      const Scalar* after_bar, Scalar* y_bar,
                                      VectorOut<Scalar> theta_bar) const {
  y_bar[0] += after_bar[0];
  y_bar[1] -= p_[p_.restitution] * after_bar[1];
  if (theta_bar.size() > 0) theta_bar[p_.restitution] -= after_bar[1] * y[1];
  p_.pull_correction(p_.update, y, after_bar[1], y_bar, theta_bar);
  return 0;
}

template <class Scalar>
double height_loss(const std::vector<Matrix<Scalar>>& states, const Matrix<double>& heights,
                   std::vector<Matrix<Scalar>>& states_bar) {
  const Index batch = states[0].cols();
  const double scale = 1 / static_cast<double>(static_cast<Index>(states.size() - 1) * batch);
  double sum = 0;
  states_bar.resize(states.size());
  for (std::size_t k = 0; k < states.size(); ++k) {
    states_bar[k].setZero(2, batch);
    if (k == 0) continue;
    for (Index s = 0; s < batch; ++s) {
      const double miss = static_cast<double>(states[k](0, s)) - heights(static_cast<Index>(k), s);
      sum += miss * miss;
      states_bar[k](0, s) = static_cast<Scalar>(2 * scale * miss);
    }
  }
  return scale * sum;
}

template class BallParameters<float>;
template class BallParameters<double>;
template class BallField<float>;
template class BallField<double>;
template class BallSurface<float>;
template class BallSurface<double>;
template double height_loss(const std::vector<Matrix<float>>&, const Matrix<double>&,
                            std::vector<Matrix<float>>&);
template double height_loss(const std::vector<Matrix<double>>&, const Matrix<double>&,
                            std::vector<Matrix<double>>&);

}  // namespace neural_ode
