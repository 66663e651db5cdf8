#include "engine/analysis/linearisation.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "engine/core/number_text.h"
#include "engine/ode/jacobian.h"

namespace neural_ode {
namespace {

bool before(const std::complex<double>& a, const std::complex<double>& b) {
  return a.real() != b.real() ? a.real() > b.real() : a.imag() > b.imag();
}

}  // namespace

Result<Linearisation> linearise(VectorField<double>& field, double t, VectorIn<double> y) {
  const Index dim = field.dim();
  if (y.size() != dim) {
    return Error{"y: expected " + std::to_string(dim) + " components, found " +
                 std::to_string(y.size())};
  }
  Linearisation at;
  at.t = t;
  at.y = y;
  field.reserve(1);
  JacobianEvaluator<double> jacobian;
  at.jacobian = jacobian(field, Vector<double>::Constant(1, t), at.y);
  if (!at.jacobian.allFinite()) {
    return Error{"the Jacobian at t = " + format_number(t) + " is not finite"};
  }
  const Eigen::EigenSolver<Matrix<double>> solver(at.jacobian, false);
  if (solver.info() != Eigen::Success) {
    return Error{"the eigenvalues at t = " + format_number(t) + " were not found"};
  }
  for (Index i = 0; i < dim; ++i) at.eigenvalues.push_back(solver.eigenvalues()[i]);
  std::sort(at.eigenvalues.begin(), at.eigenvalues.end(), before);
  for (const auto& eigenvalue : at.eigenvalues) {
    at.spectral_radius = std::max(at.spectral_radius, std::abs(eigenvalue));
  }
  at.divergence = at.jacobian.trace();
  return at;
}

Result<std::vector<Linearisation>> linearise_along(VectorField<double>& field, VectorIn<double> y0,
                                                   std::span<const double> times,
                                                   const SolverOptions& options) {
  const Matrix<double> rows =
      Eigen::Map<const Vector<double>>(times.data(), static_cast<Index>(times.size()));
  Solver<double> solver(options);
  const SolveReport& report = solver.solve(field, y0, rows);
  if (report.status != SolveStatus::ok) return Error{report.message()};
  std::vector<Linearisation> along;
  for (std::size_t i = 0; i < times.size(); ++i) {
    Result<Linearisation> at = linearise(field, times[i], solver.states()[i].col(0));
    if (!at) return Error{at.error()};
    along.push_back(std::move(at.value()));
  }
  return along;
}

}  // namespace neural_ode
