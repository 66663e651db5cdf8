// The few loops where the time goes. One interface, two builds of the same source:
// `portable` (128-bit vectors, never contracted to FMA: the same bits natively, in WebAssembly and
// in the browser) and `fast` (AVX2 + FMA where the processor has them, else the portable one).
// Every sum runs over k = 0, 1, 2, ... in one accumulator, whatever the vector width.
#pragma once

#include <string_view>

#include "engine/core/activation_id.h"
#include "engine/core/types.h"

namespace neural_ode {

enum class KernelChoice { portable, fast };

// Process-wide; call it before any solving. The default is `fast` natively, `portable` in
// WebAssembly.
void select_kernels(KernelChoice choice);
KernelChoice selected_kernels();
std::string_view kernel_name();  // "portable", "avx2"

enum class Transpose { no, yes };

// C = op(A) op(B) (+ C when `accumulate`). op(A) is M x K, op(B) is K x N, C is M x N.
template <class Scalar>
void gemm(Transpose transpose_a, MatrixIn<Scalar> a, Transpose transpose_b, MatrixIn<Scalar> b,
          bool accumulate, MatrixOut<Scalar> c);

// h = s(z + bias), and where asked (non-null) the derivatives d1 = s'(z + bias), d2 = s''(z +
// bias), for `columns` columns of `rows` entries whose starts are `stride` apart, in z as in what
// is written (which may be z); bias: rows, or null. relu: s'(0) = 0, s'' = 0. NaN goes in, NaN
// comes out.
template <class Scalar>
void activate(Activation activation, Index rows, Index columns, Index stride, const Scalar* z,
              const Scalar* bias, Scalar* h, Scalar* d1, Scalar* d2);

}  // namespace neural_ode
