// A solve of one sample that can be looked at afterwards: every step it took or tried, and the
// solution between them.
#pragma once

#include <vector>

#include "engine/core/types.h"
#include "engine/ode/solver.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

struct TakenStep {
  double t = 0, h = 0;  // from t to t + h; h < 0 backwards
  bool accepted = true;
};

class RecordedSolve final : private StepSink<double> {
 public:
  // From y0 (D) at t0 to t1. A solve that fails has the solution up to where it stopped.
  RecordedSolve(VectorField<double>& field, VectorIn<double> y0, double t0, double t1,
                const SolverOptions& options);
  RecordedSolve(const RecordedSolve&) = delete;  // its solver knows where it is
  RecordedSolve& operator=(const RecordedSolve&) = delete;

  const SolveReport& report() const { return solver_.report(); }
  bool succeeded() const { return report().succeeded(); }
  const std::vector<TakenStep>& steps() const { return steps_; }
  double reached() const { return reached_; }  // t1 when it succeeded
  // D, by the method's own interpolant; beyond what was reached the state is that at its end.
  Vector<double> state(double t) const;

 private:
  void step(const StepView<double>& view) override;

  Vector<double> y0_;
  double t0_, reached_;
  std::vector<TakenStep> steps_;
  Solver<double> solver_;
};

}  // namespace neural_ode
