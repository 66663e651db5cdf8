// Vectors for the kernels, in GCC/Clang vector extensions. This and the other *_impl.h are included
// once by every kernels_<name>.cpp, which is compiled with its own instruction flags and says how
// wide a vector is (NEURAL_ODE_VECTOR_BYTES; NEURAL_ODE_ACTIVATION_BYTES for the activations), how
// many columns a tile has (NEURAL_ODE_TILE_COLUMNS; with a single vector of rows
// NEURAL_ODE_THIN_TILE_COLUMNS, for enough sums at a time to hide how long an addition takes),
// whether copying B pays (NEURAL_ODE_PACK_B) and whether multiply_add rounds once
// (NEURAL_ODE_FUSE). All of it is in an unnamed namespace and uses no library function: an inline
// function shared between the units would be linked from just one of them, perhaps from the one
// whose instructions the processor lacks.
#pragma once

#include <cstddef>

#include "engine/core/kernel_table.h"

#if NEURAL_ODE_FUSE
#include <immintrin.h>
#endif

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

// The scalar in every entry, or the vector that it already is.
template <class Vector, class Value>
inline Vector spread(Value x) {
  return x - Vector{};
}

// a b + c, where b and c may be scalars: one rounding where NEURAL_ODE_FUSE, else two. Whoever
// wants the one has to write this, as no compiler fuses by itself (-ffp-contract=off); so an entry
// has the same bits whichever compiler, vector or tile it went through. (Except for the sign and
// payload of a NaN made of two.)
#if NEURAL_ODE_FUSE
inline float fused(float a, float b, float c) {
  return __builtin_fmaf(a, b, c);
}
inline double fused(double a, double b, double c) {
  return __builtin_fma(a, b, c);
}
inline __m128 fused(__m128 a, __m128 b, __m128 c) {
  return _mm_fmadd_ps(a, b, c);
}
inline __m128d fused(__m128d a, __m128d b, __m128d c) {
  return _mm_fmadd_pd(a, b, c);
}
inline __m256 fused(__m256 a, __m256 b, __m256 c) {
  return _mm256_fmadd_ps(a, b, c);
}
inline __m256d fused(__m256d a, __m256d b, __m256d c) {
  return _mm256_fmadd_pd(a, b, c);
}
#ifdef __AVX512F__
inline __m512 fused(__m512 a, __m512 b, __m512 c) {
  return _mm512_fmadd_ps(a, b, c);
}
inline __m512d fused(__m512d a, __m512d b, __m512d c) {
  return _mm512_fmadd_pd(a, b, c);
}
#endif

template <class Value, class Factor, class Term>
inline Value multiply_add(Value a, Factor b, Term c) {
  return fused(a, spread<Value>(b), spread<Value>(c));
}
#else
template <class Value, class Factor, class Term>
inline Value multiply_add(Value a, Factor b, Term c) {
  return a * b + c;
}
#endif

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
