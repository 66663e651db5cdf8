#include "engine/analysis/batch_cost.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "engine/analysis/convergence.h"

namespace neural_ode {
namespace {

class FieldOfSamples final : public VectorField<double> {
 public:
  explicit FieldOfSamples(const SampleFields& fields) : fields_(fields) {
    own_.resize(fields.size());
    std::iota(own_.begin(), own_.end(), 0);
    for (const auto& field : fields_) field->reserve(1);
  }

  Index dim() const override { return fields_.front()->dim(); }
  void select(std::span<const int> samples) override {
    own_.assign(samples.begin(), samples.end());
  }

  void eval(TimesIn t, MatrixIn<double> y, MatrixOut<double> dy) override {
    for (Index p = 0; p < y.cols(); ++p) {
      of(p).eval(t.segment(p, 1), y.middleCols(p, 1), dy.middleCols(p, 1));
    }
  }

  void vjp(TimesIn t, MatrixIn<double> y, MatrixIn<double> a, MatrixOut<double> y_bar,
           VectorOut<double>, TimesOut t_bar) override {
    Vector<double> nothing;
    for (Index p = 0; p < y.cols(); ++p) {
      of(p).vjp(t.segment(p, 1), y.middleCols(p, 1), a.middleCols(p, 1), y_bar.middleCols(p, 1),
                nothing, t_bar.segment(p, 1));
    }
  }

  bool jacobian(TimesIn t, MatrixIn<double> y, MatrixOut<double> jacobian) override {
    for (Index p = 0; p < y.cols(); ++p) {
      if (!of(p).jacobian(t.segment(p, 1), y.middleCols(p, 1),
                          jacobian.middleCols(p * dim(), dim()))) {
        return false;
      }
    }
    return true;
  }

 private:
  VectorField<double>& of(Index p) {
    return *fields_[static_cast<std::size_t>(own_[static_cast<std::size_t>(p)])];
  }

  const SampleFields& fields_;
  std::vector<int> own_;
};

std::vector<Count> costs(const SolveReport& report, Index dim) {
  std::vector<Count> result;
  for (std::size_t s = 0; s < report.nfe_per_sample.size(); ++s) {
    result.push_back(report.nfe_per_sample[s] + dim * report.jacobians_per_sample[s]);
  }
  return result;
}

Matrix<double> span_of_times(double t0, double t1) {
  return (Matrix<double>(2, 1) << t0, t1).finished();
}

double largest_error(const Matrix<double>& y, const Matrix<double>& reference) {
  double largest = 0;
  for (Index s = 0; s < y.cols(); ++s) {
    largest = std::max(largest, relative_error(y.col(s), reference.col(s)));
  }
  return largest;
}

}  // namespace

Count BatchCost::total(const std::vector<Count>& costs) {
  return std::accumulate(costs.begin(), costs.end(), 0L);
}

Result<Matrix<double>> batch_reference(const SampleFields& fields, VectorIn<double> y0, double t0,
                                       double t1, SolverOptions options) {
  options.method = find_method("kvaerno5");
  options.rtol /= 1000;
  options.atol /= 1000;
  FieldOfSamples field(fields);
  Solver<double> solver(options);
  const SolveReport& report = solver.solve(
      field, y0.replicate(1, static_cast<Index>(fields.size())), span_of_times(t0, t1));
  if (report.status != SolveStatus::ok) return Error{"reference: " + report.message()};
  return solver.states()[1];
}

Result<BatchCost> batch_cost(const SampleFields& fields, VectorIn<double> y0, double t0, double t1,
                             const Matrix<double>& reference, const SolverOptions& options) {
  FieldOfSamples field(fields);
  const Matrix<double> start = y0.replicate(1, static_cast<Index>(fields.size()));
  const Matrix<double> times = span_of_times(t0, t1);
  BatchCost cost;
  Solver<double> solver(options);
  if (!solver.solve(field, start, times).succeeded()) return Error{solver.report().message()};
  cost.own = costs(solver.report(), field.dim());
  cost.own_error = largest_error(solver.states()[1], reference);
  for (const auto& one : fields) {
    if (!solver.solve(*one, y0, times).succeeded()) return Error{solver.report().message()};
    cost.alone.push_back(solver.report().cost(field.dim()));
  }
  SolverOptions together = options;
  together.shared_steps = true;
  solver.set_options(together);
  if (!solver.solve(field, start, times).succeeded()) {
    return Error{"shared steps: " + solver.report().message()};
  }
  cost.shared = costs(solver.report(), field.dim());
  cost.shared_error = largest_error(solver.states()[1], reference);
  return cost;
}

}  // namespace neural_ode
