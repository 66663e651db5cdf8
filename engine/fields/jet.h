// The jets that fields put into their network: values [y] or [y; t], then tangents in y.
#pragma once

#include "engine/core/types.h"

namespace neural_ode {

// Writes y (D x B) and, where jet has a row more, t (B) below it into the first B columns.
template <class Scalar>
void write_values(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> jet) {
  const Index dim = y.rows(), batch = y.cols();
  jet.topLeftCorner(dim, batch) = y;
  if (jet.rows() > dim) jet.row(dim).head(batch) = t.transpose().template cast<Scalar>();
}

// Tangent k of D is the basis vector e_k for every sample: the images are columns of the Jacobian.
// jet: D or D + 1 rows, B(D+1) columns.
template <class Scalar>
void write_basis_tangents(Index dim, Index batch, MatrixOut<Scalar> jet) {
  jet.middleCols(batch, dim * batch).setZero();
  for (Index k = 0; k < dim; ++k) {
    for (Index s = 0; s < batch; ++s) jet(k, (k + 1) * batch + s) = 1;
  }
}

}  // namespace neural_ode
