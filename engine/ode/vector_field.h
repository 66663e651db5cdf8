// The right-hand side of dy/dt = f(t, y; theta) for a batch, and its reverse.
#pragma once

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

  // t: B (each sample has its own time), y: D x B. Writes dy: D x B.
  virtual void eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) = 0;

  // With the cotangent a of dy (D x B), ADDS a^T df/dy to y_bar (D x B), a^T df/dtheta summed over
  // samples to theta_bar (P), and a^T df/dt to t_bar (B).
  virtual void vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
                   VectorOut<Scalar> theta_bar, TimesOut t_bar) = 0;
};

}  // namespace neural_ode
