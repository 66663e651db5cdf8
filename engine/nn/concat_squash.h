// Layers whose gain and offset follow the time: the "concat squash" layers of FFJORD
// [grathwohl2019],
//   z = (W h + b) * sigmoid(w t + c) + s t,   next h = activation(z),
// * entry by entry. An MLP sees the time in its first layer alone; here every unit of every layer
// can be switched on and off by it.
//
// Jets as in nn/mlp.h, of the state at fixed time: with u = W h + b, g = sigmoid(w t + c),
//   z_dot   = g u_dot
//   u_bar   = g z_bar,   u_dot_bar = g z_dot_bar
//   a_bar   = g (1 - g) (z_bar u + sum_k z_dot_bar_k u_dot_k)      of a = w t + c
//   t_bar   = sum over the units of a_bar w + z_bar s
#pragma once

#include <vector>

#include "engine/nn/jet_network.h"
#include "engine/nn/mlp.h"

namespace neural_ode {

template <class Scalar>
class ConcatSquash final : public JetNetwork<Scalar> {
 public:
  // Consecutive layers must fit, and each has a bias. The time is no input of theirs: the network
  // has one input more, [x; t].
  explicit ConcatSquash(std::vector<LayerSpec> layers);

  int inputs() const override { return layers_.front().inputs + 1; }
  int outputs() const override { return layers_.back().outputs; }
  const ParameterLayout& layout() const override {
    return layout_;
  }  // of layer i "i.weight" W, "i.bias" b, "i.gate_weight" w, "i.gate_bias" c, "i.time_bias" s

  // W as in an MLP, b zero; w, c and s uniform in +-1, as PyTorch has layers of one input.
  // `zero_last`: W and s of the last layer are zero.
  void initialize(Rng& rng, bool zero_last, VectorOut<Scalar> theta) const override;
  void reserve(Index columns) override;

  // The tangents of t are not read: they are taken for zero, and so are their cotangents.
  MatrixIn<Scalar> forward(VectorIn<Scalar> theta, MatrixIn<Scalar> x, int tangents,
                           MatrixOut<Scalar> record) override;
  Index record_rows(int /*tangents*/) const override { return rows_; }
  MatrixIn<Scalar> forward(VectorIn<Scalar> theta, MatrixIn<Scalar> x, int tangents) override;
  MatrixIn<Scalar> evaluate(VectorIn<Scalar> theta, MatrixIn<Scalar> x) override {
    return forward(theta, x, 0);
  }
  void pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> record, int tangents,
                MatrixIn<Scalar> y_bar, MatrixOut<Scalar> x_bar,
                VectorOut<Scalar> theta_bar) override;
  void pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> y_bar, MatrixOut<Scalar> x_bar,
                VectorOut<Scalar> theta_bar) override;

 private:
  // One layer: where its parameters are in theta, and its rows in a record.
  struct Stage {
    Index weight = 0, bias = 0, gate_weight = 0, gate_bias = 0, time_bias = 0;
    Index u = 0, h = 0;           // jets: before the gate, and the image
    Index g = 0, d1 = 0, d2 = 0;  // of the first B columns: the gate, s'(z), s''(z)
  };

  Index input_row(std::size_t layer) const { return layer == 0 ? 0 : stages_[layer - 1].h; }
  void pull_activation(MatrixIn<Scalar> record, int tangents, const Stage& stage,
                       MatrixOut<Scalar> bar) const;
  // bar of z becomes that of u; adds to t_bar_ and, unless theta_bar is empty, to that.
  void pull_gate(VectorIn<Scalar> theta, MatrixIn<Scalar> record, int tangents, const Stage& stage,
                 MatrixOut<Scalar> bar, VectorOut<Scalar> theta_bar);

  std::vector<LayerSpec> layers_;
  ParameterLayout layout_;
  std::vector<Stage> stages_;
  Index rows_ = 0;  // of a record
  int widest_ = 0;
  Vector<Scalar> record_;
  Matrix<Scalar> bar_, next_bar_;  // widest layer x columns
  Vector<Scalar> t_bar_;           // columns
  Index capacity_ = 0;             // columns
  Index columns_ = 0;              // of the record kept
  int tangents_ = 0;               // K of the record kept
};

extern template class ConcatSquash<float>;
extern template class ConcatSquash<double>;

}  // namespace neural_ode
