// The plain recurrent cell of the recognition network of [chen2018]:
//   h_next = tanh(W [x; h] + b)
#pragma once

#include "engine/nn/recurrent_cell.h"

namespace neural_ode {

template <class Scalar>
class RnnCell final : public RecurrentCell<Scalar> {
 public:
  RnnCell(int inputs, int hidden);

  Index inputs() const override { return inputs_; }
  Index hidden() const override { return hidden_; }
  // From the top: h, x, the mask, tanh(W [x; h] + b).
  Index record_rows() const override { return 2 * hidden_ + inputs_ + 1; }
  // "i2h.weight" H x (I + H), "i2h.bias" H.
  const ParameterLayout& layout() const override { return layout_; }
  // All uniform in +-1 / sqrt(I + H), as PyTorch does.
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
  Index bias_ = 0;        // offset into theta; the weight is at 0
  Matrix<Scalar> z_bar_;  // H x batch
};

extern template class RnnCell<float>;
extern template class RnnCell<double>;

}  // namespace neural_ode
