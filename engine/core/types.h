// Matrix conventions of the whole engine.
//
// A state matrix is D x B, column-major: one column is one sample. Times are always double.
// `...In` arguments are read, `...Out` arguments are written in place (and may be column ranges).
#pragma once

#include <Eigen/Core>
#include <cstdint>

namespace neural_ode {

using Index = Eigen::Index;
// Of evaluations, products, steps: more than an int, and than an Index of 32 bits, has room for.
using Count = std::int64_t;

template <class Scalar>
using Matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;
template <class Scalar>
using Vector = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;

template <class Scalar>
using MatrixIn = Eigen::Ref<const Matrix<Scalar>, 0, Eigen::OuterStride<>>;
template <class Scalar>
using MatrixOut = Eigen::Ref<Matrix<Scalar>, 0, Eigen::OuterStride<>>;
template <class Scalar>
using VectorIn = Eigen::Ref<const Vector<Scalar>>;
template <class Scalar>
using VectorOut = Eigen::Ref<Vector<Scalar>>;

// One time per sample, length B.
using TimesIn = VectorIn<double>;
using TimesOut = VectorOut<double>;

}  // namespace neural_ode
