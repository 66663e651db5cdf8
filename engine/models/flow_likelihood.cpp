#include "engine/models/flow_likelihood.h"

namespace neural_ode {
namespace {

constexpr double log_two_pi = 1.8378770664093454836;

template <class Scalar>
double log_likelihood_of(const Scalar* end, Index dim) {
  double squares = 0;
  for (Index d = 0; d < dim; ++d) {
    const auto z = static_cast<double>(end[d]);
    squares += z * z;
  }
  return -0.5 * (squares + static_cast<double>(dim) * log_two_pi) - static_cast<double>(end[dim]);
}

}  // namespace

template <class Scalar>
void log_likelihood(MatrixIn<Scalar> end, VectorOut<double> log_prob) {
  for (Index s = 0; s < end.cols(); ++s) {
    log_prob[s] = log_likelihood_of(end.col(s).data(), end.rows() - 1);
  }
}

template <class Scalar>
double negative_log_likelihood(MatrixIn<Scalar> end, MatrixOut<Scalar> end_bar) {
  const Index dim = end.rows() - 1, batch = end.cols();
  const Scalar share = static_cast<Scalar>(1 / static_cast<double>(batch));
  double sum = 0;
  for (Index s = 0; s < batch; ++s) {
    sum -= log_likelihood_of(end.col(s).data(), dim);
    for (Index d = 0; d < dim; ++d) end_bar(d, s) = share * end(d, s);
    end_bar(dim, s) = share;
  }
  return sum / static_cast<double>(batch);
}

template void log_likelihood<float>(MatrixIn<float>, VectorOut<double>);
template void log_likelihood<double>(MatrixIn<double>, VectorOut<double>);
template double negative_log_likelihood<float>(MatrixIn<float>, MatrixOut<float>);
template double negative_log_likelihood<double>(MatrixIn<double>, MatrixOut<double>);

}  // namespace neural_ode
