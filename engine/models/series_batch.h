// A batch of time series, each observed at times of its own.
#pragma once

#include <vector>

#include "engine/core/types.h"

namespace neural_ode {

template <class Scalar>
struct SeriesBatch {
  double t0 = 0;         // before every time: where latent trajectories begin
  Matrix<double> times;  // T x B, strictly increasing in every column
  // D x T B: observation i of series s is column i B + s. NaN: this coordinate is missing, where a
  // model says that it may be.
  Matrix<Scalar> x;
  std::vector<int> count;  // B: what follows the first count[s] observations of a series only fills
                           // the column up (its x may be anything); empty: all T are there

  Index length() const { return times.rows(); }
  Index series() const { return times.cols(); }
  bool observed(Index i, Index s) const {
    return count.empty() || i < count[static_cast<std::size_t>(s)];
  }
  Index observations() const {
    if (count.empty()) return times.size();
    Index sum = 0;
    for (const int n : count) sum += n;
    return sum;
  }

  // Makes this series first ... first + columns - 1 of `whole`.
  void take(const SeriesBatch& whole, Index first, Index columns) {
    t0 = whole.t0;
    times = whole.times.middleCols(first, columns);
    x.resize(whole.x.rows(), whole.length() * columns);
    for (Index i = 0; i < whole.length(); ++i) {
      x.middleCols(i * columns, columns) = whole.x.middleCols(i * whole.series() + first, columns);
    }
    const auto begin = whole.count.begin();
    if (whole.count.empty()) {
      count.clear();
    } else {
      count.assign(begin + first, begin + first + columns);
    }
  }
};

}  // namespace neural_ode
