// The Jacobian of any vector field, exactly.
#pragma once

#include "engine/ode/vector_field.h"

namespace neural_ode {

template <class Scalar>
class JacobianEvaluator {
 public:
  void reserve(Index dim, Index batch);

  // df/dy at t (n), y (D x n): D x D of sample s in columns [s D, (s+1) D) of the result, D x nD,
  // valid until the next call. The field's own if it has one, else D vector-Jacobian products.
  MatrixIn<Scalar> operator()(VectorField<Scalar>& field, TimesIn t, MatrixIn<Scalar> y);

 private:
  Matrix<Scalar> jacobian_;         // D x BD
  Matrix<Scalar> cotangent_, row_;  // D x B
  Vector<double> t_bar_;            // B
  Vector<Scalar> no_parameters_;    // empty
};

extern template class JacobianEvaluator<float>;
extern template class JacobianEvaluator<double>;

}  // namespace neural_ode
