// An event from formulas for its function and its reset; derivatives by forward mode.
#pragma once

#include "engine/core/dual.h"
#include "engine/ode/event.h"
#include "engine/ode/formula_field.h"

namespace neural_ode::testing {

struct Unchanged {
  template <class T>
  void operator()(T, const T* y, const T*, T* after, int dim) const {
    for (int d = 0; d < dim; ++d) after[d] = y[d];
  }
};

// function(t, y, p) -> T and reset(t, y, p, after, dim) with the D components and P parameters of
// the field, which outlive the event.
template <class Scalar, int D, int P, class Function, class Reset = Unchanged>
class FormulaEvent final : public Event<Scalar> {
 public:
  explicit FormulaEvent(Function function, const Vector<Scalar>* theta = nullptr, Reset reset = {})
      : theta_(theta), function_(function), reset_(reset) {}

  Crossing wanted = Crossing::any;
  bool ends = true, goes_on = false;

  Crossing crossing() const override { return wanted; }
  bool terminal() const override { return ends; }
  bool resets() const override { return goes_on; }

  double value(double t, const Scalar* y) const override {
    const Scalar* p = theta_ == nullptr ? nullptr : theta_->data();
    return static_cast<double>(function_(static_cast<Scalar>(t), y, p));
  }
  double vjp(double t, const Scalar* y, double g_bar, Scalar* y_bar,
             VectorOut<Scalar> theta_bar) const override {
    const Point at(t, y, theta_);
    return pull(function_(at.t, at.y, at.p), static_cast<Scalar>(g_bar), y_bar, theta_bar);
  }
  void reset(double t, const Scalar* y, Index, Scalar* after) const override {
    reset_(static_cast<Scalar>(t), y, theta_ == nullptr ? nullptr : theta_->data(), after, D);
  }
  double reset_vjp(double t, const Scalar* y, Index, const Scalar* after_bar, Scalar* y_bar,
                   VectorOut<Scalar> theta_bar) const override {
    const Point at(t, y, theta_);
    Variable after[D];
    reset_(at.t, at.y, at.p, after, D);
    double t_bar = 0;
    for (int d = 0; d < D; ++d) t_bar += pull(after[d], after_bar[d], y_bar, theta_bar);
    return t_bar;
  }

 private:
  using Variable = Dual<Scalar, D + P + 1>;
  struct Point {
    Point(double time, const Scalar* state, const Vector<Scalar>* theta)
        : t(Variable::variable(static_cast<Scalar>(time), D + P)) {
      for (int d = 0; d < D; ++d) y[d] = Variable::variable(state[d], d);
      for (int i = 0; i < P; ++i) p[i] = Variable::variable((*theta)[i], D + i);
    }
    Variable t, y[D], p[P + 1];
  };

  static double pull(const Variable& x, Scalar bar, Scalar* y_bar, VectorOut<Scalar>& theta_bar) {
    for (int d = 0; d < D; ++d) y_bar[d] += bar * x.slope[d];
    for (int i = 0; i < P; ++i) theta_bar[i] += bar * x.slope[D + i];
    return static_cast<double>(bar * x.slope[D + P]);
  }

  const Vector<Scalar>* theta_;
  Function function_;
  Reset reset_;
};

template <class Scalar, int D, int P, class Function, class Reset = Unchanged>
FormulaEvent<Scalar, D, P, Function, Reset> formula_event(Function function,
                                                          const Vector<Scalar>* theta = nullptr,
                                                          Reset reset = {}) {
  return FormulaEvent<Scalar, D, P, Function, Reset>(function, theta, reset);
}

// x'' = -8 as (x, v): x(t) = x0 + v0 t - 4 t^2.
inline auto falling_body() {
  return formula_field<double, 2>([](auto, const auto* y, const auto*, auto* dy) {
    dy[0] = y[1];
    dy[1] = -8.0;
  });
}

}  // namespace neural_ode::testing
