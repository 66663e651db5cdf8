// Losses and log-densities. Each returns its value L and, for the cotangent `bar` of that value,
// writes the cotangents of its arguments, bar dL/dx (skipped when empty). Values are sums in
// double, entry by entry.
#pragma once

#include <span>

#include "engine/core/types.h"

namespace neural_ode {

// The mean over samples of -log softmax(logits)[label]: logits K x B, label B of 0 .. K - 1.
template <class Scalar>
double softmax_cross_entropy(MatrixIn<Scalar> logits, std::span<const int> label, double bar,
                             MatrixOut<Scalar> logits_bar);

// The mean of (prediction - target)^2 over the entries where the mask is not 0 (all when it is
// empty; 0 when there are none). All D x B; a target that is masked out may be anything.
template <class Scalar>
double mean_squared_error(MatrixIn<Scalar> prediction, MatrixIn<Scalar> target,
                          MatrixIn<Scalar> mask, double bar, MatrixOut<Scalar> prediction_bar);

// The sum of log N(x; mean, exp(log_variance)) over the entries where the mask is not 0 (all when
// it is empty): x, mean D x B, log_variance D, one for each row. A masked x may be anything.
// log_variance_bar (D) is added to.
template <class Scalar>
double gaussian_log_likelihood(MatrixIn<Scalar> x, MatrixIn<Scalar> mean,
                               VectorIn<Scalar> log_variance, MatrixIn<Scalar> mask, double bar,
                               MatrixOut<Scalar> mean_bar, VectorOut<Scalar> log_variance_bar);

// The sum over entries of KL(N(mean, exp(log_variance)) || N(0, 1)), both D x B.
template <class Scalar>
double standard_normal_kl(MatrixIn<Scalar> mean, MatrixIn<Scalar> log_variance, double bar,
                          MatrixOut<Scalar> mean_bar, MatrixOut<Scalar> log_variance_bar);

extern template double softmax_cross_entropy<float>(MatrixIn<float>, std::span<const int>, double,
                                                    MatrixOut<float>);
extern template double softmax_cross_entropy<double>(MatrixIn<double>, std::span<const int>, double,
                                                     MatrixOut<double>);
extern template double mean_squared_error<float>(MatrixIn<float>, MatrixIn<float>, MatrixIn<float>,
                                                 double, MatrixOut<float>);
extern template double mean_squared_error<double>(MatrixIn<double>, MatrixIn<double>,
                                                  MatrixIn<double>, double, MatrixOut<double>);
extern template double gaussian_log_likelihood<float>(MatrixIn<float>, MatrixIn<float>,
                                                      VectorIn<float>, MatrixIn<float>, double,
                                                      MatrixOut<float>, VectorOut<float>);
extern template double gaussian_log_likelihood<double>(MatrixIn<double>, MatrixIn<double>,
                                                       VectorIn<double>, MatrixIn<double>, double,
                                                       MatrixOut<double>, VectorOut<double>);
extern template double standard_normal_kl<float>(MatrixIn<float>, MatrixIn<float>, double,
                                                 MatrixOut<float>, MatrixOut<float>);
extern template double standard_normal_kl<double>(MatrixIn<double>, MatrixIn<double>, double,
                                                  MatrixOut<double>, MatrixOut<double>);

}  // namespace neural_ode
