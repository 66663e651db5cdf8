// The front door of gradients: a solve, a loss of its states, and the loss pulled back through the
// solve, in one call.
//
//   Gradients g = gradient(field, y0, times, [&](const auto& states, auto& states_bar) {
//     states_bar.back() = states.back() - target;
//     return 0.5 * (states.back() - target).squaredNorm();
//   });
//   g.loss, g.y0_bar, g.theta_bar, g.times_bar
//
// A training loop keeps a Gradient (gradient/gradient.h) and with it the scratch of its passes.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "engine/core/types.h"
#include "engine/gradient/gradient.h"
#include "engine/ode/solve.h"

namespace neural_ode {

// L of the states at all output times (T of D x B). Writes dL/dstates, which comes to it as zeros
// of the shape of the states, and returns L.
template <class Scalar>
using StatesLoss = std::function<double(const std::vector<Matrix<Scalar>>& states,
                                        std::vector<Matrix<Scalar>>& states_bar)>;

template <class Scalar>
struct Gradients {
  double loss = 0;
  Matrix<Scalar> y0_bar;     // D x B
  Vector<Scalar> theta_bar;  // P, by the layout of the field's parameters
  Matrix<double> times_bar;  // shape of the times; empty unless GradientOptions::times

  Solution<Scalar> solution;  // of the forward solve
  SolveReport backward;       // of the way back

  // Costs of the way back, as of Gradient.
  Count nfe_backward = 0, nvjp = 0;
  std::size_t state_bytes = 0;

  // Unless both ways came to their end, the gradients are empty.
  explicit operator bool() const { return report().succeeded(); }
  // Of the forward solve if that failed, else of the way back.
  const SolveReport& report() const { return solution ? backward : solution.report; }
};

// Solves with `options` (by dopri5 where they name no method) and differentiates `loss` by the
// strategy of this name: discrete, interpolated or backsolve. An unknown name, or a method that the
// strategy does not take, is SolveStatus::invalid.
template <class Scalar>
Gradients<Scalar> gradient(VectorField<Scalar>& field,
                           const std::type_identity_t<InitialStates<Scalar>>& y0,
                           const OutputTimes& times,
                           const std::type_identity_t<StatesLoss<Scalar>>& loss,
                           const SolverOptions& options = {},
                           std::string_view strategy = "discrete",
                           const GradientOptions& gradient_options = {});

}  // namespace neural_ode
