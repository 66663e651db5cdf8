// What a flow is the limit of: z_{k+1} = z_k + dt f_k(z_k), k = 0 .. K - 1, dt = 1 / K, each f_k an
// MLP with weights of its own [he2016], [chen2018].
#pragma once

#include <vector>

#include "engine/nn/mlp.h"

namespace neural_ode {

template <class Scalar>
class ResidualBlocks {
 public:
  // Of every f_k: as many inputs as outputs, D.
  ResidualBlocks(std::vector<LayerSpec> layers, int count);

  int count() const { return count_; }
  const ParameterLayout& layout() const { return layout_; }  // "block0.0.weight", ...
  void initialize(Rng& rng, VectorOut<Scalar> theta) const;

  // z: D x B, z_0 in and z_K out. Keeps what pullback needs.
  void forward(VectorIn<Scalar> theta, MatrixOut<Scalar> z);
  // z_bar: D x B, the cotangent of z_K in and of z_0 out. Adds to theta_bar.
  void pullback(VectorIn<Scalar> theta, MatrixOut<Scalar> z_bar, VectorOut<Scalar> theta_bar);
  // One block, z_k to z_{k+1}, for less; no pullback can follow.
  void advance(VectorIn<Scalar> theta, int block, MatrixOut<Scalar> z);

  std::size_t state_bytes() const;  // kept for pullback

 private:
  VectorIn<Scalar> part(VectorIn<Scalar> theta, int block) const {
    const Index size = mlp_.layout().size();
    return theta.segment(block * size, size);
  }

  Mlp<Scalar> mlp_;
  int count_;
  ParameterLayout layout_;
  std::vector<Matrix<Scalar>> records_;  // of each block: rows of its record x B
  Matrix<Scalar> f_bar_, branch_bar_;    // D x B
};

extern template class ResidualBlocks<float>;
extern template class ResidualBlocks<double>;

}  // namespace neural_ode
