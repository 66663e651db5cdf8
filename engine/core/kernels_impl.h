// The kernels themselves, in GCC/Clang vector extensions. Included once by every
// kernels_<name>.cpp, which says how wide a vector is (NEURAL_ODE_VECTOR_BYTES) and how many
// columns a tile has (NEURAL_ODE_TILE_COLUMNS), and is compiled with its own instruction flags. All
// of it is in an unnamed namespace and uses no library function: an inline function shared between
// the units would be linked from just one of them, perhaps from the one whose instructions the
// processor lacks.
#pragma once

#include <cstddef>

#include "engine/core/kernel_table.h"

namespace neural_ode {
namespace {

using std::ptrdiff_t;

typedef float FloatVector __attribute__((vector_size(NEURAL_ODE_VECTOR_BYTES)));
typedef double DoubleVector __attribute__((vector_size(NEURAL_ODE_VECTOR_BYTES)));
typedef int IntVector __attribute__((vector_size(NEURAL_ODE_VECTOR_BYTES)));
typedef long long LongVector __attribute__((vector_size(NEURAL_ODE_VECTOR_BYTES)));

template <class Scalar>
struct Lanes;

template <>
struct Lanes<float> {
  typedef FloatVector Vector;
  typedef IntVector Integers;  // as many, as wide
  typedef float Unaligned
      __attribute__((vector_size(NEURAL_ODE_VECTOR_BYTES), aligned(4), may_alias));
  static constexpr int width = NEURAL_ODE_VECTOR_BYTES / 4;
};

template <>
struct Lanes<double> {
  typedef DoubleVector Vector;
  typedef LongVector Integers;
  typedef double Unaligned
      __attribute__((vector_size(NEURAL_ODE_VECTOR_BYTES), aligned(8), may_alias));
  static constexpr int width = NEURAL_ODE_VECTOR_BYTES / 8;
};

template <class Scalar>
inline typename Lanes<Scalar>::Vector load(const Scalar* p) {
  return *reinterpret_cast<const typename Lanes<Scalar>::Unaligned*>(p);
}

template <class Scalar>
inline void store(Scalar* p, typename Lanes<Scalar>::Vector v) {
  *reinterpret_cast<typename Lanes<Scalar>::Unaligned*>(p) = v;
}

// ---------------------------------------------------------------------------------------- products
//
// C is cut into tiles of (2 vectors of rows) x (a few columns) that live in registers while k runs
// from start to end, so that every entry is one sum in the order of k, whichever path led to its
// tile. Panels of A and B are copied ("packed") only where their layout or their size asks for it.

constexpr int kTileColumns = NEURAL_ODE_TILE_COLUMNS;
template <class Scalar>
constexpr int kTileRows = 2 * Lanes<Scalar>::width;

// c[0:rows, 0:Columns] for `rows` <= Vectors * width; column p of the panel of A starts at a + p *
// a_step, entry (p, j) of B is b[p * b_step + j * b_next].
template <class Scalar, int Vectors, int Columns>
inline void multiply_tile(const GemmArguments<Scalar>& g, const Scalar* a, ptrdiff_t a_step,
                          const Scalar* b, ptrdiff_t b_step, ptrdiff_t b_next, Scalar* c,
                          ptrdiff_t rows) {
  typedef typename Lanes<Scalar>::Vector Vector;
  constexpr int width = Lanes<Scalar>::width;
  Vector sum[Columns][Vectors] = {};
  for (ptrdiff_t p = 0; p < g.k; ++p) {
    Vector column[Vectors];
    for (int i = 0; i < Vectors; ++i) column[i] = load<Scalar>(a + i * width);
    for (int j = 0; j < Columns; ++j) {
      const Scalar factor = b[j * b_next];
      for (int i = 0; i < Vectors; ++i) sum[j][i] += column[i] * factor;
    }
    a += a_step;
    b += b_step;
  }
  for (int j = 0; j < Columns; ++j) {
    Scalar* out = c + j * g.ldc;
    if (rows == Vectors * width) {
      for (int i = 0; i < Vectors; ++i) {
        Scalar* entries = out + i * width;
        store<Scalar>(entries, g.accumulate ? load<Scalar>(entries) + sum[j][i] : sum[j][i]);
      }
    } else {
      Scalar entries[Vectors * width];
      for (int i = 0; i < Vectors; ++i) store<Scalar>(entries + i * width, sum[j][i]);
      for (ptrdiff_t i = 0; i < rows; ++i) out[i] = g.accumulate ? out[i] + entries[i] : entries[i];
    }
  }
}

// Rows row .. row + rows - 1 of op(A) as `height` x k, column-major, missing rows zero.
template <class Scalar>
inline void pack_a(const GemmArguments<Scalar>& g, ptrdiff_t row, ptrdiff_t rows, ptrdiff_t height,
                   Scalar* packed) {
  typedef typename Lanes<Scalar>::Vector Vector;
  constexpr int width = Lanes<Scalar>::width;
  if (g.transpose_a && rows == height) {  // gathered into vectors: writing is dearer than reading
    for (ptrdiff_t p = 0; p < g.k; ++p) {
      for (ptrdiff_t i = 0; i < height; i += width, packed += width) {
        const Scalar* from = g.a + (row + i) * g.lda + p;
        Vector column = {};
        for (int lane = 0; lane < width; ++lane) column[lane] = from[lane * g.lda];
        store<Scalar>(packed, column);
      }
    }
  } else if (g.transpose_a) {
    for (ptrdiff_t i = 0; i < height; ++i) {
      const Scalar* from = g.a + (row + i) * g.lda;
      for (ptrdiff_t p = 0; p < g.k; ++p) packed[p * height + i] = i < rows ? from[p] : Scalar(0);
    }
  } else {
    for (ptrdiff_t p = 0; p < g.k; ++p) {
      const Scalar* from = g.a + row + p * g.lda;
      for (ptrdiff_t i = 0; i < height; ++i)
        packed[p * height + i] = i < rows ? from[i] : Scalar(0);
    }
  }
}

// op(B) as consecutive panels k x kTileColumns, each row-major; the columns missing from the last
// panel are left unwritten, as no tile reads them.
template <class Scalar>
inline void pack_b(const GemmArguments<Scalar>& g, Scalar* packed) {
  for (ptrdiff_t column = 0; column < g.n; column += kTileColumns) {
    const ptrdiff_t columns = g.n - column < kTileColumns ? g.n - column : kTileColumns;
    Scalar* panel = packed + column * g.k;
    if (g.transpose_b) {
      for (ptrdiff_t p = 0; p < g.k; ++p) {
        const Scalar* from = g.b + column + p * g.ldb;
        for (ptrdiff_t j = 0; j < columns; ++j) panel[p * kTileColumns + j] = from[j];
      }
    } else {
      for (ptrdiff_t j = 0; j < columns; ++j) {
        const Scalar* from = g.b + (column + j) * g.ldb;
        for (ptrdiff_t p = 0; p < g.k; ++p) panel[p * kTileColumns + j] = from[p];
      }
    }
  }
}

// B as multiply_row_panel finds it: packed, or in place.
template <class Scalar>
struct PanelsOfB {
  const Scalar* first;
  ptrdiff_t step, next;   // see multiply_tile
  ptrdiff_t column_step;  // from column j to j + 1 when j starts a tile
};

template <class Scalar, int Vectors, int Columns>
inline void multiply_last_columns(const GemmArguments<Scalar>& g, const Scalar* a, ptrdiff_t a_step,
                                  const PanelsOfB<Scalar>& b, ptrdiff_t column, Scalar* c,
                                  ptrdiff_t rows) {
  if constexpr (Columns > 0) {
    if (g.n - column == Columns) {
      multiply_tile<Scalar, Vectors, Columns>(g, a, a_step, b.first + column * b.column_step,
                                              b.step, b.next, c + column * g.ldc, rows);
    } else {
      multiply_last_columns<Scalar, Vectors, Columns - 1>(g, a, a_step, b, column, c, rows);
    }
  }
}

// One panel of rows of C.
template <class Scalar, int Vectors>
inline void multiply_row_panel(const GemmArguments<Scalar>& g, const Scalar* a, ptrdiff_t a_step,
                               const PanelsOfB<Scalar>& b, Scalar* c, ptrdiff_t rows) {
  ptrdiff_t column = 0;
  if (b.next == 1) {  // constant strides make shorter code
    for (; column + kTileColumns <= g.n; column += kTileColumns) {
      multiply_tile<Scalar, Vectors, kTileColumns>(g, a, a_step, b.first + column * b.column_step,
                                                   b.step, 1, c + column * g.ldc, rows);
    }
  } else {
    for (; column + kTileColumns <= g.n; column += kTileColumns) {
      multiply_tile<Scalar, Vectors, kTileColumns>(g, a, a_step, b.first + column * b.column_step,
                                                   1, b.next, c + column * g.ldc, rows);
    }
  }
  multiply_last_columns<Scalar, Vectors, kTileColumns - 1>(g, a, a_step, b, column, c, rows);
}

template <class Scalar>
ptrdiff_t gemm_scratch(ptrdiff_t m, ptrdiff_t n, ptrdiff_t k) {
  static_cast<void>(m);
  return (kTileRows<Scalar> + n + kTileColumns) * k;
}

// A product with one column, A in place: c = op(A) b. The sums are those of the tiles, in the same
// order.
template <class Scalar, int Vectors>
inline void multiply_rows(const GemmArguments<Scalar>& g, ptrdiff_t row, ptrdiff_t b_step) {
  typedef typename Lanes<Scalar>::Vector Vector;
  constexpr int width = Lanes<Scalar>::width;
  Vector sum[Vectors] = {};
  const Scalar *a = g.a + row, *b = g.b;
  for (ptrdiff_t p = 0; p < g.k; ++p, a += g.lda, b += b_step) {
    for (int i = 0; i < Vectors; ++i) sum[i] += load<Scalar>(a + i * width) * *b;
  }
  for (int i = 0; i < Vectors; ++i) {
    Scalar* out = g.c + row + i * width;
    store<Scalar>(out, g.accumulate ? load<Scalar>(out) + sum[i] : sum[i]);
  }
}

// Rows that do not lie side by side, or too few of them: gathered into a vector, so that each sum
// is made of the very same instructions as elsewhere.
template <class Scalar>
inline void multiply_gathered_rows(const GemmArguments<Scalar>& g, ptrdiff_t row, ptrdiff_t rows,
                                   ptrdiff_t b_step) {
  typedef typename Lanes<Scalar>::Vector Vector;
  const ptrdiff_t next = g.transpose_a ? g.lda : 1, step = g.transpose_a ? 1 : g.lda;
  Vector sum = {};
  const Scalar *a = g.a + row * next, *b = g.b;
  for (ptrdiff_t p = 0; p < g.k; ++p, a += step, b += b_step) {
    Vector column = {};
    for (ptrdiff_t i = 0; i < rows; ++i) column[i] = a[i * next];
    sum += column * *b;
  }
  for (ptrdiff_t i = 0; i < rows; ++i) g.c[row + i] = g.accumulate ? g.c[row + i] + sum[i] : sum[i];
}

template <class Scalar>
inline void multiply_column(const GemmArguments<Scalar>& g) {
  constexpr ptrdiff_t width = Lanes<Scalar>::width;
  const ptrdiff_t b_step = g.transpose_b ? g.ldb : 1;
  ptrdiff_t row = 0;
  if (!g.transpose_a) {
    for (; row + 4 * width <= g.m; row += 4 * width) multiply_rows<Scalar, 4>(g, row, b_step);
    for (; row + width <= g.m; row += width) multiply_rows<Scalar, 1>(g, row, b_step);
  }
  for (; row + width <= g.m; row += width) multiply_gathered_rows<Scalar>(g, row, width, b_step);
  if (row < g.m) multiply_gathered_rows<Scalar>(g, row, g.m - row, b_step);
}

// A product over few k with A and B in place: c_ij = sum_p a_ip b_pj, the parameter gradient of one
// sample.
template <class Scalar>
inline void multiply_outer(const GemmArguments<Scalar>& g) {
  typedef typename Lanes<Scalar>::Vector Vector;
  constexpr ptrdiff_t width = Lanes<Scalar>::width;
  const ptrdiff_t row_step = g.transpose_a ? g.lda : 1, a_step = g.transpose_a ? 1 : g.lda;
  const ptrdiff_t column_step = g.transpose_b ? 1 : g.ldb, b_step = g.transpose_b ? g.ldb : 1;
  for (ptrdiff_t j = 0; j < g.n; ++j) {
    const Scalar* b = g.b + j * column_step;
    Scalar* out = g.c + j * g.ldc;
    ptrdiff_t i = 0;
    for (; row_step == 1 && i + width <= g.m; i += width) {
      Vector sum = {};
      for (ptrdiff_t p = 0; p < g.k; ++p) sum += load<Scalar>(g.a + i + p * a_step) * b[p * b_step];
      store<Scalar>(out + i, g.accumulate ? load<Scalar>(out + i) + sum : sum);
    }
    for (; i < g.m; ++i) {
      Scalar sum = 0;
      for (ptrdiff_t p = 0; p < g.k; ++p) sum += g.a[i * row_step + p * a_step] * b[p * b_step];
      out[i] = g.accumulate ? out[i] + sum : sum;
    }
  }
}

// Beyond so many bytes a matrix read with a stride no longer stays in the first-level cache.
constexpr ptrdiff_t kCacheBytes = 8192;

template <class Scalar>
void gemm_blocked(const GemmArguments<Scalar>& g, Scalar* scratch) {
  if (g.n == 1) return multiply_column(g);
  if (g.k == 1) return multiply_outer(g);
  constexpr ptrdiff_t width = Lanes<Scalar>::width;
  constexpr ptrdiff_t entry = sizeof(Scalar);
  Scalar* packed_a = scratch;
  Scalar* packed_b = scratch + kTileRows<Scalar> * g.k;

  PanelsOfB<Scalar> b{g.b, g.transpose_b ? g.ldb : 1, g.transpose_b ? 1 : g.ldb,
                      g.transpose_b ? 1 : g.ldb};
  if (g.m > 2 * kTileRows<Scalar> && g.n >= kTileColumns && g.k * g.n * entry > kCacheBytes) {
    pack_b(g, packed_b);
    b = {packed_b, kTileColumns, 1, g.k};
  }
  const bool a_is_far = g.n > 4 * kTileColumns && g.k * g.lda * entry > kCacheBytes;

  for (ptrdiff_t row = 0; row < g.m; row += kTileRows<Scalar>) {
    const ptrdiff_t rows = g.m - row < kTileRows<Scalar> ? g.m - row : kTileRows<Scalar>;
    const ptrdiff_t height = rows > width ? 2 * width : width;
    const Scalar* a = g.a + row;
    ptrdiff_t a_step = g.lda;
    if (g.transpose_a || rows != height || a_is_far) {
      pack_a(g, row, rows, height, packed_a);
      a = packed_a;
      a_step = height;
    }
    if (height == width) {
      multiply_row_panel<Scalar, 1>(g, a, a_step, b, g.c + row, rows);
    } else {
      multiply_row_panel<Scalar, 2>(g, a, a_step, b, g.c + row, rows);
    }
  }
}

}  // namespace
}  // namespace neural_ode
