// Private to the kernels: the tables of functions that each build of the *_impl.h fills in.
// Plain pointers only, so that no inline function is shared between builds with different
// instructions.
#pragma once

#include <cstddef>

#include "engine/core/activation_id.h"

namespace neural_ode {

// c (m x n) = op(a) (m x k) op(b) (k x n), plus c when `accumulate`; column-major, leading
// dimensions ld*.
template <class Scalar>
struct GemmArguments {
  std::ptrdiff_t m, n, k;
  const Scalar* a;
  std::ptrdiff_t lda;
  bool transpose_a;
  const Scalar* b;
  std::ptrdiff_t ldb;
  bool transpose_b;
  Scalar* c;
  std::ptrdiff_t ldc;
  bool accumulate;
  Scalar* (*scratch)(std::ptrdiff_t entries);  // asked for where panels are copied
};

template <class Scalar>
struct KernelTable {
  const char* name;
  void (*gemm)(const GemmArguments<Scalar>& arguments);
  // See `activate` in kernels.h; bias, d1 and d2 may be null.
  void (*activate)(Activation activation, std::ptrdiff_t rows, std::ptrdiff_t columns,
                   std::ptrdiff_t stride, const Scalar* z, const Scalar* bias, Scalar* h,
                   Scalar* d1, Scalar* d2);
};

// A table for each Scalar: a program has the kernels of those that it uses.
extern const KernelTable<float> portable_float;
extern const KernelTable<double> portable_double;
// Defined where NEURAL_ODE_X86_KERNELS is.
extern const KernelTable<float> avx2_float, avx512_float;
extern const KernelTable<double> avx2_double, avx512_double;

}  // namespace neural_ode
