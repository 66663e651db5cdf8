// What other libraries do in place of our kernels, one file a library. Each file is compiled with
// flags of its own, so nothing but plain functions is declared here.
#pragma once

namespace neural_ode::peers {

// c (m x n) = op(a) (m x k) op(b) (k x n), column-major without gaps.
struct Product {
  int m, n, k;
  bool transpose_a, transpose_b;
  const float* a;
  const float* b;
  float* c;
};

void eigen_multiply(const Product& product);         // eigen_gemm.cpp, with our own flags for SIMD
void eigen_native_multiply(const Product& product);  // the same with -march=native
void openblas_multiply(const Product& product);

}  // namespace neural_ode::peers
