// A vector field from a formula for one sample, written once as a template; its reverse and its
// Jacobian follow by forward-mode derivatives.
#pragma once

#include <algorithm>
#include <type_traits>
#include <utility>

#include "engine/core/dual.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

// formula(t, y, p, dy) reads the time t, D components y and P parameters p and writes D components
// dy, for T = Scalar and for T = Dual<Scalar, ...>: (T, const T*, const T*, T*). One without
// parameters may be formula(t, y, dy). Elementary functions are those of namespace math.
template <class Scalar, int D, int P, class Formula>
class FormulaField final : public VectorField<Scalar> {
 public:
  explicit FormulaField(Formula formula, Vector<Scalar> parameters = Vector<Scalar>::Zero(P))
      : theta(std::move(parameters)), formula_(std::move(formula)) {}

  Vector<Scalar> theta;  // P

  Index dim() const override { return D; }
  Index parameter_count() const override { return P; }

  void eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) override {
    for (Index s = 0; s < y.cols(); ++s) eval_column(t[s], y.col(s).data(), dy.col(s).data());
  }
  void eval_columns(Index n, const double* t, const Scalar* y, Scalar* dy) override {
    for (Index s = 0; s < n; ++s) eval_column(t[s], y + s * D, dy + s * D);
  }

  void vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
           VectorOut<Scalar> theta_bar, TimesOut t_bar) override {
    for (Index s = 0; s < y.cols(); ++s) {
      differentiate(t[s], y.col(s).data());
      for (int i = 0; i < D; ++i) {
        const Scalar* slope = dy_[i].slope;
        const Scalar bar = a(i, s);
        for (int j = 0; j < D; ++j) y_bar(j, s) += bar * slope[j];
        if (theta_bar.size() > 0) {
          for (int j = 0; j < P; ++j) theta_bar[j] += bar * slope[D + j];
        }
        t_bar[s] += static_cast<double>(bar * slope[D + P]);
      }
    }
  }

  bool jacobian(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> jacobian) override {
    for (Index s = 0; s < y.cols(); ++s) {
      differentiate(t[s], y.col(s).data());
      for (int i = 0; i < D; ++i) {
        for (int j = 0; j < D; ++j) jacobian(i, s * D + j) = dy_[i].slope[j];
      }
    }
    return true;
  }

 private:
  using Variable = Dual<Scalar, D + P + 1>;  // y, parameters, t

  void eval_column(double t, const Scalar* y, Scalar* dy) {
    call(static_cast<Scalar>(t), y, std::as_const(theta).data(), dy);
  }

  void differentiate(double t, const Scalar* y) {
    for (int i = 0; i < D; ++i) y_[i] = Variable::variable(y[i], i);
    for (int i = 0; i < P; ++i) p_[i] = Variable::variable(theta[i], D + i);
    call<Variable>(Variable::variable(static_cast<Scalar>(t), D + P), y_, p_, dy_);
  }

  template <class T>
  void call(const T& t, const T* y, const T* p, T* dy) {
    if constexpr (std::is_invocable_v<Formula&, const T&, const T*, T*>) {
      formula_(t, y, dy);
    } else {
      formula_(t, y, p, dy);
    }
  }

  Formula formula_;
  Variable y_[D], p_[P + 1], dy_[D];
};

template <class Scalar, int D, int P = 0, class Formula>
FormulaField<Scalar, D, P, Formula> formula_field(
    Formula formula, Vector<Scalar> parameters = Vector<Scalar>::Zero(P)) {
  return FormulaField<Scalar, D, P, Formula>(std::move(formula), std::move(parameters));
}

}  // namespace neural_ode
