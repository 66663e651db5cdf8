// at_least and at_most for the activations' vectors, in the one instruction there is for each,
// which GCC 12 and the WebAssembly of clang 14 do not find in a comparison.
#pragma once

#include "engine/core/kernel_vectors_impl.h"

#if defined(__SSE2__)
#include <immintrin.h>
#if NEURAL_ODE_ACTIVATION_BYTES == 64
#define NEURAL_ODE_X86(name) _mm512_##name
#elif NEURAL_ODE_ACTIVATION_BYTES == 32
#define NEURAL_ODE_X86(name) _mm256_##name
#else
#define NEURAL_ODE_X86(name) _mm_##name
#endif
#endif

namespace neural_ode {
namespace {

// Here a vector may be more than one register: each constant is then loaded once for all of them.
constexpr int kActivationBytes = NEURAL_ODE_ACTIVATION_BYTES;
template <class Scalar>
using ActivationVector = VectorOf<Scalar, kActivationBytes>;
typedef ActivationVector<float> FloatVector;
typedef ActivationVector<double> DoubleVector;
typedef ActivationVector<int> IntVector;
typedef ActivationVector<long long> LongVector;

// The bound where x < bound, or x > bound, else x; so NaN stays.
#if defined(NEURAL_ODE_X86)

inline FloatVector at_least(FloatVector x, float bound) {
  return NEURAL_ODE_X86(max_ps)(NEURAL_ODE_X86(set1_ps)(bound), x);
}
inline FloatVector at_most(FloatVector x, float bound) {
  return NEURAL_ODE_X86(min_ps)(NEURAL_ODE_X86(set1_ps)(bound), x);
}
inline DoubleVector at_least(DoubleVector x, double bound) {
  return NEURAL_ODE_X86(max_pd)(NEURAL_ODE_X86(set1_pd)(bound), x);
}
inline DoubleVector at_most(DoubleVector x, double bound) {
  return NEURAL_ODE_X86(min_pd)(NEURAL_ODE_X86(set1_pd)(bound), x);
}
#undef NEURAL_ODE_X86

#elif defined(__wasm_simd128__)

template <class Vector, class Scalar, class Instruction>
inline Vector by_register(Vector x, Scalar bound, Instruction instruction) {
  typedef VectorOf<Scalar, 16> Register;
  Register parts[sizeof(Vector) / 16];
  __builtin_memcpy(parts, &x, sizeof x);
  for (Register& part : parts) part = instruction(part, spread<Register>(bound));
  __builtin_memcpy(&x, parts, sizeof x);
  return x;
}
inline FloatVector at_least(FloatVector x, float bound) {
  return by_register(x, bound, [](auto a, auto b) { return __builtin_wasm_pmax_f32x4(a, b); });
}
inline FloatVector at_most(FloatVector x, float bound) {
  return by_register(x, bound, [](auto a, auto b) { return __builtin_wasm_pmin_f32x4(a, b); });
}
inline DoubleVector at_least(DoubleVector x, double bound) {
  return by_register(x, bound, [](auto a, auto b) { return __builtin_wasm_pmax_f64x2(a, b); });
}
inline DoubleVector at_most(DoubleVector x, double bound) {
  return by_register(x, bound, [](auto a, auto b) { return __builtin_wasm_pmin_f64x2(a, b); });
}

#else

template <class Vector, class Scalar>
inline Vector at_least(Vector x, Scalar bound) {
  return x < bound ? spread<Vector>(bound) : x;
}
template <class Vector, class Scalar>
inline Vector at_most(Vector x, Scalar bound) {
  return x > bound ? spread<Vector>(bound) : x;
}

#endif

}  // namespace
}  // namespace neural_ode
