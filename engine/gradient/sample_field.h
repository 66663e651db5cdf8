// One sample of a batch, for a solve of its own.
#pragma once

#include <span>
#include <vector>

#include "engine/gradient/field_view.h"

namespace neural_ode {

// Every column is sample `sample` of the field's batch.
template <class Scalar>
class SampleField final : public FieldView<Scalar> {
 public:
  void bind(VectorField<Scalar>& field) { this->field_ = &field; }
  void set_sample(int sample) { sample_ = sample; }

  void select(std::span<const int> samples) override {
    samples_.assign(samples.size(), sample_);
    this->field_->select(samples_);
  }

 private:
  int sample_ = 0;
  std::vector<int> samples_;
};

}  // namespace neural_ode
