// y + h sum_j w_j k_j, what every stage, error and interpolant is made of: all slopes in one pass
// over the entries, each entry's sum in the order in which they were added.
#pragma once

#include <array>
#include <cstddef>

#include "engine/core/types.h"
#include "engine/ode/tableau.h"

namespace neural_ode {

template <class Scalar>
class SlopeSum {
 public:
  SlopeSum() = default;
  // For the first `rows` of columns of length `dim`.
  SlopeSum(Index rows, Index dim) : rows_(rows), dim_(dim) {}

  // One more term; none when the weight is zero. k: D x n, as long as the sum is used.
  void add(double weight, const Scalar* k) {
    if (weight == 0) return;
    weights_[count_] = weight;
    slopes_[count_++] = k;
  }
  // out = y + h sum for n columns. h: n, y and out: D x n; out may be y.
  void write(Index n, const double* h, const Scalar* y, Scalar* out) const {
    Pass* pass = from_y[static_cast<std::size_t>(count_)];
    if (n == 1) return pass(*this, h[0], 0, rows_, y, out);
    write_columns(pass, n, h, y, out);
  }
  // out = h sum.
  void write(Index n, const double* h, Scalar* out) const {
    Pass* pass = from_zero[static_cast<std::size_t>(count_)];
    if (n == 1) return pass(*this, h[0], 0, rows_, nullptr, out);
    write_columns(pass, n, h, nullptr, out);
  }

 private:
  static constexpr int most = ButcherTableau::max_stages + ButcherTableau::max_past;
  // Entries [begin, end).
  using Pass = void(const SlopeSum& sum, double h, Index begin, Index end, const Scalar* y,
                    Scalar* out);
  using Passes = std::array<Pass*, most + 1>;  // by count
  struct Kernels;
  static const Passes from_y, from_zero;

  void write_columns(Pass* pass, Index n, const double* h, const Scalar* y, Scalar* out) const;

  Index rows_ = 0, dim_ = 0;
  int count_ = 0;
  double weights_[most];
  const Scalar* slopes_[most];
};

extern template class SlopeSum<float>;
extern template class SlopeSum<double>;

}  // namespace neural_ode
