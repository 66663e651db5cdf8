#include "engine/analysis/lyapunov.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/core/math.h"
#include "engine/ode/jacobian.h"
#include "engine/ode/solver.h"

namespace neural_ode {
namespace {

// (y, v)' = (f(t, y), (df/dy) v): 2D components from a field of D.
class VariationalField final : public VectorField<double> {
 public:
  explicit VariationalField(VectorField<double>& field) : field_(field) {}

  Index dim() const override { return 2 * field_.dim(); }
  void reserve(Index batch) override {
    field_.reserve(batch);
    jacobian_.reserve(field_.dim(), batch);
  }

  void eval(TimesIn t, MatrixIn<double> y, MatrixOut<double> dy) override {
    const Index dim = field_.dim();
    field_.eval(t, y.topRows(dim), dy.topRows(dim));
    const MatrixIn<double> jacobian = jacobian_(field_, t, y.topRows(dim));
    for (Index s = 0; s < y.cols(); ++s) {
      for (Index i = 0; i < dim; ++i) {
        double sum = 0;
        for (Index j = 0; j < dim; ++j) sum += jacobian(i, s * dim + j) * y(dim + j, s);
        dy(dim + i, s) = sum;
      }
    }
  }

  // Would need second derivatives of f; explicit methods do not ask for it.
  void vjp(TimesIn, MatrixIn<double>, MatrixIn<double>, MatrixOut<double>, VectorOut<double>,
           TimesOut) override {}

 private:
  VectorField<double>& field_;
  JacobianEvaluator<double> jacobian_;
};

Status validate(const LyapunovOptions& options) {
  if (!(options.warm_up >= 0) || !std::isfinite(options.warm_up)) {
    return Error{"warm_up: expected a finite number >= 0"};
  }
  if (!(options.interval > 0) || !std::isfinite(options.interval)) {
    return Error{"interval: expected a finite number > 0"};
  }
  if (options.intervals < 1) return Error{"intervals: expected at least 1"};
  return {};
}

double mean(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

// Successive growths are correlated: means of long parts are nearly not.
double standard_error(const std::vector<double>& rates) {
  constexpr std::size_t parts = 10;
  const std::size_t length = rates.size() / parts;
  if (length == 0) return 0;
  std::vector<double> means;
  for (std::size_t part = 0; part < parts; ++part) {
    const auto first = rates.begin() + static_cast<std::ptrdiff_t>(part * length);
    means.push_back(mean({first, first + static_cast<std::ptrdiff_t>(length)}));
  }
  const double centre = mean(means);
  double sum = 0;
  for (const double value : means) sum += (value - centre) * (value - centre);
  return std::sqrt(sum / (parts * (parts - 1)));
}

}  // namespace

Result<LyapunovEstimate> largest_lyapunov(VectorField<double>& field, VectorIn<double> y0,
                                          double t0, const LyapunovOptions& options) {
  const Index dim = field.dim();
  if (Status status = validate(options); !status) return Error{status.error()};
  if (y0.size() != dim) {
    return Error{"y0: expected " + std::to_string(dim) + " components, found " +
                 std::to_string(y0.size())};
  }
  VariationalField variational(field);
  SolverOptions solver_options;
  solver_options.method = find_method("dopri5");
  solver_options.rtol = options.rtol;
  solver_options.atol = options.atol;
  Solver<double> solver(solver_options);

  // Equal parts: no direction is known to be missing from the fastest growing one.
  Matrix<double> state(2 * dim, 1);
  state.topRows(dim) = y0;
  state.bottomRows(dim).setConstant(1 / std::sqrt(static_cast<double>(dim)));

  const int warm_ups = static_cast<int>(std::ceil(options.warm_up / options.interval));
  std::vector<double> rates;
  Matrix<double> times(2, 1);
  for (int i = 0; i < warm_ups + options.intervals; ++i) {
    times << t0 + i * options.interval, t0 + (i + 1) * options.interval;
    const SolveReport& report = solver.solve(variational, state, times);
    if (report.status != SolveStatus::ok) return Error{report.message()};
    state = solver.states()[1];
    const double growth = state.bottomRows(dim).norm();
    if (!(growth > 0)) return Error{"the tangent vector vanished: take a shorter interval"};
    state.bottomRows(dim) /= growth;
    if (i >= warm_ups) rates.push_back(math::log(growth) / options.interval);
  }
  return LyapunovEstimate{mean(rates), standard_error(rates)};
}

}  // namespace neural_ode
