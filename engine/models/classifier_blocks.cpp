#include "engine/models/classifier_blocks.h"

#include <string>
#include <utility>

namespace neural_ode {

template <class Scalar>
ResidualBlocks<Scalar>::ResidualBlocks(std::vector<LayerSpec> layers, int count)
    : mlp_(std::move(layers)), count_(count), records_(static_cast<std::size_t>(count)) {
  for (int k = 0; k < count; ++k) layout_.append("block" + std::to_string(k) + ".", mlp_.layout());
}

template <class Scalar>
void ResidualBlocks<Scalar>::initialize(Rng& rng, VectorOut<Scalar> theta) const {
  const Index size = mlp_.layout().size();
  for (int k = 0; k < count_; ++k) mlp_.initialize(rng, false, theta.segment(k * size, size));
}

template <class Scalar>
void ResidualBlocks<Scalar>::forward(VectorIn<Scalar> theta, MatrixOut<Scalar> z) {
  const Scalar dt = Scalar(1) / static_cast<Scalar>(count_);
  for (int k = 0; k < count_; ++k) {
    Matrix<Scalar>& record = records_[static_cast<std::size_t>(k)];
    record.resize(mlp_.record_rows(0), z.cols());
    z += dt * mlp_.forward(part(theta, k), z, 0, record);
  }
}

template <class Scalar>
void ResidualBlocks<Scalar>::pullback(VectorIn<Scalar> theta, MatrixOut<Scalar> z_bar,
                                      VectorOut<Scalar> theta_bar) {
  const Scalar dt = Scalar(1) / static_cast<Scalar>(count_);
  const Index size = mlp_.layout().size();
  branch_bar_.resize(z_bar.rows(), z_bar.cols());
  for (int k = count_; k-- > 0;) {
    f_bar_ = dt * z_bar;
    mlp_.pullback(part(theta, k), records_[static_cast<std::size_t>(k)], 0, f_bar_, branch_bar_,
                  theta_bar.segment(k * size, size));
    z_bar += branch_bar_;
  }
}

template <class Scalar>
void ResidualBlocks<Scalar>::advance(VectorIn<Scalar> theta, int block, MatrixOut<Scalar> z) {
  z += Scalar(1) / static_cast<Scalar>(count_) * mlp_.evaluate(part(theta, block), z);
}

template <class Scalar>
std::size_t ResidualBlocks<Scalar>::state_bytes() const {
  std::size_t bytes = 0;
  for (const Matrix<Scalar>& record : records_)
    bytes += static_cast<std::size_t>(record.size()) * sizeof(Scalar);
  return bytes;
}

template class ResidualBlocks<float>;
template class ResidualBlocks<double>;

}  // namespace neural_ode
