#include "engine/gradient/differentiate.h"

#include <memory>
#include <string>

#include "engine/core/nearest_name.h"

namespace neural_ode {
namespace {

Status check_strategy(std::string_view name, const SolverOptions& options) {
  if (const GradientStrategy* strategy = find_gradient(name)) {
    if (Status status = options.method.check(); !status) return status;
    return validate(*strategy, *options.method);
  }
  return Error{unknown_name("gradient", name, names_of(gradient_strategies()))};
}

}  // namespace

template <class Scalar>
Gradients<Scalar> gradient(VectorField<Scalar>& field,
                           const std::type_identity_t<InitialStates<Scalar>>& y0,
                           const OutputTimes& times,
                           const std::type_identity_t<StatesLoss<Scalar>>& loss,
                           const SolverOptions& options, std::string_view strategy,
                           const GradientOptions& gradient_options) {
  const SolverOptions solver = with_default_method(options);
  Gradients<Scalar> result;
  if (const Status status = check_strategy(strategy, solver); !status) {
    result.solution.report.status = SolveStatus::invalid;
    result.solution.report.reason = status.error();
    return result;
  }
  const std::unique_ptr<Gradient<Scalar>> pass =
      find_gradient(strategy)->template make<Scalar>(solver, gradient_options);
  const SolveReport& forward = pass->forward(field, y0.matrix(), times.matrix());
  result.solution = {pass->times(), pass->states(), forward};
  if (!forward.succeeded()) return result;

  std::vector<Matrix<Scalar>> states_bar(pass->states().size());
  for (Matrix<Scalar>& bar : states_bar) bar.setZero(y0.matrix().rows(), y0.matrix().cols());
  result.loss = loss(pass->states(), states_bar);
  result.backward = pass->backward(field, states_bar);
  result.nfe_backward = pass->nfe_backward();
  result.nvjp = pass->nvjp();
  result.state_bytes = pass->state_bytes();
  if (!result.backward.succeeded()) return result;
  result.y0_bar = pass->y0_bar();
  result.theta_bar = pass->theta_bar();
  result.times_bar = pass->times_bar();
  return result;
}

template Gradients<float> gradient(VectorField<float>&, const InitialStates<float>&,
                                   const OutputTimes&, const StatesLoss<float>&,
                                   const SolverOptions&, std::string_view, const GradientOptions&);
template Gradients<double> gradient(VectorField<double>&, const InitialStates<double>&,
                                    const OutputTimes&, const StatesLoss<double>&,
                                    const SolverOptions&, std::string_view, const GradientOptions&);

}  // namespace neural_ode
