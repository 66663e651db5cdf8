#include "engine/core/kernels.h"

#include <type_traits>
#include <vector>

#include "engine/core/kernel_table.h"

namespace neural_ode {
namespace {

const KernelTable& table_for(KernelChoice choice) {
#ifdef NEURAL_ODE_HAVE_AVX2
  static const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (choice == KernelChoice::fast && has_avx2) return avx2_kernels;
#else
  static_cast<void>(choice);
#endif
  return portable_kernels;
}

struct Selection {
#ifdef __wasm__
  KernelChoice choice = KernelChoice::portable;
#else
  KernelChoice choice = KernelChoice::fast;
#endif
  const KernelTable* table = &table_for(choice);
};

Selection& selection() {
  static Selection instance;
  return instance;
}

// Packed panels; grows to the largest product this thread has done.
template <class Scalar>
Scalar* gemm_scratch(std::ptrdiff_t size) {
  thread_local std::vector<Scalar> scratch;
  if (static_cast<std::ptrdiff_t>(scratch.size()) < size) {
    scratch.resize(static_cast<std::size_t>(size));
  }
  return scratch.data();
}

}  // namespace

void select_kernels(KernelChoice choice) {
  selection().choice = choice;
  selection().table = &table_for(choice);
}

KernelChoice selected_kernels() {
  return selection().choice;
}

std::string_view kernel_name() {
  return selection().table->name;
}

template <class Scalar>
void gemm(Transpose transpose_a, MatrixIn<Scalar> a, Transpose transpose_b, MatrixIn<Scalar> b,
          bool accumulate, MatrixOut<Scalar> c) {
  const bool ta = transpose_a == Transpose::yes;
  const bool tb = transpose_b == Transpose::yes;
  const Index k = ta ? a.rows() : a.cols();
  eigen_assert((ta ? a.cols() : a.rows()) == c.rows());
  eigen_assert((tb ? b.rows() : b.cols()) == c.cols());
  eigen_assert((tb ? b.cols() : b.rows()) == k);
  const GemmArguments<Scalar> arguments{
      c.rows(), c.cols(),        k,  a.data(), a.outerStride(), ta,
      b.data(), b.outerStride(), tb, c.data(), c.outerStride(), accumulate};
  const KernelTable& table = *selection().table;
  if constexpr (std::is_same_v<Scalar, float>) {
    table.gemm_float(arguments,
                     gemm_scratch<float>(table.gemm_scratch_float(c.rows(), c.cols(), k)));
  } else {
    table.gemm_double(arguments,
                      gemm_scratch<double>(table.gemm_scratch_double(c.rows(), c.cols(), k)));
  }
}

template <class Scalar>
void activate(Activation activation, Index rows, Index columns, Index stride, const Scalar* z,
              const Scalar* bias, Scalar* h, Scalar* d1, Scalar* d2) {
  const KernelTable& table = *selection().table;
  // Side by side and without a bias they are one column: no ends that do not fill a vector.
  const bool one = bias == nullptr && stride == rows;
  const Index length = one ? rows * columns : rows, count = one ? 1 : columns;
  if constexpr (std::is_same_v<Scalar, float>) {
    table.activate_float(activation, length, count, stride, z, bias, h, d1, d2);
  } else {
    table.activate_double(activation, length, count, stride, z, bias, h, d1, d2);
  }
}

template void gemm<float>(Transpose, MatrixIn<float>, Transpose, MatrixIn<float>, bool,
                          MatrixOut<float>);
template void gemm<double>(Transpose, MatrixIn<double>, Transpose, MatrixIn<double>, bool,
                           MatrixOut<double>);
template void activate<float>(Activation, Index, Index, Index, const float*, const float*, float*,
                              float*, float*);
template void activate<double>(Activation, Index, Index, Index, const double*, const double*,
                               double*, double*, double*);

}  // namespace neural_ode
