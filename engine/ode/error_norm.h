// How large an error is, against the tolerances.
#pragma once

#include <array>

#include "engine/core/types.h"

namespace neural_ode {

enum class NormKind { rms, max };

struct ErrorNorm {
  NormKind kind = NormKind::rms;
  // D, >= 0: how much each component counts. A zero leaves it out: a seminorm. Empty: all count the
  // same.
  Vector<double> weights;
  // Sizes of consecutive parts of the components, each with a norm of its own, of which the largest
  // counts; what is left is one more. Zeros: one part.
  std::array<Index, 2> parts = {};

  // The root of the weighted mean of r_d^2, or the largest w_d |r_d|, of r_d = x_d / (atol + rtol
  // max(|y0_d|, |y1_d|)) over the D components of one sample.
  template <class Scalar>
  double operator()(Index dim, const Scalar* x, const Scalar* y0, const Scalar* y1, double rtol,
                    double atol) const;

 private:
  template <class Scalar>
  double of_part(Index begin, Index end, const Scalar* x, const Scalar* y0, const Scalar* y1,
                 double rtol, double atol) const;
};

}  // namespace neural_ode
