#include "engine/analysis/gradient_cost.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace neural_ode {
namespace {

SolveStatus pull_back(Gradient<double>& gradient, VectorField<double>& field, VectorIn<double> y0,
                      double t1) {
  const Matrix<double> times = (Matrix<double>(2, 1) << 0, t1).finished();
  const SolveReport& report = gradient.forward(field, y0, times);
  if (!report.succeeded()) return report.status;
  return gradient
      .backward(field, {Matrix<double>::Zero(y0.size(), 1), Matrix<double>::Ones(y0.size(), 1)})
      .status;
}

double largest(const Matrix<double>& y0_bar, const Vector<double>& theta_bar) {
  double entry = y0_bar.cwiseAbs().maxCoeff();
  if (theta_bar.size() > 0) entry = std::max(entry, theta_bar.cwiseAbs().maxCoeff());
  return entry;
}

}  // namespace

std::vector<GradientCost> measure_gradient_cost(VectorField<double>& field, VectorIn<double> y0,
                                                double t1, const ButcherTableau& method,
                                                const GradientStrategy& strategy,
                                                const GradientOptions& options,
                                                std::span<const int> steps) {
  GradientOptions without_times = options;
  without_times.times = false;
  std::vector<GradientCost> costs;
  for (const int count : steps) {
    SolverOptions solver;
    solver.method = &method;
    solver.fixed = true;
    solver.step_size = t1 / count;
    solver.max_steps = count;
    GradientCost cost;
    cost.steps = count;
    const auto gradient = strategy.make<double>(solver, without_times);
    cost.status = pull_back(*gradient, field, y0, t1);
    cost.bytes = gradient->state_bytes();
    cost.nfe_backward = gradient->nfe_backward();
    cost.nvjp = gradient->nvjp();
    cost.error = std::numeric_limits<double>::quiet_NaN();
    const auto exact = make_discrete<double>(solver, {.times = false});
    if (cost.status == SolveStatus::ok && pull_back(*exact, field, y0, t1) == SolveStatus::ok) {
      cost.error = largest(gradient->y0_bar() - exact->y0_bar(),
                           gradient->theta_bar() - exact->theta_bar()) /
                   largest(exact->y0_bar(), exact->theta_bar());
    }
    costs.push_back(cost);
  }
  return costs;
}

}  // namespace neural_ode
