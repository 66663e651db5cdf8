// A density by a flow: a base density at t = 0, carried by dz/dt = f(t, z; theta) to the data at
// t = 1.
//
// theta holds the slices "field.*". Trained here by maximum likelihood, from points of the data, or
// by the reverse divergence, from their density alone; by flow matching in flow_matching.h. What
// can be asked of it does not depend on how it was trained.
#pragma once

#include <memory>
#include <vector>

#include "engine/core/rng.h"
#include "engine/fields/flow_field.h"
#include "engine/gradient/gradient.h"

namespace neural_ode {

struct DensitySpec {
  int dim = 2;  // D
  int hidden = 32, layers = 2;
  Activation activation = Activation::tanh;
  bool time_input = true;      // concat-squash layers always have it
  bool concat_squash = false;  // the layers, see nn/concat_squash.h; else an MLP
  Trace trace = Trace::exact;  // in training; what is shown always has the exact one
  FlowPenalty penalty = {};
  SolverOptions solver = {};
  const GradientStrategy* gradient = find_gradient("discrete");

  bool timed() const { return time_input || concat_squash; }
  FlowNetwork network() const {
    const int inputs = dim + (time_input && !concat_squash ? 1 : 0);
    return {mlp_layers(inputs, hidden, layers, dim, activation), concat_squash};
  }
};

// A density in the plane, and the gradient of its logarithm (the score).
struct LogDensity {
  double (*log_prob)(double x, double y) = nullptr;
  void (*score)(double x, double y, double& dx, double& dy) = nullptr;
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
  // z: 2 x B, drawn from N(0, I); p: a density that need not be normalised. Writes to `loss` the
  // mean over z of
  //   log q(x) - log p(x) + integral over [0, 1] of the penalty,
  // x where z is carried and q the density there: an estimate of the reverse divergence KL(q || p)
  // [rezende2015], and its gradient to theta_bar, through the samples x.
  SolveReport reverse_loss_and_gradient(const Vector<Scalar>& theta, MatrixIn<Scalar> z,
                                        const LogDensity& p, Rng& rng, double& loss,
                                        Vector<Scalar>& theta_bar);
  // Its value with the exact trace and without a penalty; NaN where the solve did not get through.
  double reverse_divergence(const Vector<Scalar>& theta, MatrixIn<Scalar> z, const LogDensity& p,
                            Solver<Scalar>& solver);
  // Of the last of these.
  const Gradient<Scalar>& gradient() const { return *gradient_; }

  // log p_t(x) for x (D x B) at time t in [0, 1], where log p_0 = base(x_1, x_2); null: N(0, I).
  // NaN where the solve did not get through. Valid until the next call.
  const Vector<double>& log_prob(const Vector<Scalar>& theta, MatrixIn<Scalar> x, double t,
                                 double (*base)(double, double), Solver<Scalar>& solver);
  // Where points z (D x B) of t = 0 are at `times` (T x 1, the first 0).
  const std::vector<Matrix<Scalar>>& flow(const Vector<Scalar>& theta, MatrixIn<Scalar> z,
                                          const Matrix<double>& times, Solver<Scalar>& solver);

 private:
  // Solves [start; 0] through `span` with the field that is trained.
  const SolveReport& carry(const Vector<Scalar>& theta, MatrixIn<Scalar> start,
                           const Matrix<double>& span, Rng& rng);
  // Pulls states_bar_ back to theta_bar; `forward` when that succeeds.
  SolveReport pull(const SolveReport& forward, Vector<Scalar>& theta_bar);
  // The mean of the integral of the penalty over a solve in the direction given, +1 or -1, to the
  // loss and to states_bar_; nothing without a penalty.
  double take_penalty(double direction);

  FlowField<Scalar> training_;  // with the spec's trace and penalty
  FlowField<Scalar> exact_;
  FlowField<Scalar> points_;  // without a density
  ParameterLayout layout_;
  std::unique_ptr<Gradient<Scalar>> gradient_;
  Matrix<double> forward_, backward_, span_;  // 2 x 1: 0, 1; 1, 0; t, 0
  Matrix<Scalar> start_;                      // D+1 or D+2 x B
  std::vector<Matrix<Scalar>> states_bar_;
  Vector<double> log_prob_;
};

extern template class DensityModel<float>;
extern template class DensityModel<double>;

}  // namespace neural_ode
