// The right-hand side of dy/dt = f(t, y; theta) for a batch, and its reverse.
#pragma once

#include <span>

#include "engine/core/types.h"

namespace neural_ode {

// Not thread-safe: a field owns its scratch. Parameters are bound by the concrete field.
template <class Scalar>
class VectorField {
 public:
  virtual ~VectorField() = default;

  virtual Index dim() const = 0;                       // D
  virtual Index parameter_count() const { return 0; }  // P
  virtual void reserve(Index /*batch*/) {}             // sizes scratch once

  // From now on column p is sample samples[p] of the batch being solved. For fields that hold
  // something for each sample: finished samples leave the batch, so columns move.
  virtual void select(std::span<const int> /*samples*/) {}

  // t: B (each sample has its own time), y: D x B. Writes dy: D x B.
  virtual void eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) = 0;

  // The same for n columns without gaps, t: n, y, dy: D x n. For fields so short that making views
  // would cost as much as they do.
  virtual void eval_columns(Index n, const double* t, const Scalar* y, Scalar* dy) {
    eval(Eigen::Map<const Vector<double>>(t, n), Eigen::Map<const Matrix<Scalar>>(y, dim(), n),
         Eigen::Map<Matrix<Scalar>>(dy, dim(), n));
  }

  // With the cotangent a of dy (D x B), ADDS a^T df/dy to y_bar (D x B), a^T df/dtheta summed over
  // samples to theta_bar (P; skipped when empty), and a^T df/dt to t_bar (B).
  virtual void vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
                   VectorOut<Scalar> theta_bar, TimesOut t_bar) = 0;

  // eval and vjp of the same states at once, for fields that share work between them.
  virtual void eval_vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> dy,
                        MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar, TimesOut t_bar) {
    eval(t, y, dy);
    vjp(t, y, a, y_bar, theta_bar, t_bar);
  }

  // Writes df/dy, D x D of sample s in columns [s D, (s+1) D), and returns true; false when the
  // field has no faster way than D calls of vjp (see ode/jacobian.h).
  virtual bool jacobian(TimesIn /*t*/, MatrixIn<Scalar> /*y*/, MatrixOut<Scalar> /*jacobian*/) {
    return false;
  }
};

}  // namespace neural_ode
