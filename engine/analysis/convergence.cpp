#include "engine/analysis/convergence.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/math.h"
#include "engine/core/number_text.h"

namespace neural_ode {
namespace {

Vector<double> solve_to_end(const ConvergenceProblem& problem, Solver<double>& solver) {
  const Matrix<double> times = (Matrix<double>(2, 1) << problem.t0, problem.t1).finished();
  const SolveReport& report = solver.solve(*problem.field, problem.y0, times);
  if (report.status != SolveStatus::ok) return {};
  return solver.states()[1].col(0);
}

void add_point(ErrorCurve& curve, double control, const ConvergenceProblem& problem,
               const SolverOptions& options) {
  Solver<double> solver(options);
  const Vector<double> y = solve_to_end(problem, solver);
  const SolveReport& report = solver.report();
  const Count cost = report.cost(problem.field->dim());
  if (report.status == SolveStatus::ok) {
    curve.points.push_back({control, cost, relative_error(y, problem.reference), report.accepted,
                            report.rejected, report.jacobians()});
  } else {
    curve.failed.push_back({control, report.status, report.t, cost});
  }
}

}  // namespace

double relative_error(VectorIn<double> y, VectorIn<double> reference) {
  return (y - reference).cwiseAbs().maxCoeff() / reference.cwiseAbs().maxCoeff();
}

Result<ConvergenceProblem> with_reference(VectorField<double>& field, VectorIn<double> y0,
                                          double t0, double t1, double atol_ratio) {
  ConvergenceProblem problem{&field, y0, t0, t1, {}, 0, atol_ratio};
  SolverOptions options;
  options.max_steps = problem.max_steps;
  std::vector<const ButcherTableau*> candidates;
  for (const auto* method : methods()) {
    options.method = method;
    if (options.adaptive()) candidates.push_back(method);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const auto* a, const auto* b) { return a->order > b->order; });

  const auto solve = [&](const auto* method, double rtol) {
    options.method = method;
    options.rtol = rtol;
    options.atol = rtol * atol_ratio;
    Solver<double> solver(options);
    return solve_to_end(problem, solver);
  };
  constexpr double tightest = 1e-13;
  const ButcherTableau* best = nullptr;
  for (const auto* method : candidates) {
    const Vector<double> end = solve(method, tightest);
    if (end.size() == 0) continue;
    if (best != nullptr) {
      problem.reference_error = relative_error(end, problem.reference);
      return problem;
    }
    best = method;
    problem.reference = end;
  }
  if (best == nullptr) {
    return Error{"no adaptive method came to t = " + format_number(t1) +
                 " at rtol 1e-13: expected a shorter time"};
  }
  const Vector<double> end = solve(best, 10 * tightest);
  if (end.size() > 0) problem.reference_error = relative_error(end, problem.reference);
  return problem;
}

ErrorCurve work_precision(const ConvergenceProblem& problem, SolverOptions options,
                          std::span<const double> controls) {
  ErrorCurve curve;
  for (const double control : controls) {
    options.rtol = control;
    options.atol = control * problem.atol_ratio;
    options.step_size = control;
    options.max_steps = problem.max_steps;
    add_point(curve, control, problem, options);
  }
  return curve;
}

double rounding_floor(const ConvergenceProblem& problem) {
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  return std::max(10 * problem.reference_error, 500 * epsilon);
}

// Through the last four points, coarse to fine, whose errors stand well above the level at which
// they stop falling.
double finest_slope(std::span<const ErrorPoint> points, double floor) {
  constexpr double falls = 1.5, clear = 30;
  std::size_t begin = 0, end = 0;
  while (end < points.size() && points[end].error > floor) {
    const bool stopped = end > 0 && points[end].error * falls > points[end - 1].error;
    if (stopped && points[end].error < 1e-9) break;
    if (!(points[end].error < 0.1)) begin = end + 1;
    ++end;
  }
  double noise = 0;
  for (std::size_t i = end; i < points.size(); ++i) {
    if (points[i].error > floor) noise = std::max(noise, points[i].error);
  }
  while (end > begin && points[end - 1].error < clear * noise) --end;
  if (end > begin + 4) begin = end - 4;
  double n = 0, x_sum = 0, y_sum = 0, xx_sum = 0, xy_sum = 0;
  for (std::size_t i = begin; i < end; ++i) {
    const double x = math::log(points[i].control), y = math::log(points[i].error);
    n += 1;
    x_sum += x;
    y_sum += y;
    xx_sum += x * x;
    xy_sum += x * y;
  }
  if (n < 2) return std::numeric_limits<double>::quiet_NaN();
  return (n * xy_sum - x_sum * y_sum) / (n * xx_sum - x_sum * x_sum);
}

MeasuredOrder measure_order(const ConvergenceProblem& problem, SolverOptions options, int coarsest,
                            int halvings) {
  MeasuredOrder measured;
  const double floor = measured.rounding_floor = rounding_floor(problem);
  std::vector<ErrorPoint>& points = measured.curve.points;
  double step = std::abs(problem.t1 - problem.t0) / coarsest;
  options.fixed = true;
  options.max_steps = std::numeric_limits<int>::max();
  for (int i = 0; i <= halvings; ++i, step /= 2) {
    options.step_size = step;
    add_point(measured.curve, step, problem, options);
    const std::size_t n = points.size();
    if (n > 1 && points[n - 1].error <= floor && points[n - 2].error <= floor) break;
  }
  measured.order = finest_slope(points, floor);
  return measured;
}

}  // namespace neural_ode
