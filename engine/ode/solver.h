// Integrates a batch with one step size per sample.
//
// Every column has its own t, h and output times; active columns are evaluated together and
// finished ones are compacted away, so a sample's result and cost do not depend on who shares its
// batch. `advance` returns between steps: the caller may show, pause or cancel at any moment.
#pragma once

#include <vector>

#include "engine/core/result.h"
#include "engine/core/types.h"
#include "engine/ode/controller.h"
#include "engine/ode/solve_status.h"
#include "engine/ode/stages.h"
#include "engine/ode/step_tape.h"
#include "engine/ode/tableau.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

struct SolverOptions {
  const ButcherTableau* method = nullptr;  // see find_method in ode/tableau.h
  // Methods that can adapt their step to rtol and atol do, unless `fixed`; the others take
  // ceil(|dt| / step_size) equal steps between consecutive output times.
  bool fixed = false;
  double rtol = 1e-6, atol = 1e-8;
  double step_size = 0.05;
  int max_steps = 100000;  // per sample, accepted and rejected

  bool adaptive() const { return method != nullptr && !fixed && method->adaptive(); }
};

Status validate(const SolverOptions& options);
// T x B or T x 1, T >= 1, finite, each column strictly monotone.
Status validate_times(const Matrix<double>& times, Index batch);

template <class Scalar>
class Solver {
 public:
  explicit Solver(const SolverOptions& options) : options_(options) {}

  // Prepares a solve of `field` from y0 (D x B) through times (T x B, or T x 1 shared). The field
  // must outlive it. `record` keeps every accepted step in tape(). Options, times or shapes that
  // cannot be solved end it at once with SolveStatus::invalid.
  void start(VectorField<Scalar>& field, MatrixIn<Scalar> y0, const Matrix<double>& times,
             bool record);
  // At most `budget` batched steps; SolveStatus::running while there is more to do.
  SolveStatus advance(int budget);
  void cancel();
  // start + advance to the end.
  const SolveReport& solve(VectorField<Scalar>& field, MatrixIn<Scalar> y0,
                           const Matrix<double>& times, bool record = false);

  const SolverOptions& options() const { return options_; }
  const SolveReport& report() const { return report_; }
  const std::vector<Matrix<Scalar>>& states() const {
    return states_;
  }  // T of D x B; NaN where not reached
  const Matrix<double>& times() const { return times_; }
  double time(Index row, Index sample) const {
    return times_(row, times_.cols() == 1 ? 0 : sample);
  }
  const StepTape<Scalar>& tape() const { return tape_; }

 private:
  // A sample that is still under way; its state is column p of y_ when it is active_[p].
  struct Active {
    int sample = 0;
    int output = 1;  // the next row of times to reach
    int steps = 0;
    double t = 0, h = 0, end = 0;     // adaptive: `end` is the last time; fixed: times(output)
    double step = 0, step_count = 1;  // fixed: which of how many between two outputs
    bool last = false;                // this step ends at `end`
    bool non_finite = false;          // the last attempt was
    ControllerMemory memory;
  };

  Status check(const VectorField<Scalar>& field, MatrixIn<Scalar> y0) const;
  void first_steps();
  void plan_interval(Active& active) const;
  bool plan_step(Active& active);
  void step();
  // Whether sample p goes on from its new state (column p of y1), or is done.
  bool finish_step(Index p, const Matrix<Scalar>& y1);
  void write_outputs(Active& active, Index p, double t1, const Scalar* y1);
  double error_norm(Index p, const Matrix<Scalar>& y1) const;
  bool finite(const Scalar* column) const;
  void count_evaluations(int n);
  void fail(SolveStatus status, const Active& active, double error);

  SolverOptions options_;
  PiController controller_{4};
  VectorField<Scalar>* field_ = nullptr;
  bool record_ = false;
  Index dim_ = 0;
  Matrix<double> times_;
  std::vector<Matrix<Scalar>> states_;
  SolveReport report_;
  StepTape<Scalar> tape_;

  std::vector<Active> active_;
  Stages<Scalar> stages_;
  Matrix<Scalar> y_, y1_, error_;  // D x B
  Vector<double> t_, h_, end_;     // B
};

extern template class Solver<float>;
extern template class Solver<double>;

}  // namespace neural_ode
