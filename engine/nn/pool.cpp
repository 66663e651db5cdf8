#include "engine/nn/pool.h"

namespace neural_ode {

template <class Scalar>
void average_pool(const ImageShape& shape, MatrixIn<Scalar> x, MatrixOut<Scalar> y) {
  eigen_assert(x.rows() == shape.size() && y.rows() == shape.channels && y.cols() == x.cols());
  const Scalar share = Scalar(1) / static_cast<Scalar>(shape.pixels());
  y.setZero();
  for (Index s = 0; s < x.cols(); ++s) {
    for (Index p = 0; p < shape.pixels(); ++p)
      y.col(s) += x.col(s).segment(p * shape.channels, shape.channels);
  }
  y *= share;
}

template <class Scalar>
void average_pool_pullback(const ImageShape& shape, MatrixIn<Scalar> y_bar,
                           MatrixOut<Scalar> x_bar) {
  eigen_assert(x_bar.rows() == shape.size() && x_bar.cols() == y_bar.cols());
  const Scalar share = Scalar(1) / static_cast<Scalar>(shape.pixels());
  for (Index s = 0; s < x_bar.cols(); ++s) {
    for (Index p = 0; p < shape.pixels(); ++p)
      x_bar.col(s).segment(p * shape.channels, shape.channels) = share * y_bar.col(s);
  }
}

template void average_pool<float>(const ImageShape&, MatrixIn<float>, MatrixOut<float>);
template void average_pool<double>(const ImageShape&, MatrixIn<double>, MatrixOut<double>);
template void average_pool_pullback<float>(const ImageShape&, MatrixIn<float>, MatrixOut<float>);
template void average_pool_pullback<double>(const ImageShape&, MatrixIn<double>, MatrixOut<double>);

}  // namespace neural_ode
