#include "engine/analysis/recorded_solve.h"

#include <algorithm>

namespace neural_ode {

RecordedSolve::RecordedSolve(VectorField<double>& field, VectorIn<double> y0, double t0, double t1,
                             const SolverOptions& options)
    : y0_(y0), t0_(t0), reached_(t0), solver_(options) {
  const Matrix<double> times = (Matrix<double>(2, 1) << t0, t1).finished();
  const SolveRequest<double> request = {.recording = Recording::interpolant, .sink = this};
  if (solver_.solve(field, y0, times, request).succeeded()) reached_ = t1;
}

void RecordedSolve::step(const StepView<double>& view) {
  const bool accepted = view.accepted[0] != 0;
  steps_.push_back({view.t[0], view.h[0], accepted});
  if (accepted) reached_ = view.t[0] + view.h[0];
}

Vector<double> RecordedSolve::state(double t) const {
  if (reached_ == t0_) return y0_;
  const double within = std::clamp(t, std::min(t0_, reached_), std::max(t0_, reached_));
  Vector<double> y(y0_.size());
  solver_.dense_output().eval(0, within, y.data());
  return y;
}

}  // namespace neural_ode
