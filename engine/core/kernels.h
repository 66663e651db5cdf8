// The few loops where the time goes. One interface, several builds of the same source:
// `portable` (128-bit vectors, every product and sum rounded: the same bits natively, in
// WebAssembly and in the browser) and `fast`, the widest vectors with FMA that the processor has
// (the same bits with AVX2 and AVX-512), else the portable one. Every sum runs over k = 0, 1, 2,
// ... in one accumulator, whatever the vector width, and what is fused is written so in the source
// (multiply_add): the bits do not depend on the compiler either.
#pragma once

#include <string_view>
#include <vector>

#include "engine/core/activation_id.h"
#include "engine/core/types.h"

namespace neural_ode {

enum class KernelChoice { portable, fast };

// Process-wide; call it before any solving. The default is `fast` natively, `portable` in
// WebAssembly.
void select_kernels(KernelChoice choice);
// By name; false, and nothing changes, unless it is one of available_kernels().
bool select_kernels(std::string_view name);
// What the processor can run of "portable", "avx2", "avx512"; `fast` means the last.
std::vector<std::string_view> available_kernels();
std::string_view kernel_name();  // the one selected

enum class Transpose { no, yes };

// C = op(A) op(B) (+ C when `accumulate`). op(A) is M x K, op(B) is K x N, C is M x N.
template <class Scalar>
void gemm(Transpose transpose_a, MatrixIn<Scalar> a, Transpose transpose_b, MatrixIn<Scalar> b,
          bool accumulate, MatrixOut<Scalar> c);

// h = s(z + bias), and where asked (non-null) d1 = s'(z + bias) and, with it, d2 = s''(z + bias),
// for `columns` columns of `rows` entries whose starts are `stride` apart, in z as in what
// is written (which may be z); bias: rows, or null. relu: s'(0) = 0, s'' = 0. NaN goes in, NaN
// comes out. Largest errors over the whole range of z, those of h relative (where |h| > 1e-28),
// those of s' and s'' relative to max(1, |exact|); identity and relu are exact:
//
//              float  h        s'        s''      double  h        s'        s''
//   tanh         2.8e-7    5.6e-7    1.1e-6        3.5e-16   3.7e-16   6.3e-16
//   softplus     2.0e-7    8.8e-8    5.1e-8        3.8e-16   1.7e-16   9.7e-17
//   elu          8.0e-8    4.9e-8    4.9e-8        1.9e-16   9.0e-17   9.0e-17
//   silu         1.6e-7    2.0e-7    1.2e-7        3.0e-16   3.6e-16   2.3e-16
//   sigmoid      1.4e-7    5.2e-8    3.3e-8        2.2e-16   9.7e-17   5.7e-17
template <class Scalar>
void activate(Activation activation, Index rows, Index columns, Index stride, const Scalar* z,
              const Scalar* bias, Scalar* h, Scalar* d1, Scalar* d2);

}  // namespace neural_ode
