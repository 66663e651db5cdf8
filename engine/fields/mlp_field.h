// An MLP as a vector field: dy/dt = mlp([y; t]; theta) or mlp(y; theta). A linear field is one
// identity layer without bias.
#pragma once

#include <memory>
#include <vector>

#include "engine/nn/mlp.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

template <class Scalar>
class MlpField final : public VectorField<Scalar> {
 public:
  // layers.front().inputs == D + (time_input ? 1 : 0), layers.back().outputs == D.
  MlpField(std::vector<LayerSpec> layers, bool time_input);

  const Mlp<Scalar>& mlp() const { return mlp_; }
  // theta: P entries, read at every call and therefore outliving the field or the next bind.
  void bind(const Scalar* theta) { theta_ = theta; }

  Index dim() const override;
  Index parameter_count() const override;
  const Scalar* bound_theta() const override { return theta_; }
  void reserve(Index batch) override;
  void eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) override;
  void vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
           VectorOut<Scalar> theta_bar, TimesOut t_bar) override;
  // One pass of a jet with D tangents; its scratch is sized by the first call.
  void eval_vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> dy,
                MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar, TimesOut t_bar) override;
  Index record_size(Index batch) const override { return mlp_.record_rows(0) * batch; }
  void eval_recording(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy, Scalar* record) override;
  void vjp_recorded(const Scalar* record, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
                    VectorOut<Scalar> theta_bar, TimesOut t_bar) override;
  bool jacobian(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> jacobian) override;
  std::unique_ptr<VectorField<Scalar>> clone() const override;
  bool follow(const VectorField<Scalar>& original) override;

 private:
  Eigen::Map<const Vector<Scalar>> theta() const { return {theta_, parameter_count()}; }
  MatrixIn<Scalar> network_input(TimesIn t, MatrixIn<Scalar> y);  // [y; t] or y
  MatrixOut<Scalar> input_bar(Index batch);
  // x_bar_, of the first `batch` columns, to where it belongs.
  void add_input_bar(Index batch, MatrixOut<Scalar> y_bar, TimesOut t_bar);

  Mlp<Scalar> mlp_;
  bool time_input_;
  Matrix<Scalar> x_, x_bar_;  // scratch: inputs x batch; x_ only with a time input
  Matrix<Scalar> jet_;        // scratch of jacobian: inputs x batch (D+1)
  const Scalar* theta_ = nullptr;
};

extern template class MlpField<float>;
extern template class MlpField<double>;

}  // namespace neural_ode
