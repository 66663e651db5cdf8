// Vectors for the kernels, in GCC/Clang vector extensions. This and the other *_impl.h are included
// once by every kernels_<name>.cpp, which is compiled with its own instruction flags and says how
// wide a vector is (NEURAL_ODE_VECTOR_BYTES; NEURAL_ODE_ACTIVATION_BYTES for the activations), how
// many columns a tile has (NEURAL_ODE_TILE_COLUMNS; with a single vector of rows
// NEURAL_ODE_THIN_TILE_COLUMNS, for enough sums at a time to hide how long an addition takes) and
// whether copying B pays (NEURAL_ODE_PACK_B). All of it is in an unnamed namespace and uses no
// library function: an inline function shared between the units would be linked from just one of
// them, perhaps from the one whose instructions the processor lacks.
#pragma once

#include <cstddef>

#include "engine/core/kernel_table.h"

namespace neural_ode {
namespace {

using std::ptrdiff_t;

// A vector of so many bytes.
template <class Scalar, int Bytes = NEURAL_ODE_VECTOR_BYTES>
struct Lanes {
  typedef Scalar Vector __attribute__((vector_size(Bytes)));
  static constexpr int width = Bytes / int(sizeof(Scalar));
};
template <class Scalar, int Bytes = NEURAL_ODE_VECTOR_BYTES>
using VectorOf = typename Lanes<Scalar, Bytes>::Vector;

template <class Vector, class Scalar>
inline Vector load(const Scalar* p) {
  Vector v;
  __builtin_memcpy(&v, p, sizeof v);
  return v;
}

template <class Vector, class Scalar>
inline void store(Scalar* p, Vector v) {
  __builtin_memcpy(p, &v, sizeof v);
}

// column[p][i] = from[i * ld + p], a square.
template <class Scalar>
inline void load_transposed(const Scalar* from, ptrdiff_t ld, VectorOf<Scalar, 16>* column) {
  typedef VectorOf<Scalar, 16> Vector;
  const Vector r0 = load<Vector>(from), r1 = load<Vector>(from + ld);
  if constexpr (sizeof(Scalar) == 8) {
    column[0] = __builtin_shufflevector(r0, r1, 0, 2);
    column[1] = __builtin_shufflevector(r0, r1, 1, 3);
  } else {
    const Vector r2 = load<Vector>(from + 2 * ld), r3 = load<Vector>(from + 3 * ld);
    const Vector low01 = __builtin_shufflevector(r0, r1, 0, 4, 1, 5);
    const Vector high01 = __builtin_shufflevector(r0, r1, 2, 6, 3, 7);
    const Vector low23 = __builtin_shufflevector(r2, r3, 0, 4, 1, 5);
    const Vector high23 = __builtin_shufflevector(r2, r3, 2, 6, 3, 7);
    column[0] = __builtin_shufflevector(low01, low23, 0, 1, 4, 5);
    column[1] = __builtin_shufflevector(low01, low23, 2, 3, 6, 7);
    column[2] = __builtin_shufflevector(high01, high23, 0, 1, 4, 5);
    column[3] = __builtin_shufflevector(high01, high23, 2, 3, 6, 7);
  }
}

// to[p * step + i] = from[i * ld + p] for i < rows, p < count.
template <class Scalar>
inline void copy_transposed(const Scalar* from, ptrdiff_t ld, ptrdiff_t rows, ptrdiff_t count,
                            Scalar* to, ptrdiff_t step) {
  constexpr int width = Lanes<Scalar, 16>::width;
  ptrdiff_t i = 0;
  for (; i + width <= rows; i += width, from += width * ld, to += width) {
    ptrdiff_t p = 0;
    for (; p + width <= count; p += width) {
      VectorOf<Scalar, 16> column[width];
      load_transposed(from + p, ld, column);
      for (int l = 0; l < width; ++l) store(to + (p + l) * step, column[l]);
    }
    for (; p < count; ++p) {
      for (int l = 0; l < width; ++l) to[p * step + l] = from[l * ld + p];
    }
  }
  for (; i < rows; ++i, from += ld, ++to) {
    for (ptrdiff_t p = 0; p < count; ++p) to[p * step] = from[p];
  }
}

// to[p * step + i] = from[p * ld + i] for i < rows, p < count.
template <class Scalar>
inline void copy_columns(const Scalar* from, ptrdiff_t ld, ptrdiff_t rows, ptrdiff_t count,
                         Scalar* to, ptrdiff_t step) {
  typedef VectorOf<Scalar, 16> Vector;
  constexpr ptrdiff_t width = Lanes<Scalar, 16>::width;
  for (ptrdiff_t p = 0; p < count; ++p, from += ld, to += step) {
    ptrdiff_t i = 0;
    for (; i + width <= rows; i += width) store(to + i, load<Vector>(from + i));
    for (; i < rows; ++i) to[i] = from[i];
  }
}

}  // namespace
}  // namespace neural_ode
