// What the records of all recurrent cells begin with: the arguments of the call.
#pragma once

#include "engine/core/types.h"

namespace neural_ode {

// Rows of a record, from the top: h (H), x (I, zero where the mask is), the mask (1).
template <class Scalar>
void record_arguments(MatrixIn<Scalar> h, MatrixIn<Scalar> x, VectorIn<Scalar> mask,
                      MatrixOut<Scalar> record) {
  const Index hidden = h.rows(), inputs = x.rows();
  record.topRows(hidden) = h;
  for (Index s = 0; s < h.cols(); ++s) {
    const bool observed = mask.size() == 0 || mask[s] != Scalar(0);
    record(hidden + inputs, s) = observed ? Scalar(1) : Scalar(0);
    if (observed) {
      record.col(s).segment(hidden, inputs) = x.col(s);
    } else {
      record.col(s).segment(hidden, inputs).setZero();
    }
  }
}

// bias_bar += the sum of the columns of z_bar, in their order.
template <class Scalar>
void add_columns(MatrixIn<Scalar> z_bar, VectorOut<Scalar> bias_bar) {
  for (Index s = 0; s < z_bar.cols(); ++s) bias_bar += z_bar.col(s);
}

}  // namespace neural_ode
