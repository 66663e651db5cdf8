#include "engine/core/kernels.h"

#include <type_traits>
#include <vector>

#include "engine/core/kernel_table.h"

namespace neural_ode {
namespace {

// What this processor can run, the fastest last.
const std::vector<const KernelTable*>& tables() {
  static const std::vector<const KernelTable*> usable = [] {
    std::vector<const KernelTable*> list = {&portable_kernels};
#ifdef NEURAL_ODE_X86_KERNELS
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
      list.push_back(&avx2_kernels);
      // Older processors with AVX-512 but without VBMI2 slow their clock down for it.
      if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vbmi2"))
        list.push_back(&avx512_kernels);
    }
#endif
    return list;
  }();
  return usable;
}

struct Selection {
#ifdef __wasm__
  const KernelTable* table = tables().front();
#else
  const KernelTable* table = tables().back();
#endif
};

Selection& selection() {
  static Selection instance;
  return instance;
}

// Packed panels; grows to the largest product this thread has done.
template <class Scalar>
Scalar* scratch(std::ptrdiff_t size) {
  thread_local std::vector<Scalar> entries;
  if (static_cast<std::ptrdiff_t>(entries.size()) < size) {
    entries.resize(static_cast<std::size_t>(size));
  }
  return entries.data();
}

}  // namespace

void select_kernels(KernelChoice choice) {
  selection().table = choice == KernelChoice::fast ? tables().back() : tables().front();
}

bool select_kernels(std::string_view name) {
  for (const KernelTable* table : tables()) {
    if (name != table->name) continue;
    selection().table = table;
    return true;
  }
  return false;
}

std::vector<std::string_view> available_kernels() {
  std::vector<std::string_view> names;
  for (const KernelTable* table : tables()) names.emplace_back(table->name);
  return names;
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
      c.rows(),       c.cols(),        k,  a.data(), a.outerStride(), ta,
      b.data(),       b.outerStride(), tb, c.data(), c.outerStride(), accumulate,
      scratch<Scalar>};
  if constexpr (std::is_same_v<Scalar, float>) {
    selection().table->gemm_float(arguments);
  } else {
    selection().table->gemm_double(arguments);
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
