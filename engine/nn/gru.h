// The gated recurrent unit [cho2014], with the reset gate applied to the product with h as PyTorch
// and cuDNN do:
//   r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)
//   z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
//   n = tanh(W_in x + b_in + r (W_hn h + b_hn))
//   h_next = (1 - z) n + z h
#pragma once

#include "engine/nn/recurrent_cell.h"

namespace neural_ode {

template <class Scalar>
class GruCell final : public RecurrentCell<Scalar> {
 public:
  GruCell(int inputs, int hidden);

  Index inputs() const override { return inputs_; }
  Index hidden() const override { return hidden_; }
  // From the top: h, x, the mask, r, z, n, W_hn h + b_hn.
  Index record_rows() const override { return 5 * hidden_ + inputs_ + 1; }
  // "weight_ih" 3H x I, "weight_hh" 3H x H, "bias_ih" 3H, "bias_hh" 3H; rows r, z, n.
  const ParameterLayout& layout() const override { return layout_; }
  // All uniform in +-1 / sqrt(H), as PyTorch does.
  void initialize(Rng& rng, VectorOut<Scalar> theta) const override;
  void reserve(Index batch) override;

  void forward(VectorIn<Scalar> theta, MatrixIn<Scalar> h, MatrixIn<Scalar> x,
               VectorIn<Scalar> mask, MatrixOut<Scalar> record, MatrixOut<Scalar> h_next) override;
  void pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> record, MatrixIn<Scalar> h_next_bar,
                MatrixOut<Scalar> h_bar, MatrixOut<Scalar> x_bar,
                VectorOut<Scalar> theta_bar) override;

 private:
  Index inputs_, hidden_;
  ParameterLayout layout_;
  Index weight_hh_ = 0, bias_ih_ = 0, bias_hh_ = 0;  // offsets into theta; weight_ih is at 0
  // 3H x batch: the products with x and with h; in pullback their cotangents.
  Matrix<Scalar> from_x_, from_h_;
};

extern template class GruCell<float>;
extern template class GruCell<double>;

}  // namespace neural_ode
