// A field whose columns are other samples than it is told.
#pragma once

#include "engine/ode/vector_field.h"

namespace neural_ode {

// All is passed on to `field`, which must outlive the view; what derives says which samples.
template <class Scalar>
class FieldView : public VectorField<Scalar> {
 public:
  Index dim() const final { return field_->dim(); }
  Index parameter_count() const final { return field_->parameter_count(); }
  const Scalar* bound_theta() const final { return field_->bound_theta(); }
  void reserve(Index batch) final { field_->reserve(batch); }
  void eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) final { field_->eval(t, y, dy); }
  void eval_columns(Index n, const double* t, const Scalar* y, Scalar* dy) final {
    field_->eval_columns(n, t, y, dy);
  }
  void vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
           VectorOut<Scalar> theta_bar, TimesOut t_bar) final {
    field_->vjp(t, y, a, y_bar, theta_bar, t_bar);
  }
  void eval_vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> dy,
                MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar, TimesOut t_bar) final {
    field_->eval_vjp(t, y, a, dy, y_bar, theta_bar, t_bar);
  }
  Index record_size(Index batch) const final { return field_->record_size(batch); }
  void eval_recording(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy, Scalar* record) final {
    field_->eval_recording(t, y, dy, record);
  }
  void vjp_recorded(const Scalar* record, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
                    VectorOut<Scalar> theta_bar, TimesOut t_bar) final {
    field_->vjp_recorded(record, a, y_bar, theta_bar, t_bar);
  }
  bool jacobian(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> jacobian) final {
    return field_->jacobian(t, y, jacobian);
  }

 protected:
  VectorField<Scalar>* field_ = nullptr;
};

}  // namespace neural_ode
