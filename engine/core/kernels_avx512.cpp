// 512-bit vectors with FMA, for x86-64 only; core/kernels.cpp picks it where the processor can.
#define NEURAL_ODE_VECTOR_BYTES 64
#define NEURAL_ODE_ACTIVATION_BYTES 64
#define NEURAL_ODE_TILE_COLUMNS 8
#define NEURAL_ODE_THIN_TILE_COLUMNS 12
#define NEURAL_ODE_PACK_B false
#define NEURAL_ODE_FUSE true
#include "engine/core/activation_kernels_impl.h"
#include "engine/core/gemm_impl.h"

namespace neural_ode {

const KernelTable<float> avx512_float = {"avx512", gemm_blocked<float>, activate_vectors<float>};
const KernelTable<double> avx512_double = {"avx512", gemm_blocked<double>,
                                           activate_vectors<double>};

}  // namespace neural_ode
