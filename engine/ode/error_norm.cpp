#include "engine/ode/error_norm.h"

#include <algorithm>
#include <cmath>

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
  double sum = 0, weight_sum = 0, largest = 0;
  for (Index d = begin; d < end; ++d) {
    const double weight = weights.size() == 0 ? 1 : weights[d];
    weight_sum += weight;
    if (weight == 0 || x[d] == Scalar(0)) continue;  // also where the scale is zero
    const double size =
        std::max(std::abs(static_cast<double>(y0[d])), std::abs(static_cast<double>(y1[d])));
    const double ratio = static_cast<double>(x[d]) / (atol + rtol * size);
    sum += weight * (ratio * ratio);
    if (!(weight * std::abs(ratio) <= largest)) largest = weight * std::abs(ratio);
  }
  if (kind == NormKind::max) return largest;
  return weight_sum > 0 ? std::sqrt(sum / weight_sum) : 0;
}

template double ErrorNorm::operator()(Index, const float*, const float*, const float*, double,
                                      double) const;
template double ErrorNorm::operator()(Index, const double*, const double*, const double*, double,
                                      double) const;

}  // namespace neural_ode
