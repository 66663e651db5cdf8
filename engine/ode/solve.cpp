#include "engine/ode/solve.h"

#include "engine/ode/solver.h"

namespace neural_ode {

SolverOptions with_default_method(SolverOptions options) {
  if (options.method.missing()) options.method = "dopri5";
  return options;
}

template <class Scalar>
Solution<Scalar> solve(VectorField<Scalar>& field,
                       const std::type_identity_t<InitialStates<Scalar>>& y0,
                       const OutputTimes& times, const SolverOptions& options,
                       const std::type_identity_t<Events<Scalar>>& events) {
  Solver<Scalar> solver(with_default_method(options));
  solver.solve(field, y0.matrix(), times.matrix(), {.events = events});
  return {solver.times(), solver.states(), solver.report()};
}

template Solution<float> solve(VectorField<float>&, const InitialStates<float>&, const OutputTimes&,
                               const SolverOptions&, const Events<float>&);
template Solution<double> solve(VectorField<double>&, const InitialStates<double>&,
                                const OutputTimes&, const SolverOptions&, const Events<double>&);

}  // namespace neural_ode
