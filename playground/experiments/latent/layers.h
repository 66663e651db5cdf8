// Pieces of the pictures of `latent`.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "playground/picture/frame.h"
#include "playground/picture/plots.h"

namespace neural_ode::latent {

// The extent of an axis.
struct Range {
  double low = 0, high = 0;
  bool empty = true;
  void add(double value) {
    if (!std::isfinite(value)) return;
    low = empty ? value : std::min(low, value);
    high = empty ? value : std::max(high, value);
    empty = false;
  }
  void pad(double share, double least = 1e-3) {
    const double more = std::max(share * (high - low), least);
    low -= more;
    high += more;
  }
};

// Curves first ... first + count - 1 of `stride`, D x T stride with time i of curve k in column
// i stride + k: in the plane, or over time when D is 1.
inline Paths paths_of(const Matrix<double>& x, const std::vector<double>& times, Index stride,
                      Index first, Index count) {
  Paths paths;
  paths.smooth = true;
  for (const double t : times) paths.times.push_back(static_cast<float>(t));
  const auto length = static_cast<Index>(times.size());
  for (Index k = first; k < first + count; ++k) {
    paths.begin();
    for (Index i = 0; i < length; ++i) {
      if (x.rows() == 1) {
        paths.append(times[static_cast<std::size_t>(i)], x(0, i * stride + k));
      } else {
        paths.append(x(0, i * stride + k), x(1, i * stride + k));
      }
    }
  }
  return paths;
}

}  // namespace neural_ode::latent
