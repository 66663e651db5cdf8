// 128-bit vectors: SSE2 natively, SIMD128 in WebAssembly. Every product and every sum is rounded.
#define NEURAL_ODE_VECTOR_BYTES 16
#ifdef __wasm_simd128__  // constants come from memory there
#define NEURAL_ODE_ACTIVATION_BYTES 32
#else
#define NEURAL_ODE_ACTIVATION_BYTES 16
#endif
#define NEURAL_ODE_TILE_COLUMNS 4
#define NEURAL_ODE_THIN_TILE_COLUMNS 4
#define NEURAL_ODE_PACK_B true
#define NEURAL_ODE_FUSE false
#include "engine/core/activation_kernels_impl.h"
#include "engine/core/gemm_impl.h"

namespace neural_ode {

const KernelTable<float> portable_float = {"portable", gemm_blocked<float>,
                                           activate_vectors<float>};
const KernelTable<double> portable_double = {"portable", gemm_blocked<double>,
                                             activate_vectors<double>};

}  // namespace neural_ode
