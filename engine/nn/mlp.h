// A multilayer perceptron on jets: value and K tangents travel together.
//
// A jet of B samples is a matrix with B (K+1) columns: the B values, then the B first tangents, and
// so on. K = 0 is a plain forward pass; K = 1 a Jacobian-vector product; K = inputs gives the whole
// Jacobian. `pullback` is the reverse of the jet, so one code path gives VJPs, JVPs and the
// second-order gradient that likelihood training needs. With z the pre-activation, dots tangents,
// bars cotangents:
//   z_bar     = s'(z) h_bar + s''(z) sum_k z_dot_k h_dot_bar_k
//   z_dot_bar = s'(z) h_dot_bar
//   W_bar    += z_bar h^T + sum_k z_dot_bar_k h_dot_k^T,   b_bar += sum z_bar
#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/rng.h"
#include "engine/core/types.h"
#include "engine/nn/activation.h"
#include "engine/nn/jet_network.h"
#include "engine/nn/parameter_layout.h"

namespace neural_ode {

struct LayerSpec {
  int inputs = 0, outputs = 0;
  Activation activation = Activation::identity;
  bool bias = true;

  bool operator==(const LayerSpec&) const = default;
};

// inputs -> hidden (x layers, `activation`) -> outputs (identity).
std::vector<LayerSpec> mlp_layers(int inputs, int hidden, int layers, int outputs,
                                  Activation activation);

template <class Scalar>
class Mlp final : public JetNetwork<Scalar> {
 public:
  // Consecutive layers must fit: layers[i].outputs == layers[i+1].inputs.
  explicit Mlp(std::vector<LayerSpec> layers);

  int inputs() const override;
  int outputs() const override;
  const std::vector<LayerSpec>& layers() const { return layers_; }
  const ParameterLayout& layout() const override {
    return layout_;
  }  // "0.weight", "0.bias", "1.weight", ...

  // Uniform in +-sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010) [glorot2010], biases zero.
  // `zero_last` makes the last layer zero: the flow starts as the identity map.
  void initialize(Rng& rng, bool zero_last, VectorOut<Scalar> theta) const override;

  // Sizes the scratch for jets of up to `columns` columns; forward grows it only when that is
  // exceeded.
  void reserve(Index columns) override;

  // x: inputs x B(K+1). Returns outputs x B(K+1), valid until the next call. Writes what pullback
  // needs to `record`: record_rows(K) x B(K+1), of which the first rows are x.
  MatrixIn<Scalar> forward(VectorIn<Scalar> theta, MatrixIn<Scalar> x, int tangents,
                           MatrixOut<Scalar> record) override;
  Index record_rows(int tangents) const override;
  // Keeps the record itself, until the next call of it.
  MatrixIn<Scalar> forward(VectorIn<Scalar> theta, MatrixIn<Scalar> x, int tangents = 0) override;
  // The values alone (K = 0), for less; no pullback can follow.
  MatrixIn<Scalar> evaluate(VectorIn<Scalar> theta, MatrixIn<Scalar> x) override;

  // Reverse of the forward that wrote `record`. y_bar: outputs x B(K+1). Writes x_bar: inputs x
  // B(K+1) (skipped when empty); adds to theta_bar (skipped when empty).
  void pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> record, int tangents,
                MatrixIn<Scalar> y_bar, MatrixOut<Scalar> x_bar,
                VectorOut<Scalar> theta_bar) override;
  // Of the last forward that kept its record itself.
  void pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> y_bar, MatrixOut<Scalar> x_bar,
                VectorOut<Scalar> theta_bar) override;

 private:
  // One layer: where its parameters are in theta, and its rows in a record.
  struct Stage {
    Index weight = 0, bias = -1;  // -1: no bias
    Index h = -1;                 // the image of the jet; -1: the last layer, whose image is linear
    // Where there is an activation: s'(z), unless the image tells it, and when there are tangents
    // s'(z), s''(z), all in the first B columns, and the pre-activation jet, of which the tangents
    // are used.
    Index d1 = -1, d2 = -1, z = -1;
  };

  Eigen::Map<const Matrix<Scalar>> weight(VectorIn<Scalar> theta, std::size_t layer) const;
  const Scalar* bias(VectorIn<Scalar> theta, std::size_t layer) const;  // null: none
  // The rows of a record that enter a layer.
  Index input_row(std::size_t layer) const { return layer == 0 ? 0 : stages_[layer - 1].h; }
  void pull_activation(MatrixIn<Scalar> record, int tangents, std::size_t layer,
                       MatrixOut<Scalar> bar) const;
  Eigen::Map<Matrix<Scalar>> own_record(int tangents, Index columns);

  std::vector<LayerSpec> layers_;
  ParameterLayout layout_;
  std::vector<Stage> stages_;
  Index value_rows_ = 0, jet_rows_ = 0;  // of a record without and with tangents
  Vector<Scalar> record_;
  Matrix<Scalar> h_bar_, next_h_bar_;  // widest layer x columns
  Vector<Scalar> bias_bar_;            // widest layer
  Index capacity_ = 0;                 // columns
  Index columns_ = 0;                  // of the record kept
  int tangents_ = 0;                   // K of the record kept
};

extern template class Mlp<float>;
extern template class Mlp<double>;

}  // namespace neural_ode
