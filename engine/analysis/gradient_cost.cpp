#include "engine/analysis/gradient_cost.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace neural_ode {
namespace {

double largest(const Vector<double>& a, const Vector<double>& b) {
  double entry = 0;
  for (const auto* values : {&a, &b}) {
    for (const double value : *values) entry = std::max(entry, std::abs(value));
  }
  return entry;
}

}  // namespace

MeasuredGradient measure_gradient(VectorField<double>& field, VectorIn<double> y0,
                                  std::span<const double> times, const SolverOptions& solver,
                                  const GradientStrategy& strategy,
                                  const GradientOptions& options) {
  GradientOptions without_times = options;
  without_times.times = false;
  const auto gradient = strategy.make<double>(solver, without_times);
  MeasuredGradient measured;
  const SolveReport& forward = gradient->forward(
      field, y0, Eigen::Map<const Vector<double>>(times.data(), static_cast<Index>(times.size())));
  measured.status = forward.status;
  measured.nfe_forward = forward.nfe();
  if (forward.succeeded()) {
    std::vector<Matrix<double>> states_bar(times.size(), Matrix<double>::Ones(y0.size(), 1));
    states_bar[0].setZero();
    measured.status = gradient->backward(field, states_bar).status;
  }
  measured.bytes = gradient->state_bytes();
  measured.nfe_backward = gradient->nfe_backward();
  measured.nvjp = gradient->nvjp();
  if (measured.status == SolveStatus::ok) {
    measured.y0_bar = gradient->y0_bar().col(0);
    measured.theta_bar = gradient->theta_bar();
  }
  return measured;
}

double gradient_error(const MeasuredGradient& gradient, const MeasuredGradient& exact) {
  if (gradient.status != SolveStatus::ok || exact.status != SolveStatus::ok) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  return largest(gradient.y0_bar - exact.y0_bar, gradient.theta_bar - exact.theta_bar) /
         largest(exact.y0_bar, exact.theta_bar);
}

std::vector<GradientCost> measure_gradient_cost(VectorField<double>& field, VectorIn<double> y0,
                                                double t1, const ButcherTableau& method,
                                                const GradientStrategy& strategy,
                                                const GradientOptions& options,
                                                std::span<const int> steps) {
  const double times[] = {0, t1};
  std::vector<GradientCost> costs;
  for (const int count : steps) {
    SolverOptions solver;
    solver.method = &method;
    solver.fixed = true;
    solver.step_size = t1 / count;
    solver.max_steps = count;
    const MeasuredGradient measured = measure_gradient(field, y0, times, solver, strategy, options);
    GradientCost cost;
    cost.steps = count;
    cost.status = measured.status;
    cost.bytes = measured.bytes;
    cost.nfe_backward = measured.nfe_backward;
    cost.nvjp = measured.nvjp;
    cost.error = gradient_error(
        measured, measure_gradient(field, y0, times, solver, *find_gradient("discrete")));
    costs.push_back(cost);
  }
  return costs;
}

}  // namespace neural_ode
