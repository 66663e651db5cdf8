#include "cli/problem/problem_loss.h"

#include <algorithm>

#include "cli/problem/flow_problem.h"
#include "engine/models/flow_likelihood.h"
#include "engine/nn/losses.h"

namespace neural_ode {
namespace {

// Over all entries of all states, which are alike in size.
double mean_over_states(const std::vector<Matrix<double>>& states,
                        const std::vector<Matrix<double>>& target,
                        std::vector<Matrix<double>>& states_bar) {
  const double share = 1 / static_cast<double>(states.size());
  const Matrix<double> no_mask;
  double sum = 0;
  states_bar.resize(states.size());
  for (std::size_t i = 0; i < states.size(); ++i) {
    states_bar[i].resize(states[i].rows(), states[i].cols());
    sum += mean_squared_error<double>(states[i], target[i], no_mask, share, states_bar[i]);
  }
  return sum * share;
}

}  // namespace

Status check_loss(const Problem& problem) {
  if (problem.is_flow) return check_flow_gradient(problem);
  if (!problem.target.empty()) return {};
  return Error{"/loss: expected an object with type, target, found nothing"};
}

double problem_loss(const Problem& problem, const std::vector<Matrix<double>>& states,
                    std::vector<Matrix<double>>& states_bar) {
  if (!problem.is_flow) return mean_over_states(states, problem.target, states_bar);
  states_bar.assign(2, Matrix<double>::Zero(states[0].rows(), states[0].cols()));
  return negative_log_likelihood<double>(states[1], states_bar[1]);
}

// A tolerance bounds the error of y. The derivative of the steps taken converges more slowly where
// an activation has a kink in s' or s'': a step that meets the tolerance across it leaves an error
// of about tolerance^(2/3) in the gradient. So that gradients asked for at 1e-10 are good to 1e-6,
// the solve behind them is this much stricter; below the floor rounding takes over. A continuous
// adjoint chooses steps of its own, by its own error, and needs none of that.
SolverOptions solver_behind(const GradientStrategy& strategy, SolverOptions options) {
  constexpr double factor = 0.01, floor = 1e-13;
  if (strategy.continuous || !options.adaptive()) return options;
  if (options.rtol > floor) options.rtol = std::max(factor * options.rtol, floor);
  if (options.atol > floor) options.atol = std::max(factor * options.atol, floor);
  return options;
}

}  // namespace neural_ode
