#include "engine/ode/jacobian.h"

namespace neural_ode {

template <class Scalar>
void JacobianEvaluator<Scalar>::reserve(Index dim, Index batch) {
  if (jacobian_.rows() == dim && cotangent_.cols() >= batch) return;
  jacobian_.resize(dim, dim * batch);
  cotangent_.resize(dim, batch);
  row_.resize(dim, batch);
  t_bar_.resize(batch);
}

template <class Scalar>
MatrixIn<Scalar> JacobianEvaluator<Scalar>::operator()(VectorField<Scalar>& field, TimesIn t,
                                                       MatrixIn<Scalar> y) {
  const Index dim = y.rows(), n = y.cols();
  reserve(dim, n);
  if (!field.jacobian(t, y, jacobian_.leftCols(n * dim))) {
    for (Index i = 0; i < dim; ++i) {
      cotangent_.leftCols(n).setZero();
      cotangent_.row(i).head(n).setOnes();
      row_.leftCols(n).setZero();
      t_bar_.head(n).setZero();
      field.vjp(t, y, cotangent_.leftCols(n), row_.leftCols(n), no_parameters_, t_bar_.head(n));
      for (Index s = 0; s < n; ++s) {
        for (Index j = 0; j < dim; ++j) jacobian_(i, s * dim + j) = row_(j, s);
      }
    }
  }
  return jacobian_.leftCols(n * dim);
}

template class JacobianEvaluator<float>;
template class JacobianEvaluator<double>;

}  // namespace neural_ode
