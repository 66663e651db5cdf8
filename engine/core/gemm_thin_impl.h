// Products with one column, and outer products: bound by how long an addition takes and by what
// surrounds the loops, so A and B are read in place.
#pragma once

#include "engine/core/kernel_vectors_impl.h"

namespace neural_ode {
namespace {

template <class Scalar, int Bytes, int Vectors>
inline ptrdiff_t multiply_column_rows(const GemmArguments<Scalar>& g, ptrdiff_t row) {
  typedef VectorOf<Scalar, Bytes> Vector;
  constexpr int width = Lanes<Scalar, Bytes>::width;
  const ptrdiff_t b_step = g.transpose_b ? g.ldb : 1;
  for (; row + Vectors * width <= g.m; row += Vectors * width) {
    Vector sum[Vectors];
    for (int i = 0; i < Vectors; ++i) sum[i] = Vector{};
    const Scalar *a = g.a + row, *b = g.b;
    for (ptrdiff_t p = 0; p < g.k; ++p, a += g.lda, b += b_step) {
      for (int i = 0; i < Vectors; ++i)
        sum[i] = multiply_add(load<Vector>(a + i * width), *b, sum[i]);
    }
    for (int i = 0; i < Vectors; ++i) {
      Scalar* out = g.c + row + i * width;
      store(out, g.accumulate ? load<Vector>(out) + sum[i] : sum[i]);
    }
  }
  if constexpr (Vectors == 4) row = multiply_column_rows<Scalar, Bytes, 1>(g, row);
  if constexpr (Vectors == 1 && Bytes > 16)
    row = multiply_column_rows<Scalar, Bytes / 2, 1>(g, row);
  return row;
}

// Rows of a transposed A lie along k: blocks of them are turned in registers.
template <class Scalar, int Blocks>
inline ptrdiff_t multiply_turned_rows(const GemmArguments<Scalar>& g, ptrdiff_t row) {
  typedef VectorOf<Scalar, 16> Vector;
  constexpr int width = Lanes<Scalar, 16>::width;
  const ptrdiff_t b_step = g.transpose_b ? g.ldb : 1;
  for (; row + Blocks * width <= g.m; row += Blocks * width) {
    Vector sum[Blocks];
    for (int i = 0; i < Blocks; ++i) sum[i] = Vector{};
    const Scalar *a = g.a + row * g.lda, *b = g.b;
    ptrdiff_t p = 0;
    for (; p + width <= g.k; p += width, a += width) {
      for (int i = 0; i < Blocks; ++i) {
        Vector column[width];
        load_transposed(a + i * width * g.lda, g.lda, column);
        for (int l = 0; l < width; ++l)
          sum[i] = multiply_add(column[l], b[(p + l) * b_step], sum[i]);
      }
    }
    for (; p < g.k; ++p, ++a) {
      for (int i = 0; i < Blocks; ++i) {
        Vector column;
        for (int l = 0; l < width; ++l) column[l] = a[(i * width + l) * g.lda];
        sum[i] = multiply_add(column, b[p * b_step], sum[i]);
      }
    }
    for (int i = 0; i < Blocks; ++i) {
      Scalar* out = g.c + row + i * width;
      store(out, g.accumulate ? load<Vector>(out) + sum[i] : sum[i]);
    }
  }
  if constexpr (Blocks > 1) row = multiply_turned_rows<Scalar, 1>(g, row);
  return row;
}

template <class Scalar, int Rows>
inline void multiply_single_rows(const GemmArguments<Scalar>& g, ptrdiff_t row) {
  const ptrdiff_t next = g.transpose_a ? g.lda : 1, step = g.transpose_a ? 1 : g.lda;
  const ptrdiff_t b_step = g.transpose_b ? g.ldb : 1;
  Scalar sum[Rows];
  for (int i = 0; i < Rows; ++i) sum[i] = 0;
  const Scalar *a = g.a + row * next, *b = g.b;
  for (ptrdiff_t p = 0; p < g.k; ++p, a += step, b += b_step) {
    for (int i = 0; i < Rows; ++i) sum[i] = multiply_add(a[i * next], *b, sum[i]);
  }
  for (int i = 0; i < Rows; ++i) g.c[row + i] = g.accumulate ? g.c[row + i] + sum[i] : sum[i];
}

template <class Scalar>
inline void multiply_column(const GemmArguments<Scalar>& g) {
  const ptrdiff_t row = g.transpose_a
                            ? multiply_turned_rows<Scalar, 4>(g, 0)
                            : multiply_column_rows<Scalar, NEURAL_ODE_VECTOR_BYTES, 4>(g, 0);
  if (g.m - row == 3) multiply_single_rows<Scalar, 3>(g, row);
  if (g.m - row == 2) multiply_single_rows<Scalar, 2>(g, row);
  if (g.m - row == 1) multiply_single_rows<Scalar, 1>(g, row);
}

// c[row:m] = a[row:m] * factor with vectors of at most Bytes; gives the first row not done.
template <class Scalar, int Bytes>
inline ptrdiff_t scale_rows(const Scalar* a, Scalar factor, bool accumulate, ptrdiff_t row,
                            ptrdiff_t m, Scalar* c) {
  typedef VectorOf<Scalar, Bytes> Vector;
  constexpr int width = Lanes<Scalar, Bytes>::width;
  for (; row + width <= m; row += width) {
    const Vector sum = multiply_add(load<Vector>(a + row), factor, Vector{});
    store(c + row, accumulate ? load<Vector>(c + row) + sum : sum);
  }
  if constexpr (Bytes > 16) row = scale_rows<Scalar, Bytes / 2>(a, factor, accumulate, row, m, c);
  return row;
}

// k == 1: c_ij = a_i b_j, the parameter gradient of one sample.
template <class Scalar>
inline void multiply_outer(const GemmArguments<Scalar>& g) {
  // Copies, as for all the compiler knows the stores below may change g.
  const ptrdiff_t m = g.m, n = g.n, ldc = g.ldc, a_next = g.transpose_a ? g.lda : 1,
                  b_next = g.transpose_b ? 1 : g.ldb;
  const bool accumulate = g.accumulate;
  const Scalar *a = g.a, *b = g.b;
  Scalar* c = g.c;
  typedef VectorOf<Scalar, 16> Short;
  if (a_next == 1 && m == Lanes<Scalar, 16>::width) {
    const Short column = load<Short>(a);
    for (ptrdiff_t j = 0; j < n; ++j, c += ldc) {
      const Short sum = multiply_add(column, b[j * b_next], Short{});
      store(c, accumulate ? load<Short>(c) + sum : sum);
    }
    return;
  }
  for (ptrdiff_t j = 0; j < n; ++j, c += ldc) {
    const Scalar factor = b[j * b_next];
    ptrdiff_t i = 0;
    if (a_next == 1)
      i = scale_rows<Scalar, NEURAL_ODE_VECTOR_BYTES>(a, factor, accumulate, 0, m, c);
    for (; i < m; ++i) {
      const Scalar sum = multiply_add(a[i * a_next], factor, Scalar(0));
      c[i] = accumulate ? c[i] + sum : sum;
    }
  }
}

}  // namespace
}  // namespace neural_ode
