// Integrates a batch with one step size per sample.
//
// Every column has its own t, h and output times; active columns are evaluated together and finished ones
// are compacted away, so a sample's result and cost do not depend on who shares its batch. `advance` returns
// between steps: the caller may show, pause or cancel at any moment.
#pragma once

#include <vector>

#include "engine/core/types.h"
#include "engine/ode/controller.h"
#include "engine/ode/solve_status.h"
#include "engine/ode/tableau.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

struct SolverOptions {
  const ButcherTableau* method = nullptr;  // see find_method in ode/tableau.h
  // Methods with an error estimate adapt their step to rtol and atol, unless `fixed`; the others take
  // ceil(|dt| / step_size) equal steps between consecutive output times.
  bool fixed = false;
  double rtol = 1e-6, atol = 1e-8;
  double step_size = 0.05;
  int max_steps = 100000;  // per sample, accepted and rejected

  bool adaptive() const;
};

// One batched step that was taken: what the discrete adjoint needs to take it back.
template <class Scalar>
struct StepRecord {
  std::vector<int> samples;  // columns of the batch that accepted this step, n of them
  Vector<double> t, h;       // n
  Matrix<Scalar> y;          // D x n, states before the step
};

template <class Scalar>
class Solver {
 public:
  explicit Solver(const SolverOptions& options);

  // Prepares a solve of `field` from y0 (D x B) through times (T x B, or T x 1 shared). The field must outlive
  // it. `record` keeps every accepted step in steps().
  void start(VectorField<Scalar>& field, MatrixIn<Scalar> y0, const Matrix<double>& times, bool record);
  // At most `budget` batched steps; SolveStatus::running while there is more to do.
  SolveStatus advance(int budget);
  // start + advance to the end.
  const SolveReport& solve(VectorField<Scalar>& field, MatrixIn<Scalar> y0, const Matrix<double>& times,
                           bool record = false);

  const SolveReport& report() const;
  const std::vector<Matrix<Scalar>>& states() const;  // T of D x B; NaN where not reached
  // ... steps(), step_count(): owned by the ode floor, see the implementation
};

}  // namespace neural_ode
