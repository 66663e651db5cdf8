// The right-hand side of dy/dt = f(t, y; theta) for a batch, and its reverse.
#pragma once

#include <memory>
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
  // Where the parameters are that it is bound to; null: it holds its own. A gradient's way back is
  // refused where these are not those of its forward solve.
  virtual const Scalar* bound_theta() const { return nullptr; }
  virtual void reserve(Index /*batch*/) {}  // sizes scratch once

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

  // Entries that eval_recording leaves for vjp_recorded; 0: the field has no such way.
  virtual Index record_size(Index /*batch*/) const { return 0; }
  // eval, and in `record` (record_size(B)) what its reverse needs.
  virtual void eval_recording(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy,
                              Scalar* /*record*/) {
    eval(t, y, dy);
  }
  // vjp of the states of an eval_recording, from its record alone.
  virtual void vjp_recorded(const Scalar* /*record*/, MatrixIn<Scalar> /*a*/,
                            MatrixOut<Scalar> /*y_bar*/, VectorOut<Scalar> /*theta_bar*/,
                            TimesOut /*t_bar*/) {}

  // Writes df/dy, D x D of sample s in columns [s D, (s+1) D), and returns true; false when the
  // field has no faster way than D calls of vjp (see ode/jacobian.h).
  virtual bool jacobian(TimesIn /*t*/, MatrixIn<Scalar> /*y*/, MatrixOut<Scalar> /*jacobian*/) {
    return false;
  }

  // The same field with scratch of its own, for another thread; null when there is no such thing.
  virtual std::unique_ptr<VectorField> clone() const { return nullptr; }
  // Binds, as clone did, what `original` has bound by now; false when this is not a clone of it.
  virtual bool follow(const VectorField& /*original*/) { return false; }
};

}  // namespace neural_ode
