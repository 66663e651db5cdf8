// The accepted steps of a solve, end to end in a few flat arrays that keep their capacity between
// solves.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/core/types.h"

namespace neural_ode {

template <class Scalar>
class StepTape {
 public:
  // One batched step: what the discrete adjoint needs to take it back. Valid until the tape
  // changes.
  struct Step {
    std::span<const int> samples;  // columns of the batch that accepted this step, n of them
    std::span<const int> outputs;  // n: the first output time not reached before the step
    const double* t = nullptr;     // n
    const double* h = nullptr;     // n
    const Scalar* y = nullptr;     // D x n, states before the step
  };

  void clear(Index dim);
  void begin_step() { begins_.push_back(samples_.size()); }
  void add(int sample, int output, double t, double h, const Scalar* y);

  std::size_t step_count() const { return begins_.size(); }
  Step step(std::size_t index) const;
  std::size_t bytes() const;  // of what is recorded

 private:
  Index dim_ = 0;
  std::vector<std::size_t> begins_;
  std::vector<int> samples_, outputs_;
  std::vector<double> t_, h_;
  std::vector<Scalar> y_;
};

extern template class StepTape<float>;
extern template class StepTape<double>;

}  // namespace neural_ode
