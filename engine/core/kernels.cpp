#include "engine/core/kernels.h"

#include <type_traits>
#include <vector>

#include "engine/core/kernel_table.h"

namespace neural_ode {
namespace {

#ifdef NEURAL_ODE_X86_KERNELS
constexpr const KernelTable<float>* float_tables[] = {&portable_float, &avx2_float, &avx512_float};
constexpr const KernelTable<double>* double_tables[] = {&portable_double, &avx2_double,
                                                        &avx512_double};
#else
constexpr const KernelTable<float>* float_tables[] = {&portable_float};
constexpr const KernelTable<double>* double_tables[] = {&portable_double};
#endif

// How many of the tables, from the first one, this processor can run; the fastest is the last.
std::size_t usable_tables() {
#ifdef NEURAL_ODE_X86_KERNELS
  static const std::size_t usable = [] {
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 1;
    // Older processors with AVX-512 but without VBMI2 slow their clock down for it.
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vbmi2") ? 3 : 2;
  }();
  return usable;
#else
  return 1;
#endif
}

// Which of the tables is used.
std::size_t& selected() {
#ifdef __wasm__
  static std::size_t table = 0;
#else
  static std::size_t table = usable_tables() - 1;
#endif
  return table;
}

template <class Scalar>
const KernelTable<Scalar>& selected_table() {
  if constexpr (std::is_same_v<Scalar, float>) {
    return *float_tables[selected()];
  } else {
    return *double_tables[selected()];
  }
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
  selected() = choice == KernelChoice::fast ? usable_tables() - 1 : 0;
}

bool select_kernels(std::string_view name) {
  for (std::size_t i = 0; i < usable_tables(); ++i) {
    if (name != float_tables[i]->name) continue;
    selected() = i;
    return true;
  }
  return false;
}

std::vector<std::string_view> available_kernels() {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < usable_tables(); ++i) names.emplace_back(float_tables[i]->name);
  return names;
}

std::string_view kernel_name() {
  return float_tables[selected()]->name;
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
  selected_table<Scalar>().gemm(arguments);
}

template <class Scalar>
void activate(Activation activation, Index rows, Index columns, Index stride, const Scalar* z,
              const Scalar* bias, Scalar* h, Scalar* d1, Scalar* d2) {
  // Side by side and without a bias they are one column: no ends that do not fill a vector.
  const bool one = bias == nullptr && stride == rows;
  const Index length = one ? rows * columns : rows, count = one ? 1 : columns;
  selected_table<Scalar>().activate(activation, length, count, stride, z, bias, h, d1, d2);
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
