// A density by a flow: a base density at t = 0, carried by dz/dt = f(t, z; theta) to the data at
// t = 1.
//
// theta holds the slices "field.*". Trained by maximum likelihood here, by flow matching in
// flow_matching.h; what can be asked of it does not depend on how it was trained.
#pragma once

#include <memory>
#include <vector>

#include "engine/core/rng.h"
#include "engine/gradient/gradient.h"
#include "engine/models/flow_field.h"
#include "engine/models/mlp_field.h"

namespace neural_ode {

struct DensitySpec {
  int dim = 2;  // D
  int hidden = 32, layers = 2;
  Activation activation = Activation::tanh;
  bool time_input = true;
  Trace trace = Trace::exact;  // in training; what is shown always has the exact one
  FlowPenalty penalty;
  SolverOptions solver;
  const GradientStrategy* gradient = find_gradient("discrete");

  std::vector<LayerSpec> field_layers() const {
    return mlp_layers(dim + (time_input ? 1 : 0), hidden, layers, dim, activation);
  }
};

template <class Scalar>
class DensityModel {
 public:
  explicit DensityModel(const DensitySpec& spec);

  const ParameterLayout& layout() const { return layout_; }
  Vector<Scalar> initialize(Rng& rng) const;  // the flow is the identity

  // x: D x B, data. Writes to `loss` the mean of
  //   -log p(x) + integral over [0, 1] of the penalty,   p_0 = N(0, I),
  // and its gradient to theta_bar (P). `rng` gives the probes of an estimated trace. When the
  // report is not ok both are meaningless.
  SolveReport loss_and_gradient(const Vector<Scalar>& theta, MatrixIn<Scalar> x, Rng& rng,
                                double& loss, Vector<Scalar>& theta_bar);
  // Of the last loss_and_gradient.
  const Gradient<Scalar>& gradient() const { return *gradient_; }

  // log p_t(x) for x (D x B) at time t in [0, 1], where log p_0 = base(x_1, x_2); null: N(0, I).
  // NaN where the solve did not get through. Valid until the next call.
  using LogDensity = double (*)(double, double);
  const Vector<double>& log_prob(const Vector<Scalar>& theta, MatrixIn<Scalar> x, double t,
                                 LogDensity base, Solver<Scalar>& solver);
  // Where points z (D x B) of t = 0 are at `times` (T x 1, the first 0).
  const std::vector<Matrix<Scalar>>& flow(const Vector<Scalar>& theta, MatrixIn<Scalar> z,
                                          const Matrix<double>& times, Solver<Scalar>& solver);

 private:
  FlowField<Scalar> training_;  // with the spec's trace and penalty
  FlowField<Scalar> exact_;
  MlpField<Scalar> points_;  // without a density
  ParameterLayout layout_;
  std::unique_ptr<Gradient<Scalar>> gradient_;
  Matrix<double> backward_, span_;  // 2 x 1: 1, 0; t, 0
  Matrix<Scalar> start_;            // D+1 or D+2 x B
  std::vector<Matrix<Scalar>> states_bar_;
  Vector<double> log_prob_;
};

extern template class DensityModel<float>;
extern template class DensityModel<double>;

}  // namespace neural_ode
