// The steps of a solve, end to end in a few flat arrays that keep their capacity between solves.
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
  static constexpr int rejected = -1;

  // One batched step: what the discrete adjoint needs to take it back. Valid until the tape
  // changes.
  struct Step {
    const ButcherTableau* method = nullptr;
    // n columns of the batch: those that accepted this step; with a record all that tried it.
    std::span<const int> samples;
    // n: the first output time not reached before the step; `rejected` where it was.
    std::span<const int> outputs;
    const double* t = nullptr;  // n
    const double* h = nullptr;  // n
    const Scalar* y =
        nullptr;  // width x n, states before the step; null unless states are recorded
    // What the evaluations of stages first_recorded, ... left (VectorField::eval_recording), one
    // after the other; null: nothing.
    const Scalar* record = nullptr;
    int first_recorded = 0;
    Index record_size = 0;  // of one evaluation

    bool accepted(std::size_t column) const { return outputs[column] != rejected; }
    // Of one stage; null: none.
    const Scalar* record_of(int stage) const {
      if (record == nullptr || stage < first_recorded) return nullptr;
      return record + (stage - first_recorded) * record_size;
    }
  };

  // width: D, and D more for each past slope that a multistep method remembers with the state.
  // At most `record_bytes` of evaluations.
  void clear(Index width, Recording recording, std::size_t record_bytes);
  Recording recording() const { return recording_; }
  // Room for what the evaluations of stages first ... last - 1 of the step to come leave, `size`
  // entries each; null when that is more than may be kept. Valid until the next call.
  Scalar* reserve_record(int first, int last, Index size);
  void begin_step(const ButcherTableau& method, bool with_record);
  void add(int sample, int output, double t, double h, const Scalar* y, Index size);
  void append(const Scalar* more, Index size);  // to the state just added
  void drop_step();                             // the one just begun

  std::size_t step_count() const { return begins_.size(); }
  Step step(std::size_t index) const;
  std::size_t bytes() const;  // of what is recorded

 private:
  Index width_ = 0;
  Recording recording_ = Recording::nothing;
  std::vector<std::size_t> begins_;
  struct Record {
    std::size_t begin = 0;
    Index size = 0;  // 0: none
    int first = 0, last = 0;
  };
  std::vector<const ButcherTableau*> methods_;
  std::vector<Record> records_;  // of each step up to the last that has one
  Record reserved_;
  std::vector<int> samples_, outputs_;
  std::vector<double> t_, h_;
  std::vector<Scalar> y_;
  std::vector<Scalar> evaluations_;  // grows, and is as long as ever needed
  std::size_t record_entries_ = 0, record_limit_ = 0;
};

extern template class StepTape<float>;
extern template class StepTape<double>;

}  // namespace neural_ode
