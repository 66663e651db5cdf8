// One sample of a batch, for a solve of its own.
#pragma once

#include <vector>

#include "engine/ode/vector_field.h"

namespace neural_ode {

// Every column is sample `sample` of the field's batch.
template <class Scalar>
class SampleField final : public VectorField<Scalar> {
 public:
  void bind(VectorField<Scalar>& field) { field_ = &field; }
  void set_sample(int sample) { sample_ = sample; }

  Index dim() const override { return field_->dim(); }
  Index parameter_count() const override { return field_->parameter_count(); }
  void reserve(Index batch) override { field_->reserve(batch); }
  void select(std::span<const int> samples) override {
    samples_.assign(samples.size(), sample_);
    field_->select(samples_);
  }
  void eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) override {
    field_->eval(t, y, dy);
  }
  void vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
           VectorOut<Scalar> theta_bar, TimesOut t_bar) override {
    field_->vjp(t, y, a, y_bar, theta_bar, t_bar);
  }
  void eval_vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> dy,
                MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar, TimesOut t_bar) override {
    field_->eval_vjp(t, y, a, dy, y_bar, theta_bar, t_bar);
  }
  bool jacobian(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> jacobian) override {
    return field_->jacobian(t, y, jacobian);
  }

 private:
  VectorField<Scalar>* field_ = nullptr;
  int sample_ = 0;
  std::vector<int> samples_;
};

}  // namespace neural_ode
