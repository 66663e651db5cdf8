#include "engine/ode/error_norm.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace neural_ode {

template <class Scalar>
double ErrorNorm::operator()(Index dim, const Scalar* x, const Scalar* y0, const Scalar* y1,
                             double rtol, double atol) const {
  double largest = 0;
  Index begin = 0;
  const auto add = [&](Index end) {
    const double norm = of_part(begin, end, x, y0, y1, rtol, atol);
    if (!(norm <= largest)) largest = norm;  // not std::max: a NaN has to come through
    begin = end;
  };
  for (const Index size : parts) {
    if (size > 0) add(begin + size);
  }
  if (begin < dim) add(dim);
  return largest;
}

template <class Scalar>
double ErrorNorm::of_part(Index begin, Index end, const Scalar* x, const Scalar* y0,
                          const Scalar* y1, double rtol, double atol) const {
  const bool weighted = weights.size() > 0;
  // What is below the normal numbers has no digits left to be wrong in.
  atol = std::max(atol, std::numeric_limits<double>::min());
  const auto ratio = [&](Index d) {
    const double size =
        std::max(std::abs(static_cast<double>(y0[d])), std::abs(static_cast<double>(y1[d])));
    const double error = static_cast<double>(x[d]), scaled = error / (atol + rtol * size);
    return weighted && weights[d] == 0 ? 0 : scaled;
  };
  if (kind == NormKind::max) {
    double largest = 0;
    for (Index d = begin; d < end; ++d) {
      const double size = (weighted ? weights[d] : 1) * std::abs(ratio(d));
      if (!(size <= largest)) largest = size;
    }
    return largest;
  }
  double sum = 0, weight_sum = 0;
  for (Index d = begin; d < end; ++d) {
    const double r = ratio(d), weight = weighted ? weights[d] : 1;
    sum += weight * (r * r);
    weight_sum += weight;
  }
  // The reciprocal does not have to wait for the sum.
  return weight_sum > 0 ? std::sqrt(sum * (1 / weight_sum)) : 0;
}

template double ErrorNorm::operator()(Index, const float*, const float*, const float*, double,
                                      double) const;
template double ErrorNorm::operator()(Index, const double*, const double*, const double*, double,
                                      double) const;

}  // namespace neural_ode
