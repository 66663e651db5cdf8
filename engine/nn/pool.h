// Global average pooling of images as columns, see nn/image_shape.h.
#pragma once

#include "engine/core/types.h"
#include "engine/nn/image_shape.h"

namespace neural_ode {

// x: shape.size() x B. Writes y: channels x B, the mean over pixels.
template <class Scalar>
void average_pool(const ImageShape& shape, MatrixIn<Scalar> x, MatrixOut<Scalar> y);

// y_bar: channels x B. Writes x_bar: shape.size() x B.
template <class Scalar>
void average_pool_pullback(const ImageShape& shape, MatrixIn<Scalar> y_bar,
                           MatrixOut<Scalar> x_bar);

extern template void average_pool<float>(const ImageShape&, MatrixIn<float>, MatrixOut<float>);
extern template void average_pool<double>(const ImageShape&, MatrixIn<double>, MatrixOut<double>);
extern template void average_pool_pullback<float>(const ImageShape&, MatrixIn<float>,
                                                  MatrixOut<float>);
extern template void average_pool_pullback<double>(const ImageShape&, MatrixIn<double>,
                                                   MatrixOut<double>);

}  // namespace neural_ode
