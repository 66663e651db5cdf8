// Some neighbouring samples of a batch, for a solve of their own on any thread.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/gradient/field_view.h"

namespace neural_ode {

// A clone of the batch's field; sample s is sample first + s of the batch.
template <class Scalar>
class TileField final : public FieldView<Scalar> {
 public:
  // False: the field cannot be cloned.
  bool bind(const VectorField<Scalar>& field, Index first) {
    first_ = static_cast<int>(first);
    if (clone_ == nullptr || !clone_->follow(field)) clone_ = field.clone();
    this->field_ = clone_.get();
    return clone_ != nullptr;
  }

  void select(std::span<const int> samples) override {
    samples_.clear();
    for (const int sample : samples) samples_.push_back(first_ + sample);
    this->field_->select(samples_);
  }

 private:
  std::unique_ptr<VectorField<Scalar>> clone_;
  int first_ = 0;
  std::vector<int> samples_;
};

}  // namespace neural_ode
