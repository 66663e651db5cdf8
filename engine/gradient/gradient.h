// Loss gradients through a solve: one interface, one strategy per file.
#pragma once

#include <memory>
#include <span>
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
  // strictly monotone; row 0 is t0). Afterwards states()[i] is y at times row i. A terminal event
  // ends a sample: its remaining rows hold the state and the time of the event, and gradients go
  // through that state.
  virtual const SolveReport& forward(VectorField<Scalar>& field, MatrixIn<Scalar> y0,
                                     const Matrix<double>& times,
                                     const Events<Scalar>& events = {}) = 0;
  virtual const std::vector<Matrix<Scalar>>& states() const = 0;  // T of D x B
  virtual const Matrix<double>& times() const = 0;                // as given; with events T x B

  // Pulls dL/dstates back. Call after a forward that succeeded, with the same field and theta.
  virtual const SolveReport& backward(VectorField<Scalar>& field,
                                      const std::vector<Matrix<Scalar>>& states_bar) = 0;
  virtual const Matrix<Scalar>& y0_bar() const = 0;     // D x B
  virtual const Vector<Scalar>& theta_bar() const = 0;  // P
  // dL/dt_i, shape of times(); empty unless asked for. The time of an event counts as given:
  // gradient/hybrid.h adds what follows from its depending on the state.
  virtual const Matrix<double>& times_bar() const = 0;

  // Cost of the last backward / peak bytes held for it.
  virtual Count nfe_backward() const = 0;  // evaluations of f, largest over samples
  virtual Count nvjp()
      const = 0;  // vector-Jacobian products, largest over samples; D for a Jacobian
  virtual std::size_t state_bytes() const = 0;
};

struct GradientOptions {
  // times_bar costs one evaluation of f per time; training has no use for it.
  bool times = true;
  // discrete: states kept; the steps between are taken again when they are wanted (binomial
  // checkpointing). 0: all.
  int checkpoints = 0;
  // discrete, with neither checkpoints nor gradients of the times of fixed steps: bytes of what the
  // evaluations of the forward solve left for their reverse that are kept; the steps beyond are
  // evaluated again.
  std::size_t record_bytes = std::size_t{64} << 20U;
  // interpolated, backsolve: the gradient of theta takes no part in the choice of steps
  // [kidger2021].
  bool seminorm = true;
  // backsolve: at every output time the state is set to what the forward solve had there.
  bool reset = false;
  // A larger batch is cut into equal tiles of about so many samples, which threads share. 0: no
  // batch is cut.
  int tile = 128;
};

template <class Scalar>
using MakeGradient = std::unique_ptr<Gradient<Scalar>> (*)(const SolverOptions&,
                                                           const GradientOptions&);

// The reverse of the very steps the solver took, stages kept or recomputed from saved states
// [griewank2000]. Adaptive steps are constants of differentiation, and times_bar is dL/dt_i =
// f(t_i, y_i) . y_bar_i. Fixed steps without events give the exact gradient of the discrete map,
// times included. Implicit stages are differentiated as converged equations.
template <class Scalar>
std::unique_ptr<Gradient<Scalar>> make_discrete(const SolverOptions& options,
                                                const GradientOptions& gradient = {});
// The continuous adjoint lambda' = -lambda^T df/dy along the dense output of the forward solve.
template <class Scalar>
std::unique_ptr<Gradient<Scalar>> make_interpolated(const SolverOptions& options,
                                                    const GradientOptions& gradient = {});
// The continuous adjoint with the state itself solved backwards [chen2018]: memory does not grow
// with the steps, and the gradient is wrong where the backward problem is unstable.
template <class Scalar>
std::unique_ptr<Gradient<Scalar>> make_backsolve(const SolverOptions& options,
                                                 const GradientOptions& gradient = {});
// What `make` makes, for every tile of the batch by itself: the states, y0_bar and costs of the
// whole batch to the bit, theta_bar to rounding, whatever the number of threads (core/parallel.h).
// Batches with shared_steps or events, and those of a field that cannot be cloned, are not cut. Of
// several tiles that fail the report tells of the first.
template <class Scalar>
std::unique_ptr<Gradient<Scalar>> make_tiled(MakeGradient<Scalar> make,
                                             const SolverOptions& options,
                                             const GradientOptions& gradient);

enum class GradientKind { discrete, interpolated, backsolve };

struct GradientStrategy {
  GradientKind kind;
  std::string_view name;   // "discrete"
  std::string_view label;  // "Discrete"
  std::string_view help;   // one line
  bool continuous;         // solves an equation for the adjoint instead of reversing the steps

  // In tiles, where the options ask for them.
  template <class Scalar>
  std::unique_ptr<Gradient<Scalar>> make(const SolverOptions& options,
                                         const GradientOptions& gradient = {}) const;
};

std::span<const GradientStrategy> gradient_strategies();       // discrete, interpolated, backsolve
const GradientStrategy* find_gradient(std::string_view name);  // null when unknown
// Whether the strategy can differentiate through the method.
Status validate(const GradientStrategy& strategy, const ButcherTableau& method);

}  // namespace neural_ode
