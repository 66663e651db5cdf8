// What a flow says about data: log p(x) for x at t1 and a standard normal base density at t0.
#pragma once

#include "engine/core/types.h"

namespace neural_ode {

// end: (D+1) x B, a FlowField's state at t0 of a solve from [x; 0] at t1. Writes, for every sample,
//   log p(x) = log N(z(t0); 0, I) - ell(t0),   ell(t0) = integral over [t0, t1] of tr(df/dz)
// to log_prob (B).
template <class Scalar>
void log_likelihood(MatrixIn<Scalar> end, VectorOut<double> log_prob);

// The mean of -log p(x) over samples, in nats. Writes its cotangent to end_bar, (D+1) x B.
template <class Scalar>
double negative_log_likelihood(MatrixIn<Scalar> end, MatrixOut<Scalar> end_bar);

extern template void log_likelihood<float>(MatrixIn<float>, VectorOut<double>);
extern template void log_likelihood<double>(MatrixIn<double>, VectorOut<double>);
extern template double negative_log_likelihood<float>(MatrixIn<float>, MatrixOut<float>);
extern template double negative_log_likelihood<double>(MatrixIn<double>, MatrixOut<double>);

}  // namespace neural_ode
