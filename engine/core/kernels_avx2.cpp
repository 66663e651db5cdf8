// 256-bit vectors with FMA, for x86-64 only; core/kernels.cpp picks it when the processor can.
#define NEURAL_ODE_VECTOR_BYTES 32
#define NEURAL_ODE_TILE_COLUMNS 6
#include "engine/core/activation_kernels_impl.h"

namespace neural_ode {

const KernelTable avx2_kernels = {"avx2",
                                  gemm_scratch<float>,
                                  gemm_scratch<double>,
                                  gemm_blocked<float>,
                                  gemm_blocked<double>,
                                  activate_vectors<float>,
                                  activate_vectors<double>};

}  // namespace neural_ode
