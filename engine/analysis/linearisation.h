// What a field does to small disturbances: its Jacobian at a state, and the eigenvalues of it.
#pragma once

#include <complex>
#include <span>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/types.h"
#include "engine/ode/solver.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

// Of D states; rates are in 1/time.
struct Linearisation {
  double t = 0;
  Vector<double> y;                               // D
  Matrix<double> jacobian;                        // df/dy, D x D
  std::vector<std::complex<double>> eigenvalues;  // D: largest real part first, then imaginary part
  double spectral_radius = 0;                     // largest modulus of an eigenvalue
  double divergence = 0;  // trace of the Jacobian: the rate at which volumes grow
};

// At the state y (D). Errors: y of another size, a Jacobian that is not finite.
Result<Linearisation> linearise(VectorField<double>& field, double t, VectorIn<double> y);

// At every time along the solution from y0 (D) at times[0]; times strictly monotone. Errors: those
// of linearise, and a solve that did not reach the last time.
Result<std::vector<Linearisation>> linearise_along(VectorField<double>& field, VectorIn<double> y0,
                                                   std::span<const double> times,
                                                   const SolverOptions& options);

}  // namespace neural_ode
