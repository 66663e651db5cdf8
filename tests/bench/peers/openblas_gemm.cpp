#include <cblas.h>

#include "tests/bench/peers/peers.h"

namespace neural_ode::peers {

void openblas_multiply(const Product& p) {
  cblas_sgemm(CblasColMajor, p.transpose_a ? CblasTrans : CblasNoTrans,
              p.transpose_b ? CblasTrans : CblasNoTrans, p.m, p.n, p.k, 1, p.a,
              p.transpose_a ? p.k : p.m, p.b, p.transpose_b ? p.n : p.k, 0, p.c, p.m);
}

}  // namespace neural_ode::peers
