// Eigen's product. CMake compiles this file once for each set of flags, with the function's name in
// PEER_MULTIPLY and the namespace Eigen renamed: templates of one name from two sets of flags would
// become one at link time.
#include <Eigen/Core>

#include "tests/bench/peers/peers.h"

namespace neural_ode::peers {

void PEER_MULTIPLY(const Product& p) {
  using View = Eigen::Map<const Eigen::MatrixXf>;
  const View a(p.a, p.transpose_a ? p.k : p.m, p.transpose_a ? p.m : p.k);
  const View b(p.b, p.transpose_b ? p.n : p.k, p.transpose_b ? p.k : p.n);
  Eigen::Map<Eigen::MatrixXf> c(p.c, p.m, p.n);
  if (p.transpose_a) {
    if (p.transpose_b)
      c.noalias() = a.transpose() * b.transpose();
    else
      c.noalias() = a.transpose() * b;
  } else {
    if (p.transpose_b)
      c.noalias() = a * b.transpose();
    else
      c.noalias() = a * b;
  }
}

}  // namespace neural_ode::peers
