// A known equation with coefficients to be learnt, and a network for the forces that it leaves out
// [yin2021]: y = (q, p) and
//   dy/dt = known(t, y; c) + (0, mlp(y; w)),   theta = (c, w).
// That dq/dt = p is part of what is known.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "engine/nn/mlp.h"
#include "engine/ode/formula_field.h"

namespace neural_ode {

// The formula, of P coefficients, is as FormulaField has it.
template <class Scalar, int D, int P, class Formula>
class CorrectedField final : public VectorField<Scalar> {
 public:
  // The network: D inputs, D / 2 outputs.
  CorrectedField(Formula formula, std::vector<LayerSpec> layers)
      : formula_(formula), known_(formula), correction_(std::move(layers)) {
    eigen_assert(correction_.inputs() == D && 2 * correction_.outputs() == D);
  }

  const Mlp<Scalar>& correction() const { return correction_; }
  // theta: P + parameters of the network, read at every call and therefore outliving the field or
  // the next bind.
  void bind(const Scalar* theta) { theta_ = theta; }

  Index dim() const override { return D; }
  Index parameter_count() const override { return P + correction_.layout().size(); }
  const Scalar* bound_theta() const override { return theta_; }
  void reserve(Index batch) override {
    correction_.reserve(batch);
    if (x_bar_.cols() < batch) x_bar_.resize(D, batch);
  }

  void eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) override {
    bind_known();
    known_.eval(t, y, dy);
    dy.bottomRows(forces) += correction_.evaluate(weights(), y);
  }
  void vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
           VectorOut<Scalar> theta_bar, TimesOut t_bar) override {
    correction_.forward(weights(), y);
    pull(t, y, a, y_bar, theta_bar, t_bar);
  }
  void eval_vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> dy,
                MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar, TimesOut t_bar) override {
    bind_known();
    known_.eval(t, y, dy);
    dy.bottomRows(forces) += correction_.forward(weights(), y);
    pull(t, y, a, y_bar, theta_bar, t_bar);
  }

  std::unique_ptr<VectorField<Scalar>> clone() const override {
    auto copy = std::make_unique<CorrectedField>(formula_, correction_.layers());
    copy->follow(*this);
    return copy;
  }
  bool follow(const VectorField<Scalar>& original) override {
    const auto* field = dynamic_cast<const CorrectedField*>(&original);
    if (field == nullptr || field->correction_.layers() != correction_.layers()) return false;
    theta_ = field->theta_;
    return true;
  }

 private:
  static constexpr Index forces = D / 2;

  Eigen::Map<const Vector<Scalar>> weights() const {
    return {theta_ + P, correction_.layout().size()};
  }
  void bind_known() {
    for (Index i = 0; i < P; ++i) known_.theta[i] = theta_[i];
  }
  // After a forward of the network.
  void pull(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
            VectorOut<Scalar> theta_bar, TimesOut t_bar) {
    reserve(y.cols());
    bind_known();
    const bool wanted = theta_bar.size() > 0;
    known_.vjp(t, y, a, y_bar, theta_bar.head(wanted ? P : 0), t_bar);
    correction_.pullback(weights(), a.bottomRows(forces), x_bar_.leftCols(y.cols()),
                         theta_bar.tail(wanted ? correction_.layout().size() : 0));
    y_bar += x_bar_.leftCols(y.cols());
  }

  Formula formula_;
  FormulaField<Scalar, D, P, Formula> known_;
  Mlp<Scalar> correction_;
  Matrix<Scalar> x_bar_;  // scratch: D x B
  const Scalar* theta_ = nullptr;
};

}  // namespace neural_ode
