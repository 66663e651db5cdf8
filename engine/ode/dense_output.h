// The solution between the steps: one polynomial a step and sample.
#pragma once

#include <cstddef>
#include <vector>

#include "engine/core/types.h"
#include "engine/ode/stages.h"

namespace neural_ode {

template <class Scalar>
class DenseOutput {
 public:
  void clear(Index dim, Index batch);
  // A step of column p of the stages; the steps of a sample follow each other in time.
  void add(int sample, double t, double h, Index p, const Scalar* y, const Stages<Scalar>& stages);
  // The state of a sample at t, out: D. Outside its solve the nearest polynomial goes on. Fastest
  // for times near those of the call before.
  void eval(int sample, double t, Scalar* out) const;
  std::size_t bytes() const;

 private:
  struct Piece {
    double t = 0, h = 0;
    std::size_t begin = 0;  // of its coefficients, D each, constant term first
    int degree = 0;
  };
  Index dim_ = 0;
  std::vector<std::vector<Piece>> pieces_;  // per sample
  std::vector<Scalar> coefficients_;
  mutable std::vector<std::size_t> last_;  // per sample: the piece of the last call
};

extern template class DenseOutput<float>;
extern template class DenseOutput<double>;

}  // namespace neural_ode
