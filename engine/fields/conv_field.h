// The ODE function of the image classifier of [chen2018] as a vector field: on images of one shape,
//   dy/dt = norm(conv(relu(norm(conv(relu(norm(y)), t))), t))
#pragma once

#include <memory>

#include "engine/nn/image_chain.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

template <class Scalar>
class ConvField final : public VectorField<Scalar> {
 public:
  explicit ConvField(const ImageShape& shape) : chain_(residual_branch(shape, true)) {}

  const ImageChain<Scalar>& chain() const { return chain_; }
  // theta: P entries, read at every call and therefore outliving the field or the next bind.
  void bind(const Scalar* theta) { theta_ = theta; }

  Index dim() const override { return chain_.input().size(); }
  Index parameter_count() const override { return chain_.layout().size(); }
  const Scalar* bound_theta() const override { return theta_; }
  void reserve(Index batch) override;
  void eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) override;
  void vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
           VectorOut<Scalar> theta_bar, TimesOut t_bar) override;
  void eval_vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> dy,
                MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar, TimesOut t_bar) override;
  // A record is y, what the chain leaves, and t.
  Index record_size(Index batch) const override {
    return (dim() + chain_.record_rows() + 1) * batch;
  }
  void eval_recording(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy, Scalar* record) override;
  void vjp_recorded(const Scalar* record, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
                    VectorOut<Scalar> theta_bar, TimesOut t_bar) override;
  std::unique_ptr<VectorField<Scalar>> clone() const override;
  bool follow(const VectorField<Scalar>& original) override;

 private:
  Eigen::Map<const Vector<Scalar>> theta() const { return {theta_, parameter_count()}; }

  // The reverse of an evaluation from what the chain left.
  void pull(TimesIn t, MatrixIn<Scalar> y, const Scalar* left, MatrixIn<Scalar> a,
            MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar, TimesOut t_bar);

  ImageChain<Scalar> chain_;
  Vector<Scalar> record_;   // of the chain, when nobody keeps one
  Matrix<Scalar> scratch_;  // D x batch: what vjp adds, or an evaluation nobody asked for
  Vector<double> t_;        // batch, from a record
  const Scalar* theta_ = nullptr;
};

extern template class ConvField<float>;
extern template class ConvField<double>;

}  // namespace neural_ode
