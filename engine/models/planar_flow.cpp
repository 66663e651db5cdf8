#include "engine/models/planar_flow.h"

#include <cmath>

#include "engine/core/kernels.h"
#include "engine/core/math.h"

namespace neural_ode {

namespace {

constexpr double log_two_pi = 1.8378770664093454836;

// log(1 + e^a), also where e^a is too large for a number.
double softplus(double a) {
  return a > 0 ? a + math::log1p(math::exp(-a)) : math::log1p(math::exp(a));
}

template <class Scalar>
double dot(const Scalar* a, const Scalar* b, int dim) {
  double sum = 0;
  for (int d = 0; d < dim; ++d) sum += static_cast<double>(a[d]) * static_cast<double>(b[d]);
  return sum;
}

template <class Scalar>
double log_normal(const Scalar* z, int dim) {
  return -0.5 * (dot(z, z, dim) + dim * log_two_pi);
}

}  // namespace

template <class Scalar>
PlanarFlow<Scalar>::PlanarFlow(int dim, int layers)
    : dim_(dim), layers_(layers), u_(dim), w_bar_(dim), u_bar_(dim) {
  layout_.add("w", dim, layers);
  u_offset_ = layout_.add("u", dim, layers);
  b_offset_ = layout_.add("b", layers, 1);
}

template <class Scalar>
void PlanarFlow<Scalar>::initialize(Rng& rng, VectorOut<Scalar> theta) const {
  theta.setZero();
  const double bound = 1 / std::sqrt(static_cast<double>(dim_));
  for (Index i = 0; i < b_offset_; ++i) theta[i] = static_cast<Scalar>(rng.uniform(-bound, bound));
}

template <class Scalar>
auto PlanarFlow<Scalar>::layer(VectorIn<Scalar> theta, int k) -> Layer {
  // Keeps a direction from vanishing without being felt where it has one.
  constexpr double smallest = 1e-12;
  const Scalar* w = theta.data() + Index{k} * dim_;
  const Scalar* u = theta.data() + u_offset_ + Index{k} * dim_;
  const double along = dot(w, u, dim_), squares = dot(w, w, dim_) + smallest;
  const double gain = (softplus(along) - 1 - along) / squares;
  for (int d = 0; d < dim_; ++d)
    u_[d] = static_cast<Scalar>(static_cast<double>(u[d]) + gain * static_cast<double>(w[d]));
  const auto b = static_cast<double>(theta[b_offset_ + k]);
  return {w, u, along, squares, gain, b, dot(w, u_.data(), dim_)};
}

template <class Scalar>
void PlanarFlow<Scalar>::apply(const Layer& layer, MatrixOut<Scalar> z, Scalar* h) const {
  const Index batch = z.cols();
  for (Index s = 0; s < batch; ++s)
    h[s] = static_cast<Scalar>(dot(layer.w, z.col(s).data(), dim_) + layer.b);
  activate<Scalar>(Activation::tanh, batch, 1, batch, h, nullptr, h, nullptr, nullptr);
  for (Index s = 0; s < batch; ++s) z.col(s) += h[s] * u_;
}

template <class Scalar>
void PlanarFlow<Scalar>::log_prob(VectorIn<Scalar> theta, MatrixIn<Scalar> x, int skip,
                                  VectorOut<double> log_prob) {
  const Index batch = x.cols();
  if (h_.size() < batch) h_.resize(batch, layers_);
  z_ = x;
  log_prob.setZero();
  for (int k = skip; k < layers_; ++k) {
    const Layer each = layer(theta, k);
    Scalar* h = h_.data();
    apply(each, z_, h);
    for (Index s = 0; s < batch; ++s) {
      const auto value = static_cast<double>(h[s]);
      log_prob[s] += math::log1p((1 - value) * (1 + value) * each.moved);
    }
  }
  for (Index s = 0; s < batch; ++s) log_prob[s] += log_normal(z_.col(s).data(), dim_);
}

template <class Scalar>
double PlanarFlow<Scalar>::loss_and_gradient(VectorIn<Scalar> theta, MatrixIn<Scalar> x,
                                             VectorOut<Scalar> theta_bar) {
  eigen_assert(theta.size() == layout_.size() && theta_bar.size() == layout_.size());
  const Index batch = x.cols();
  const double share = 1 / static_cast<double>(batch);
  h_.resize(batch, layers_);
  z_.resize(dim_, batch * (layers_ + 1));
  const auto values = [&](int k) { return z_.middleCols(k * batch, batch); };
  values(0) = x;
  double loss = 0;
  for (int k = 0; k < layers_; ++k) {
    const Layer each = layer(theta, k);
    values(k + 1) = values(k);
    apply(each, values(k + 1), h_.col(k).data());
    for (Index s = 0; s < batch; ++s) {
      const auto h = static_cast<double>(h_(s, k));
      loss -= share * math::log1p((1 - h) * (1 + h) * each.moved);
    }
  }
  for (Index s = 0; s < batch; ++s) loss -= share * log_normal(values(layers_).col(s).data(), dim_);

  z_bar_ = static_cast<Scalar>(share) * values(layers_);
  for (int k = layers_; k-- > 0;) {
    const Layer each = layer(theta, k);
    double b_bar = 0, moved_bar = 0;
    w_bar_.setZero();
    u_bar_.setZero();
    for (Index s = 0; s < batch; ++s) {
      const auto h = static_cast<double>(h_(s, k));
      const double slope = (1 - h) * (1 + h);
      // -log(1 + slope moved), with d slope / da = -2 h slope.
      const double bar = -share / (1 + slope * each.moved);
      moved_bar += bar * slope;
      Scalar* z_bar = z_bar_.col(s).data();
      const Scalar* z = z_.col(k * batch + s).data();
      const double a_bar = slope * (dot(u_.data(), z_bar, dim_) - 2 * h * bar * each.moved);
      b_bar += a_bar;
      for (int d = 0; d < dim_; ++d) {
        u_bar_[d] += h * static_cast<double>(z_bar[d]);
        w_bar_[d] += a_bar * static_cast<double>(z[d]);
        z_bar[d] += static_cast<Scalar>(a_bar * static_cast<double>(each.w[d]));
      }
    }
    // Through moved = w . u' and u' = u + gain w.
    double gain_bar = 0;
    for (int d = 0; d < dim_; ++d) {
      const auto w = static_cast<double>(each.w[d]);
      w_bar_[d] += moved_bar * static_cast<double>(u_[d]);
      u_bar_[d] += moved_bar * w;
      gain_bar += u_bar_[d] * w;
    }
    const double along_bar = gain_bar * (math::sigmoid(each.along) - 1) / each.squares;
    for (int d = 0; d < dim_; ++d) {
      const auto w = static_cast<double>(each.w[d]);
      w_bar_[d] += each.gain * u_bar_[d] + along_bar * static_cast<double>(each.u[d]) -
                   2 * gain_bar * each.gain / each.squares * w;
      theta_bar[Index{k} * dim_ + d] += static_cast<Scalar>(w_bar_[d]);
      theta_bar[u_offset_ + Index{k} * dim_ + d] += static_cast<Scalar>(u_bar_[d] + along_bar * w);
    }
    theta_bar[b_offset_ + k] += static_cast<Scalar>(b_bar);
  }
  return loss;
}

template class PlanarFlow<float>;
template class PlanarFlow<double>;

}  // namespace neural_ode
