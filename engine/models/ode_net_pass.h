// One thread's way through the networks of models/ode_net.h, with scratch of its own.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/core/rng.h"
#include "engine/fields/conv_field.h"
#include "engine/gradient/gradient.h"
#include "engine/nn/image_chain.h"
#include "engine/nn/mlp.h"

namespace neural_ode {

struct OdeNetSpec {
  ImageShape image{1, 28, 28};  // at least 6 x 6
  int channels = 64;
  int classes = 10;
  int residual_blocks = 0;  // 0: the ODE; the baseline has 6 blocks
  SolverOptions solver;     // of the ODE
  const GradientStrategy* gradient = find_gradient("discrete");
  std::size_t record_bytes = std::size_t{256} << 20U;  // as of GradientOptions, of the whole batch
};

template <class Scalar>
class OdeNetPass {
 public:
  explicit OdeNetPass(const OdeNetSpec& spec);

  const ParameterLayout& layout() const { return layout_; }
  // The images that the ODE or the blocks work on: channels x 6 x 6 of 28 x 28.
  const ImageShape& feature() const { return stem_.output(); }
  Vector<Scalar> initialize(Rng& rng) const;

  // x: image.size() x B, label: B of 0 .. classes - 1. Writes `share` times the mean cross-entropy
  // to `loss` and its gradient to theta_bar (P). When the report is not ok both are meaningless.
  // Residual blocks report ok and no evaluations.
  SolveReport loss_and_gradient(const Vector<Scalar>& theta, MatrixIn<Scalar> x,
                                std::span<const int> label, double share, double& loss,
                                Vector<Scalar>& theta_bar);
  // Of the last loss_and_gradient; for an ODE.
  const Gradient<Scalar>& gradient() const { return *gradient_; }

  // Writes logits: classes x B, as far as the solver went.
  SolveReport predict(const Vector<Scalar>& theta, MatrixIn<Scalar> x, MatrixOut<Scalar> logits);

 private:
  bool is_ode() const { return blocks_.empty(); }
  VectorIn<Scalar> part(const Vector<Scalar>& theta, Index offset, Index size) const {
    return theta.segment(offset, size);
  }
  void reserve(Index batch);
  // From the image to the features that enter the body, and from those that leave it to logits.
  void run_stem(const Vector<Scalar>& theta, MatrixIn<Scalar> x);
  MatrixIn<Scalar> run_head(const Vector<Scalar>& theta, MatrixIn<Scalar> feature);
  // Writes feature_bar_ for logit_bar_.
  void pull_head(const Vector<Scalar>& theta, MatrixIn<Scalar> feature, Vector<Scalar>& theta_bar);
  MatrixIn<Scalar> run_blocks(const Vector<Scalar>& theta);
  void pull_blocks(const Vector<Scalar>& theta, Vector<Scalar>& theta_bar);

  // A residual block: y + branch(y).
  struct Block {
    Index offset = 0;
    Vector<Scalar> record;
    Matrix<Scalar> output;  // D x batch
  };

  ImageChain<Scalar> stem_, norm_;
  ConvField<Scalar> field_;
  ImageChain<Scalar> branch_;  // of every residual block
  Mlp<Scalar> readout_;
  std::vector<Block> blocks_;
  ParameterLayout layout_;
  Index field_offset_ = 0, norm_offset_ = 0, readout_offset_ = 0;
  std::unique_ptr<Gradient<Scalar>> gradient_;
  Solver<Scalar> solver_;
  Matrix<double> interval_;  // 2 x 1: 0, 1
  Vector<double> no_times_;  // of what does not see t
  Vector<Scalar> stem_record_, norm_record_;
  Matrix<Scalar> y0_, normed_, feature_bar_, block_bar_;  // D x batch
  Matrix<Scalar> pooled_, pooled_bar_;                    // channels x batch
  Matrix<Scalar> logit_bar_;                              // classes x batch
  std::vector<Matrix<Scalar>> states_bar_;                // 2 of D x batch
};

extern template class OdeNetPass<float>;
extern template class OdeNetPass<double>;

}  // namespace neural_ode
