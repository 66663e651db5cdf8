// Loss gradients through a solve: one interface, one strategy per file.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/ode/solve_status.h"
#include "engine/ode/solver.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

template <class Scalar>
class Gradient {
 public:
  virtual ~Gradient() = default;

  // Solves from y0 (D x B) through `times` (T x B, or T x 1 shared by all samples; each column
  // strictly monotone; row 0 is t0). Afterwards states()[i] is y at times row i.
  virtual const SolveReport& forward(VectorField<Scalar>& field, MatrixIn<Scalar> y0,
                                     const Matrix<double>& times) = 0;
  virtual const std::vector<Matrix<Scalar>>& states() const = 0;  // T of D x B

  // Pulls dL/dstates back. Call after a forward whose report was ok, with the same field and theta.
  virtual const SolveReport& backward(VectorField<Scalar>& field,
                                      const std::vector<Matrix<Scalar>>& states_bar) = 0;
  virtual const Matrix<Scalar>& y0_bar() const = 0;     // D x B
  virtual const Vector<Scalar>& theta_bar() const = 0;  // P
  virtual const Matrix<double>& times_bar() const = 0;  // shape of `times`; see below

  // Cost of the last backward / peak bytes held for it.
  virtual int nfe_backward() const = 0;  // evaluations of f, largest over samples
  virtual int nvjp() const = 0;          // vector-Jacobian products, largest over samples
  virtual std::size_t state_bytes() const = 0;
};

// The reverse of the very steps the solver took, stages recomputed from saved states. Adaptive
// steps are constants of differentiation, and times_bar is dL/dt_i = f(t_i, y_i) . y_bar_i, which
// costs one evaluation of f per time. Fixed steps give the exact gradient of the discrete map,
// times included. Training that has no use for times_bar asks for none: it is then empty.
template <class Scalar>
std::unique_ptr<Gradient<Scalar>> make_discrete_adjoint(const SolverOptions& options,
                                                        bool want_times_bar = true);

}  // namespace neural_ode
