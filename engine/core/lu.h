// Small dense linear systems: LU factors with partial pivoting, in plain loops whose result no SIMD
// width changes.
#pragma once

#include "engine/core/types.h"

namespace neural_ode {

// a: n x n column-major, replaced by L (unit diagonal) and U; pivots: n. False when singular or not
// finite.
template <class Scalar>
bool lu_factor(Index n, Scalar* a, int* pivots);
// x: n, the right-hand side b on entry, the solution of A x = b on return.
template <class Scalar>
void lu_solve(Index n, const Scalar* lu, const int* pivots, Scalar* x);
// The same for A^T x = b.
template <class Scalar>
void lu_solve_transposed(Index n, const Scalar* lu, const int* pivots, Scalar* x);

}  // namespace neural_ode
