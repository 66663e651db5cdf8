// 128-bit vectors: SSE2 natively, SIMD128 in WebAssembly. Compiled without contraction to FMA.
#define NEURAL_ODE_VECTOR_BYTES 16
#define NEURAL_ODE_TILE_COLUMNS 4
#include "engine/core/activation_kernels_impl.h"

namespace neural_ode {

const KernelTable portable_kernels = {
    "portable",           gemm_scratch<float>,     gemm_scratch<double>,    gemm_blocked<float>,
    gemm_blocked<double>, activate_vectors<float>, activate_vectors<double>};

}  // namespace neural_ode
