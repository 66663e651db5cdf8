// x -> y(0) = [x; 0] or lift x + b -> dy/dt = f on [0, 1] -> one logit -> logistic cross-entropy;
// and what it is compared with: residual blocks in place of the flow, and a plain MLP from x to the
// logit.
//
// theta holds the slices "lift.*" (when there is a lift), "field.*" or "block0.*", "block1.*", ...,
// and "readout.*" (none in a regression) one after another; of a plain MLP "mlp.*" alone.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/core/rng.h"
#include "engine/fields/mlp_field.h"
#include "engine/gradient/gradient.h"
#include "engine/models/classifier_blocks.h"
#include "engine/models/classifier_spec.h"
#include "engine/nn/mlp.h"

namespace neural_ode {

template <class Scalar>
class Classifier {
 public:
  static constexpr int residual_blocks = 20;

  explicit Classifier(const ClassifierSpec& spec);

  const ParameterLayout& layout() const { return layout_; }
  Index dim() const { return field_.dim(); }  // D
  Vector<Scalar> initialize(Rng& rng) const;

  // x: n x B, label: B of 0 or 1. Writes the mean cross-entropy (squared error) to `loss` and its
  // gradient to theta_bar (P). When the report is not ok both are meaningless. The report of what
  // is not an ODE counts evaluations of its networks: one for each residual block.
  const SolveReport& loss_and_gradient(const Vector<Scalar>& theta, MatrixIn<Scalar> x,
                                       std::span<const int> label, double& loss,
                                       Vector<Scalar>& theta_bar);
  // Of the last loss_and_gradient: see Gradient. What is not an ODE keeps every evaluation.
  const Gradient<Scalar>& gradient() const { return *gradient_; }  // of an ODE
  Count nfe_backward() const;
  std::size_t state_bytes() const;

  // Mean cross-entropy (squared error) and the fraction classified correctly.
  struct Score {
    double loss = 0, accuracy = 0;
  };
  Score score(const Vector<Scalar>& theta, MatrixIn<Scalar> x, std::span<const int> label);
  // Probability of label 1 (in a regression the value) for each column of x, by the solver given
  // (the spec's own or a cheaper one), which only an ODE needs.
  const std::vector<double>& predict(const Vector<Scalar>& theta, MatrixIn<Scalar> x,
                                     Solver<Scalar>& solver);
  // States at `times` (T x 1) of the samples x; of residual blocks, whatever the times, those
  // before, between and after the blocks. Not of a plain MLP.
  const std::vector<Matrix<Scalar>>& flow(const Vector<Scalar>& theta, MatrixIn<Scalar> x,
                                          const Matrix<double>& times);
  // Two coordinates of a state for a picture: the first two of an augmented state; for a lift the
  // least-squares inverse of the lift, so that at t = 0 every sample is where it is in the data.
  // state: D x B. Returns 2 x B.
  Matrix<double> project(const Vector<Scalar>& theta, const Matrix<Scalar>& state) const;

 private:
  VectorIn<Scalar> part(const Vector<Scalar>& theta, Index offset, Index size) const {
    return theta.segment(offset, size);
  }
  void bind(const Vector<Scalar>& theta);
  MatrixIn<Scalar> encode(const Vector<Scalar>& theta, MatrixIn<Scalar> x);
  // Logits or values (1 x B) for the state in which the flow or the blocks end.
  MatrixIn<Scalar> read_out(const Vector<Scalar>& theta, MatrixIn<Scalar> end);
  // Of the outputs; writes output_bar_.
  double batch_loss(MatrixIn<Scalar> output, std::span<const int> label);
  bool is_ode() const { return spec_.model == ClassifierModel::ode; }
  bool is_plain() const { return spec_.model == ClassifierModel::plain; }

  ClassifierSpec spec_;
  MlpField<Scalar> field_;
  ResidualBlocks<Scalar> blocks_;
  std::unique_ptr<Mlp<Scalar>> lift_;
  std::unique_ptr<Mlp<Scalar>> readout_;  // or the plain MLP; null: y(1) itself
  ParameterLayout layout_;
  Index lift_offset_ = 0, body_offset_ = 0, readout_offset_ = 0;
  std::unique_ptr<Gradient<Scalar>> gradient_;
  Solver<Scalar> solver_;
  Matrix<double> interval_;                          // 2 x 1: 0, 1
  Matrix<Scalar> y0_, end_, output_bar_, target_;    // D x B, D x B, 1 x B, 1 x B
  std::vector<Matrix<Scalar>> states_, states_bar_;  // of residual blocks; 2 of D x B
  std::vector<double> output_;
  SolveReport report_;
  Index batch_ = 0;  // of the last loss_and_gradient
};

extern template class Classifier<float>;
extern template class Classifier<double>;

}  // namespace neural_ode
