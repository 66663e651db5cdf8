// C = op(A) op(B) (+ C): which of the ways to take.
#pragma once

#include "engine/core/gemm_thin_impl.h"
#include "engine/core/gemm_tiles_impl.h"

namespace neural_ode {
namespace {

// Beyond so many bytes a matrix read with a stride no longer stays in the first-level cache.
constexpr ptrdiff_t kCacheBytes = 8192;

template <class Scalar>
void gemm_blocked(const GemmArguments<Scalar>& g) {
  if (g.n == 1) return multiply_column(g);
  if (g.k == 1) return multiply_outer(g);
  constexpr int bytes = NEURAL_ODE_VECTOR_BYTES;
  constexpr ptrdiff_t entry = sizeof(Scalar), tallest = 2 * Lanes<Scalar>::width;
  const bool far_a = g.n > 4 * kTileColumns && g.k * g.lda * entry > kCacheBytes;
  const bool far_b =
      kPackB && g.m > tallest && g.n >= kTileColumns && g.k * g.n * entry > kCacheBytes;
  const ptrdiff_t size_a = g.transpose_a || far_a ? (g.m + tallest) * g.k : 0;
  const ptrdiff_t size_b = far_b ? (g.n + kTileColumns) * g.k : 0;
  Scalar* scratch = size_a + size_b > 0 ? g.scratch(size_a + size_b) : nullptr;

  Operands<Scalar> operands{{g.b, 1, g.ldb, g.ldb, false}, size_a > 0 ? scratch : nullptr, true};
  if (far_b) {
    pack_b(g, scratch + size_a);
    operands.b = {scratch + size_a, kTileColumns, 1, g.k, true};
  } else if (g.transpose_b) {
    operands.b = {g.b, g.ldb, 1, 1, false};
  }
  // Few terms make the columns of C the bulk of what is moved: then so many that they stay near.
  GemmArguments<Scalar> block = g;
  constexpr ptrdiff_t step = 4 * kTileColumns;
  if (g.k <= 32) block.n = step < g.n ? step : g.n;
  for (ptrdiff_t column = 0; column < g.n; column += step) {
    if (g.n - column < block.n) block.n = g.n - column;
    const ptrdiff_t row = multiply_panels<Scalar, bytes, 2>(block, operands, 0);
    multiply_last_rows<Scalar, bytes>(block, operands, row);
    if (g.n == block.n) break;
    operands.fill = false;
    operands.b.first += step * operands.b.column_step;
    block.c += step * g.ldc;
  }
}

}  // namespace
}  // namespace neural_ode
