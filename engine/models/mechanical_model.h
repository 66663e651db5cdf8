// The three ways to learn a mechanical motion, and the loss they share.
#pragma once

#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/core/rng.h"
#include "engine/data/mechanical_systems.h"
#include "engine/nn/activation.h"
#include "engine/nn/parameter_layout.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

// plain: dy/dt = mlp(y). hamiltonian: of H = mlp(q, p), separable: of H = mlp_T(p) + mlp_V(q), see
// HamiltonianField. corrected: a law from a
// textbook whose coefficient is learnt, and a network beside it, see CorrectedField; the law is
// Hooke's spring (p' = -c q, c = 1 at first), for Kepler's orbits a sun of unknown mass
// (p' = -c q / |q|^3, c = 0.7 at first).
enum class MechanicalLaw { plain, hamiltonian, separable, corrected };

template <class Scalar>
struct MechanicalModel {
  std::unique_ptr<VectorField<Scalar>> field;
  std::function<void(const Scalar*)> bind;  // theta, which outlives the field
  ParameterLayout layout;
  Vector<Scalar> theta;  // initial
};

template <class Scalar>
MechanicalModel<Scalar> make_mechanical_model(MechanicalLaw law, const MechanicalSystem& system,
                                              int hidden, int layers, Activation activation,
                                              Rng& rng);

// L = 1/((T-1) D B) sum_{k>0} |y_k - target_k|^2
//     + weight/((T-1) B) sum_{k>0} (H(y_k) - H(y_0))^2,
// the second sum a soft physics loss: that the system's energy should stay. States and targets: T
// of D x B. Writes dL/dstates.
template <class Scalar>
double mechanical_loss(const MechanicalSystem& system, double weight,
                       const std::vector<Matrix<Scalar>>& states,
                       const std::vector<Matrix<Scalar>>& target,
                       std::vector<Matrix<Scalar>>& states_bar);

}  // namespace neural_ode
