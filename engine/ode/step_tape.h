// The accepted steps of a solve, end to end in a few flat arrays that keep their capacity between
// solves.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/core/types.h"
#include "engine/ode/tableau.h"

namespace neural_ode {

enum class Recording {
  nothing,
  schedule,     // when each sample stepped, and how far
  states,       // and from which state
  interpolant,  // the solution between the steps, as DenseOutput
};

template <class Scalar>
class StepTape {
 public:
  // One batched step: what the discrete adjoint needs to take it back. Valid until the tape
  // changes.
  struct Step {
    const ButcherTableau* method = nullptr;
    std::span<const int> samples;  // columns of the batch that accepted this step, n of them
    std::span<const int> outputs;  // n: the first output time not reached before the step
    const double* t = nullptr;     // n
    const double* h = nullptr;     // n
    const Scalar* y =
        nullptr;  // width x n, states before the step; null unless states are recorded
  };

  // width: D, and D more for each past slope that a multistep method remembers with the state.
  void clear(Index width, Recording recording);
  Recording recording() const { return recording_; }
  void begin_step(const ButcherTableau& method);
  void add(int sample, int output, double t, double h, const Scalar* y, Index size);
  void append(const Scalar* more, Index size);  // to the state just added

  std::size_t step_count() const { return begins_.size(); }
  Step step(std::size_t index) const;
  std::size_t bytes() const;  // of what is recorded

 private:
  Index width_ = 0;
  Recording recording_ = Recording::nothing;
  std::vector<std::size_t> begins_;
  std::vector<const ButcherTableau*> methods_;
  std::vector<int> samples_, outputs_;
  std::vector<double> t_, h_;
  std::vector<Scalar> y_;
};

extern template class StepTape<float>;
extern template class StepTape<double>;

}  // namespace neural_ode
