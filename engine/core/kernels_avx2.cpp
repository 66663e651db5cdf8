// 256-bit vectors with FMA, for x86-64 only; core/kernels.cpp picks it where the processor can.
#define NEURAL_ODE_VECTOR_BYTES 32
#define NEURAL_ODE_ACTIVATION_BYTES 32
#define NEURAL_ODE_TILE_COLUMNS 6
#define NEURAL_ODE_THIN_TILE_COLUMNS 12
#define NEURAL_ODE_PACK_B false
#define NEURAL_ODE_FUSE true
#include "engine/core/activation_kernels_impl.h"
#include "engine/core/gemm_impl.h"

namespace neural_ode {

const KernelTable<float> avx2_float = {"avx2", gemm_blocked<float>, activate_vectors<float>};
const KernelTable<double> avx2_double = {"avx2", gemm_blocked<double>, activate_vectors<double>};

}  // namespace neural_ode
