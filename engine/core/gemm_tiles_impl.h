// C is cut into tiles of (a few vectors of rows) x (a few columns) that live in registers while k
// runs from start to end, so that every entry is one sum in the order of k, whichever tile it is
// in. Panels of A and B are copied ("packed") only where their layout or their size asks for it.
#pragma once

#include "engine/core/kernel_vectors_impl.h"

namespace neural_ode {
namespace {

constexpr int kTileColumns = NEURAL_ODE_TILE_COLUMNS;
constexpr int kThinTileColumns = NEURAL_ODE_THIN_TILE_COLUMNS;
constexpr bool kPackB = NEURAL_ODE_PACK_B;

// Rows of op(A): column p starts at first + p * step. A panel of one vector may be taller than what
// is left of A: the rows beyond are read (they lie in A's next columns), multiplied and dropped.
// The columns from `whole` on, where they would lie behind A, are copied to `last`, side by side.
template <class Scalar>
struct PanelOfA {
  const Scalar* first;
  ptrdiff_t step, rows, whole;
  Scalar last[4 * Lanes<Scalar>::width];
};

// Entry (p, j) of op(B), j counted from a column that starts a tile, is b[p * step + j * next], and
// `column_step` leads from a tile's first column to the next one's, per column.
template <class Scalar>
struct PanelsOfB {
  const Scalar* first;
  ptrdiff_t step, next, column_step;
  bool packed;
};

// What the steps of a tile's loop are: those of packed panels and the like, known when compiling,
// make shorter code.
enum class Steps { any, b_in_rows, b_in_columns, packed };

template <class Scalar, int Bytes, int Vectors, int Columns>
inline void store_tile(const GemmArguments<Scalar>& g,
                       const VectorOf<Scalar, Bytes> (&sum)[Columns][Vectors], Scalar* c) {
  typedef VectorOf<Scalar, Bytes> Vector;
  constexpr int width = Lanes<Scalar, Bytes>::width;
  for (int j = 0; j < Columns; ++j, c += g.ldc) {
    for (int i = 0; i < Vectors; ++i) {
      Scalar* out = c + i * width;
      store(out, g.accumulate ? load<Vector>(out) + sum[j][i] : sum[j][i]);
    }
  }
}

// The first `rows` of one vector: two halves that overlap, or entry by entry.
template <class Scalar, int Bytes, int Columns>
inline void store_ragged_tile(const GemmArguments<Scalar>& g,
                              const VectorOf<Scalar, Bytes> (&sum)[Columns][1], ptrdiff_t rows,
                              Scalar* c) {
  constexpr int width = Lanes<Scalar, Bytes>::width, half = width / 2;
  const ptrdiff_t above = rows - half;
  for (int j = 0; j < Columns; ++j, c += g.ldc) {
    Scalar entries[width];
    store(entries, sum[j][0]);
    if (above < 0) {
      for (ptrdiff_t i = 0; i < rows; ++i) c[i] = g.accumulate ? c[i] + entries[i] : entries[i];
      continue;
    }
    Scalar low[half], high[half];
    for (int i = 0; i < half; ++i) low[i] = g.accumulate ? c[i] + entries[i] : entries[i];
    for (int i = 0; i < half; ++i)
      high[i] = g.accumulate ? c[above + i] + entries[above + i] : entries[above + i];
    for (int i = 0; i < half; ++i) c[i] = low[i];
    for (int i = 0; i < half; ++i) c[above + i] = high[i];
  }
}

// c[0:a.rows, 0:Columns] = the panel of A times Columns columns of B.
template <class Scalar, int Bytes, int Vectors, int Columns, Steps Kind, bool Ragged>
inline void multiply_tile(const GemmArguments<Scalar>& g, const PanelOfA<Scalar>& panel,
                          const PanelsOfB<Scalar>& panels, const Scalar* b, Scalar* c) {
  typedef VectorOf<Scalar, Bytes> Vector;
  constexpr int width = Lanes<Scalar, Bytes>::width, height = Vectors * width;
  const ptrdiff_t b_step = Kind == Steps::packed         ? kTileColumns
                           : Kind == Steps::b_in_columns ? 1
                                                         : panels.step;
  const ptrdiff_t b_next = Kind == Steps::packed || Kind == Steps::b_in_rows ? 1 : panels.next;
  Vector sum[Columns][Vectors];
  for (int j = 0; j < Columns; ++j) {
    for (int i = 0; i < Vectors; ++i) sum[j][i] = Vector{};
  }
  const auto add = [&](const Scalar* a, ptrdiff_t a_step, ptrdiff_t count)
      __attribute__((always_inline)) {
    for (ptrdiff_t p = 0; p < count; ++p) {
      Vector column[Vectors];
      for (int i = 0; i < Vectors; ++i) column[i] = load<Vector>(a + i * width);
      for (int j = 0; j < Columns; ++j) {
        const Scalar factor = b[j * b_next];
        for (int i = 0; i < Vectors; ++i) sum[j][i] = multiply_add(column[i], factor, sum[j][i]);
      }
      a += a_step;
      b += b_step;
    }
  };
  const ptrdiff_t a_step = Kind == Steps::packed ? height : panel.step;
  if constexpr (Ragged) {
    add(panel.first, a_step, panel.whole);
    add(panel.last, height, g.k - panel.whole);
    store_ragged_tile<Scalar, Bytes, Columns>(g, sum, panel.rows, c);
  } else {
    add(panel.first, a_step, g.k);
    store_tile<Scalar, Bytes, Vectors, Columns>(g, sum, c);
  }
}

template <class Scalar, int Bytes, int Vectors, int Columns, bool Ragged>
inline ptrdiff_t multiply_tiles(const GemmArguments<Scalar>& g, const PanelOfA<Scalar>& a,
                                const PanelsOfB<Scalar>& b, ptrdiff_t column, Scalar* c) {
  constexpr int height = Vectors * Lanes<Scalar, Bytes>::width;
  constexpr bool wide = Columns >= kTileColumns;
  constexpr bool may_be_packed = kPackB && Columns == kTileColumns && Vectors == 2;
  for (; column + Columns <= g.n; column += Columns) {
    const Scalar* first = b.first + column * b.column_step;
    Scalar* out = c + column * g.ldc;
    if (may_be_packed && b.packed && a.step == height) {
      multiply_tile<Scalar, Bytes, Vectors, Columns, may_be_packed ? Steps::packed : Steps::any,
                    Ragged>(g, a, b, first, out);
    } else if (wide && b.next == 1) {
      multiply_tile<Scalar, Bytes, Vectors, Columns, wide ? Steps::b_in_rows : Steps::any, Ragged>(
          g, a, b, first, out);
    } else {
      multiply_tile<Scalar, Bytes, Vectors, Columns, wide ? Steps::b_in_columns : Steps::any,
                    Ragged>(g, a, b, first, out);
    }
  }
  return column;
}

// The columns from `column` on with tiles of Columns, then of kTileColumns and fewer.
template <class Scalar, int Bytes, int Vectors, bool Ragged, int Columns>
inline void multiply_columns(const GemmArguments<Scalar>& g, const PanelOfA<Scalar>& a,
                             const PanelsOfB<Scalar>& b, ptrdiff_t column, Scalar* c) {
  if constexpr (Columns > 0) {
    column = multiply_tiles<Scalar, Bytes, Vectors, Columns, Ragged>(g, a, b, column, c);
    constexpr int fewer = Columns > kTileColumns ? kTileColumns : Columns - 1;
    multiply_columns<Scalar, Bytes, Vectors, Ragged, fewer>(g, a, b, column, c);
  }
}

// What the panels of one product share.
template <class Scalar>
struct Operands {
  PanelsOfB<Scalar> b;
  Scalar* packed_a;  // null where A is read in place
  bool fill;         // packed_a is still to be written
};

// Rows row .. row + height - 1 of op(A), or as many as there are.
template <class Scalar>
inline void find_panel(const GemmArguments<Scalar>& g, ptrdiff_t row, ptrdiff_t height,
                       const Operands<Scalar>& operands, PanelOfA<Scalar>& panel) {
  panel.rows = g.m - row < height ? g.m - row : height;
  panel.whole = g.k;
  if (operands.packed_a != nullptr) {
    Scalar* packed = operands.packed_a + row * g.k;
    panel.first = packed;
    panel.step = height;
    if (!operands.fill) return;
    if (g.transpose_a) {
      copy_transposed(g.a + row * g.lda, g.lda, panel.rows, g.k, packed, height);
    } else {
      copy_columns(g.a + row, g.lda, panel.rows, g.k, packed, height);
    }
    return;
  }
  panel.first = g.a + row;
  panel.step = g.lda;
  if (panel.rows < height && g.k > 0) {
    const ptrdiff_t behind = (height - panel.rows + g.lda - 1) / g.lda;
    panel.whole = g.k > behind ? g.k - behind : 0;
    copy_columns(panel.first + panel.whole * g.lda, g.lda, panel.rows, g.k - panel.whole,
                 panel.last, height);
  }
}

// The rows from `row` on, in panels of Vectors vectors, while they fill these, or fill one vector
// by more than half.
template <class Scalar, int Bytes, int Vectors>
inline ptrdiff_t multiply_panels(const GemmArguments<Scalar>& g, const Operands<Scalar>& operands,
                                 ptrdiff_t row) {
  constexpr int height = Vectors * Lanes<Scalar, Bytes>::width;
  constexpr int fewest = Vectors > 1 ? height : (Bytes == 16 ? 1 : height / 2 + 1);
  while (g.m - row >= fewest) {
    PanelOfA<Scalar> a;
    find_panel(g, row, height, operands, a);
    Scalar* c = g.c + row;
    constexpr int columns = Vectors == 1 ? kThinTileColumns : kTileColumns;
    if (Vectors > 1 || a.rows == height) {
      multiply_columns<Scalar, Bytes, Vectors, false, columns>(g, a, operands.b, 0, c);
    } else {
      multiply_columns<Scalar, Bytes, 1, true, columns>(g, a, operands.b, 0, c);
    }
    row += a.rows;
  }
  return row;
}

// The rows from `row` on with one vector each, and what fills less than half of it with narrower
// ones.
template <class Scalar, int Bytes>
inline void multiply_last_rows(const GemmArguments<Scalar>& g, const Operands<Scalar>& operands,
                               ptrdiff_t row) {
  row = multiply_panels<Scalar, Bytes, 1>(g, operands, row);
  if constexpr (Bytes > 16) multiply_last_rows<Scalar, Bytes / 2>(g, operands, row);
}

// op(B) as consecutive panels k x kTileColumns, each row-major; the columns missing from the last
// panel are left unwritten, as no tile reads them.
template <class Scalar>
inline void pack_b(const GemmArguments<Scalar>& g, Scalar* packed) {
  for (ptrdiff_t column = 0; column < g.n; column += kTileColumns) {
    const ptrdiff_t columns = g.n - column < kTileColumns ? g.n - column : kTileColumns;
    Scalar* panel = packed + column * g.k;
    if (g.transpose_b) {
      copy_columns(g.b + column, g.ldb, columns, g.k, panel, kTileColumns);
    } else {
      copy_transposed(g.b + column * g.ldb, g.ldb, columns, g.k, panel, kTileColumns);
    }
  }
}

}  // namespace
}  // namespace neural_ode
