// Hamilton's equations of a learnt energy: y = (q, p) and
//   dq/dt = dH/dp,   dp/dt = -dH/dq   [greydanus2019],
// with H = mlp(q, p), or separable, H = mlp_T(p) + mlp_V(q), as a mechanical energy is. Solutions
// stay on the levels of H, whatever theta is: what the networks have learnt may be wrong, but it is
// the energy of something.
#pragma once

#include <memory>
#include <vector>

#include "engine/nn/mlp.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

template <class Scalar>
class HamiltonianField final : public VectorField<Scalar> {
 public:
  // layers.back().outputs == 1. layers.front().inputs == D, even; of separable ones D / 2, and
  // there are two networks of these layers. Activations need a second derivative: with relu the
  // field is constant but for jumps, and no gradient knows of these.
  explicit HamiltonianField(const std::vector<LayerSpec>& layers, bool separable = false);

  // "energy.0.weight", ...; separable: "kinetic.0.weight", ..., "potential.0.weight", ...
  const ParameterLayout& layout() const { return layout_; }
  void initialize(Rng& rng, VectorOut<Scalar> theta) const;
  // theta: P entries, read at every call and therefore outliving the field or the next bind.
  void bind(const Scalar* theta) { theta_ = theta; }

  // H of every column of y (D x B), to h (B).
  void energy(MatrixIn<Scalar> y, VectorOut<Scalar> h);

  Index dim() const override { return dim_; }
  Index parameter_count() const override { return layout_.size(); }
  const Scalar* bound_theta() const override { return theta_; }
  void reserve(Index batch) override;
  void eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) override;
  // Second order in the networks. a . f = grad H . v with v = (-a_p, a_q) is the image of the
  // tangent v: one jet with one tangent, taken back.
  void vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
           VectorOut<Scalar> theta_bar, TimesOut t_bar) override;
  void eval_vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> dy,
                MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar, TimesOut t_bar) override;
  // The jet depends on the cotangent, so a record is the state alone.
  Index record_size(Index batch) const override { return dim() * batch; }
  void eval_recording(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy, Scalar* record) override;
  void vjp_recorded(const Scalar* record, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
                    VectorOut<Scalar> theta_bar, TimesOut t_bar) override;
  std::unique_ptr<VectorField<Scalar>> clone() const override;
  bool follow(const VectorField<Scalar>& original) override;

 private:
  // A network of rows [row, row + inputs) of the state, whose value is part of H.
  struct Term {
    Mlp<Scalar> mlp;
    Index row = 0, offset = 0;  // of its parameters in theta
  };

  Eigen::Map<const Vector<Scalar>> theta(const Term& term) const {
    return {theta_ + term.offset, term.mlp.layout().size()};
  }
  // Leaves grad H in slope_.
  void pull(MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
            VectorOut<Scalar> theta_bar);
  void write_field(Index batch, MatrixOut<Scalar> dy) const;  // from slope_

  Index dim_;
  std::vector<Term> terms_;
  ParameterLayout layout_;
  Matrix<Scalar> slope_, jet_, x_bar_, image_bar_;  // scratch: D x B; D, D and 1 rows, 2B columns
  Vector<Scalar> none_;
  const Scalar* theta_ = nullptr;
};

extern template class HamiltonianField<float>;
extern template class HamiltonianField<double>;

}  // namespace neural_ode
