// x -> y(0) = [x; 0] or lift x + b -> dy/dt = f on [0, 1] -> one logit -> logistic cross-entropy.
//
// theta holds the slices "lift.*" (when there is a lift), "field.*" and "readout.*" one after
// another.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/core/rng.h"
#include "engine/gradient/gradient.h"
#include "engine/models/mlp_field.h"
#include "engine/nn/mlp.h"

namespace neural_ode {

struct ClassifierSpec {
  int inputs = 2;   // n
  int augment = 0;  // D = n + augment [dupont2019]
  bool lift = false;
  int hidden = 32, layers = 2;
  Activation activation = Activation::tanh;
  bool time_input = false;
  bool mlp_readout = false;  // otherwise linear
  SolverOptions solver;
  const GradientStrategy* gradient = find_gradient("discrete");
};

template <class Scalar>
class Classifier {
 public:
  explicit Classifier(const ClassifierSpec& spec);

  const ParameterLayout& layout() const { return layout_; }
  Index dim() const { return field_.dim(); }  // D
  Vector<Scalar> initialize(Rng& rng) const;

  // x: n x B, label: B of 0 or 1. Writes the mean cross-entropy to `loss` and its gradient to
  // theta_bar (P). When the report is not ok both are meaningless.
  SolveReport loss_and_gradient(const Vector<Scalar>& theta, MatrixIn<Scalar> x,
                                std::span<const int> label, double& loss,
                                Vector<Scalar>& theta_bar);
  // Of the last loss_and_gradient.
  const Gradient<Scalar>& gradient() const { return *gradient_; }

  // Mean cross-entropy and the fraction classified correctly.
  struct Score {
    double loss = 0, accuracy = 0;
  };
  Score score(const Vector<Scalar>& theta, MatrixIn<Scalar> x, std::span<const int> label);
  // Probability of label 1 for each column of x, by the solver given (the spec's own or a cheaper
  // one).
  const std::vector<double>& predict(const Vector<Scalar>& theta, MatrixIn<Scalar> x,
                                     Solver<Scalar>& solver);
  // States at `times` (T x 1) of the samples x.
  const std::vector<Matrix<Scalar>>& flow(const Vector<Scalar>& theta, MatrixIn<Scalar> x,
                                          const Matrix<double>& times);
  // Two coordinates of a state for a picture: the first two of an augmented state; for a lift the
  // least-squares inverse of the lift, so that at t = 0 every sample is where it is in the data.
  // state: D x B. Returns 2 x B.
  Matrix<double> project(const Vector<Scalar>& theta, const Matrix<Scalar>& state) const;

 private:
  void bind(const Vector<Scalar>& theta);
  MatrixIn<Scalar> encode(const Vector<Scalar>& theta, MatrixIn<Scalar> x);

  ClassifierSpec spec_;
  MlpField<Scalar> field_;
  std::unique_ptr<Mlp<Scalar>> lift_;
  Mlp<Scalar> readout_;
  ParameterLayout layout_;
  Index lift_offset_ = 0, field_offset_ = 0, readout_offset_ = 0;
  std::unique_ptr<Gradient<Scalar>> gradient_;
  Solver<Scalar> solver_;
  Matrix<double> interval_;                 // 2 x 1: 0, 1
  Matrix<Scalar> y0_, logit_bar_;           // D x B, 1 x B
  std::vector<Matrix<Scalar>> states_bar_;  // 2 of D x B
  std::vector<double> probability_;
};

extern template class Classifier<float>;
extern template class Classifier<double>;

}  // namespace neural_ode
