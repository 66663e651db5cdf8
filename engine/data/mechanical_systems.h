// Motions whose energy is known: y = (q, p) with unit masses, so that dq/dt = p, and a friction
// that takes -friction p off the force.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "engine/core/rng.h"
#include "engine/core/types.h"
#include "engine/data/trajectories.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

struct MechanicalSystem {
  std::string_view name, label;  // "pendulum", "Pendulum"
  int dim;                       // 2 or 4
  double span;                   // about one slow period of the motions
  double reference_energy;       // where energies are measured from when they are compared
  std::unique_ptr<VectorField<double>> (*make)(double friction);
  // H(y), and dH/dy (dim) where it is asked for (non-null).
  double (*energy)(const double* y, double* gradient);
  void (*draw_state)(Rng& rng, double* y);

  // The share of the energy that an error in it is: |difference| / |H(y) - reference|.
  double energy_scale(const double* y) const;
};

std::span<const MechanicalSystem> mechanical_systems();  // pendulum, double_well, kepler
const MechanicalSystem* find_mechanical_system(std::string_view name);

// `count` motions from drawn states, at `times` from 0 on. Solved by dopri8 at 1e-11.
std::vector<Trajectory> make_motions(const MechanicalSystem& system, double friction,
                                     const Matrix<double>& y0, const std::vector<double>& times);
Matrix<double> draw_states(const MechanicalSystem& system, int count, Rng& rng);  // dim x count

}  // namespace neural_ode
