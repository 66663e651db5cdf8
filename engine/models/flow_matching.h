// Conditional flow matching: a flow's field learnt without solving it [lipman2023, tong2024].
//
// For a pair x0 of the source and x1 of the target, and t uniform in [0, 1],
//   x_t = (1 - t) x0 + t x1 + sigma e,   e ~ N(0, I),   L = mean |f(t, x_t; theta) - (x1 - x0)|^2.
// The minimiser carries the source at t = 0 to the target at t = 1 (blurred by sigma).
#pragma once

#include <memory>

#include "engine/analysis/assignment.h"
#include "engine/core/rng.h"
#include "engine/fields/flow_network.h"

namespace neural_ode {

// Which x1 goes with an x0 of the batch: any, or the one that makes the sum of |x1 - x0|^2 over the
// batch smallest, so that paths are nearly straight.
enum class Coupling { independent, optimal_transport };

template <class Scalar>
class FlowMatching {
 public:
  // Into the network goes [x; t] or x. sigma >= 0.
  FlowMatching(const FlowNetwork& network, Coupling coupling, double sigma);

  // x0, x1: D x B, drawn independently. Draws t and e of every sample from `rng`, returns L (mean
  // over the batch) and writes its gradient to theta_bar (P).
  double loss_and_gradient(const Vector<Scalar>& theta, const Matrix<double>& x0,
                           const Matrix<double>& x1, Rng& rng, Vector<Scalar>& theta_bar);
  double loss(const Vector<Scalar>& theta, const Matrix<double>& x0, const Matrix<double>& x1,
              Rng& rng);

 private:
  void draw(const Matrix<double>& x0, const Matrix<double>& x1, Rng& rng);
  // L of the field's values; writes its cotangent to f_bar_.
  double compare(MatrixIn<Scalar> f);

  std::unique_ptr<JetNetwork<Scalar>> network_;
  Coupling coupling_;
  double sigma_;
  Assignment assignment_;
  Matrix<double> cost_;       // B x B
  Matrix<Scalar> input_;      // inputs x B: x_t, and t below it
  Matrix<Scalar> u_, f_bar_;  // D x B: x1 - x0, dL/df
};

extern template class FlowMatching<float>;
extern template class FlowMatching<double>;

}  // namespace neural_ode
