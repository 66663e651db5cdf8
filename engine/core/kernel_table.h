// Private to the kernels: the table of functions that each build of the *_impl.h fills in.
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

struct KernelTable {
  const char* name;
  void (*gemm_float)(const GemmArguments<float>& arguments);
  void (*gemm_double)(const GemmArguments<double>& arguments);
  // See `activate` in kernels.h; bias, d1 and d2 may be null.
  void (*activate_float)(Activation activation, std::ptrdiff_t rows, std::ptrdiff_t columns,
                         std::ptrdiff_t stride, const float* z, const float* bias, float* h,
                         float* d1, float* d2);
  void (*activate_double)(Activation activation, std::ptrdiff_t rows, std::ptrdiff_t columns,
                          std::ptrdiff_t stride, const double* z, const double* bias, double* h,
                          double* d1, double* d2);
};

extern const KernelTable portable_kernels;
// Defined where NEURAL_ODE_X86_KERNELS is.
extern const KernelTable avx2_kernels;
extern const KernelTable avx512_kernels;

}  // namespace neural_ode
