#include "engine/ode/slope_sum.h"

#include <cstring>
#include <utility>

namespace neural_ode {

template <class Scalar>
struct SlopeSum<Scalar>::Kernels {
  typedef Scalar Vector __attribute__((vector_size(16)));
  static constexpr Index width = sizeof(Vector) / sizeof(Scalar);
  // Shorter sums go entry by entry: a vector that is loaded right after its entries were stored one
  // by one has to wait until they are in the cache. (The compiler is told to make no vectors.)
  static constexpr Index fewest_for_vectors = 16;
  // Slopes of one pass: more of them would not stay in registers.
  static constexpr int widest = 7;

  // Value: one entry or a vector of them.
  template <class Value, int N, bool start>
  static void entry(Index d, const Scalar* y, const Scalar* const* k, const Scalar* factors,
                    Scalar* out) {
    const auto load = [d](const Scalar* from) {
      Value value;
      std::memcpy(&value, from + d, sizeof(Value));
      return value;
    };
    Value value = {};
    if (start) value = load(y);
    for (int j = 0; j < N; ++j) value += factors[j] * load(k[j]);
    std::memcpy(out + d, &value, sizeof(Value));
  }

  // Terms [first, first + N) of one column.
  template <int N, bool start>
  static void column(const SlopeSum& sum, int first, double h, Index begin, Index end,
                     const Scalar* y, Scalar* out) {
    const Scalar* k[N + 1];
    Scalar factors[N + 1];
    for (int j = 0; j < N; ++j) {
      k[j] = sum.slopes_[first + j];
      factors[j] = static_cast<Scalar>(h * sum.weights_[first + j]);
    }
    Index d = begin;
    if (end - begin >= fewest_for_vectors) {
      for (; d + width <= end; d += width) entry<Vector, N, start>(d, y, k, factors, out);
    }
    for (; d < end; ++d) entry<Scalar, N, start>(d, y, k, factors, out);
  }

  template <int N, bool start>
  static void pass(const SlopeSum& sum, double h, Index begin, Index end, const Scalar* y,
                   Scalar* out) {
    if constexpr (N <= widest) {
      column<N, start>(sum, 0, h, begin, end, y, out);
    } else {
      pass<N - widest, start>(sum, h, begin, end, y, out);
      column<widest, true>(sum, N - widest, h, begin, end, out, out);
    }
  }

  template <bool start, std::size_t... N>
  static constexpr Passes list(std::index_sequence<N...>) {
    return {pass<static_cast<int>(N), start>...};
  }
};

template <class Scalar>
void SlopeSum<Scalar>::write_columns(Pass* pass, Index n, const double* h, const Scalar* y,
                                     Scalar* out) const {
  // Columns that share one h are one long column: the same operations, fewer loops.
  bool uniform = rows_ == dim_ && n > 0;
  for (Index p = 1; uniform && p < n; ++p) uniform = h[p] == h[0];
  if (uniform) return pass(*this, h[0], 0, n * dim_, y, out);
  for (Index p = 0; p < n; ++p) pass(*this, h[p], p * dim_, p * dim_ + rows_, y, out);
}

template <class Scalar>
const typename SlopeSum<Scalar>::Passes SlopeSum<Scalar>::from_y =
    Kernels::template list<true>(std::make_index_sequence<most + 1>());
template <class Scalar>
const typename SlopeSum<Scalar>::Passes SlopeSum<Scalar>::from_zero =
    Kernels::template list<false>(std::make_index_sequence<most + 1>());

template class SlopeSum<float>;
template class SlopeSum<double>;

}  // namespace neural_ode
