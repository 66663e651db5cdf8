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
#include "engine/ode/dense_output.h"
#include "engine/ode/event_search.h"
#include "engine/ode/newton.h"
#include "engine/ode/solve_status.h"
#include "engine/ode/solver_options.h"
#include "engine/ode/stages.h"
#include "engine/ode/step_plan.h"
#include "engine/ode/step_tape.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

// A step just taken by n columns: from t, of length h, its stages evaluated within [begin, end].
template <class Scalar>
struct StepView {
  Stages<Scalar>& stages;
  Index n;
  const Vector<double>&t, &h, &begin, &end;  // n
  const std::vector<int>& samples;           // n
  const std::vector<char>& accepted;         // n; a column with 0 only tried
};

// Told of every step while its stages are at hand.
template <class Scalar>
class StepSink {
 public:
  virtual ~StepSink() = default;
  virtual void step(const StepView<Scalar>& view) = 0;
};

// What one solve is asked for besides the states at the output times.
template <class Scalar>
struct SolveRequest {
  Recording recording = Recording::nothing;
  Events<Scalar> events = {};
  StepSink<Scalar>* sink = nullptr;  // null: none
  // With Recording::states and explicit methods, keeps up to so many bytes of what evaluations
  // leave for their reverse, of as many of the first steps as fit; for fields that have such a
  // record.
  std::size_t record_bytes = 0;
  // Lengths > 0 of each sample's first adaptive step (B), instead of SolverOptions::first_step:
  // next_steps() of the solve that this one goes on from. Empty: none.
  Vector<double> first_steps = {};
};

template <class Scalar>
class Solver {
 public:
  explicit Solver(const SolverOptions& options) : options_(options) {}

  // Prepares a solve of `field` from y0 (D x B) through times (T x B, or T x 1 shared). The field,
  // the events and the sink must outlive it. Options, times or shapes that cannot be solved end it
  // at once with SolveStatus::invalid.
  void start(VectorField<Scalar>& field, MatrixIn<Scalar> y0, const Matrix<double>& times,
             const SolveRequest<Scalar>& request = {});
  // At most `budget` batched steps; SolveStatus::running while there is more to do.
  SolveStatus advance(int budget);
  void cancel();
  // start + advance to the end.
  const SolveReport& solve(VectorField<Scalar>& field, MatrixIn<Scalar> y0,
                           const Matrix<double>& times, const SolveRequest<Scalar>& request = {});
  // How far each sample would go in the step after its last adaptive one (B).
  const Vector<double>& next_steps() const { return next_steps_; }

  const SolverOptions& options() const { return options_; }
  void set_options(const SolverOptions& options) { options_ = options; }
  const SolveReport& report() const { return report_; }
  const Scalar* bound_theta() const { return theta_; }  // of the field, when the solve began
  // T of D x B; NaN where not reached. A sample that a terminal event ended stays as it was then:
  // so do its remaining states, and its remaining times are that of the event.
  const std::vector<Matrix<Scalar>>& states() const { return states_; }
  const Matrix<double>& times() const { return plan_.times(); }  // T x B with events, else as given
  double time(Index row, Index sample) const { return plan_.time(row, sample); }
  // Whether a terminal event ended this sample, and where the stages of its steps were.
  const StepPlan& plan() const { return plan_; }
  const StepTape<Scalar>& tape() const { return tape_; }              // Recording::schedule, states
  const DenseOutput<Scalar>& dense_output() const { return dense_; }  // Recording::interpolant
  std::size_t bytes() const;  // of its scratch and of what it recorded

 private:
  enum class Outcome { accepted, rejected, finished };

  void reset_newton(Index batch);
  void select(Index n);
  // `lengths` as of SolveRequest::first_steps.
  void first_steps(const Vector<double>& lengths);
  // f(t0, y0) in the first stage; false, and the solve has failed, where it is not finite.
  bool first_slopes();
  void guess_first_steps();
  void share_norms(Vector<double>& norms, Index n) const;
  // Brings the columns that take their next step with the method of the first one to the front; how
  // many.
  Index group();
  void swap_columns(Index p, Index q);
  void restart_slopes(Index n);
  void step();
  void take_stages(Index n);
  void eval_stage(int stage, Index n);
  // Whether the tape keeps what the stages of the step have left in record_.
  bool keeps_record(Index n) const;
  void solve_stage(int stage, Index n, int first);  // an implicit one; first: see Stages::guess
  void measure_errors(Index n);
  void show_step(Index n);  // to the sink
  // Whether sample p, having tried its step, goes on.
  Outcome finish_step(Index p);
  Outcome reject(Progress& active, double error);
  void move_on(Index n);
  void keep(Index kept, Index p, Index n, Outcome outcome);
  // Outputs up to t1 but the final one, within the step; and with those at its end.
  void write_within(Progress& active, Index p, double t1);
  void write_outputs(Progress& active, Index p, double t1);
  bool ended_by_event(Progress& active, Index p, double t1);
  void record(const Progress& active, Index p, bool accepted);
  bool finite_step(Index p) const;
  bool finite(const Scalar* column) const;
  void fail(SolveStatus status, const Progress& active, double error);
  // The state at the sample's next output time.
  auto output(const Progress& active) {
    return states_[static_cast<std::size_t>(active.output)].col(active.sample);
  }

  SolverOptions options_;
  Controller controller_{5};
  VectorField<Scalar>* field_ = nullptr;
  const Scalar* theta_ = nullptr;
  StepSink<Scalar>* sink_ = nullptr;
  Recording recording_ = Recording::nothing;
  bool adaptive_ = false;
  bool want_end_slope_ = false;  // f(t + h, y1) is needed even where y1 does not depend on it
  Index dim_ = 0;
  std::vector<Matrix<Scalar>> states_;
  SolveReport report_;
  StepTape<Scalar> tape_;
  std::size_t record_bytes_ = 0;
  Scalar* record_ = nullptr;  // where the next evaluation of the step leaves its record
  Index record_size_ = 0;
  DenseOutput<Scalar> dense_;

  StepPlan plan_;
  EventSearch<Scalar> events_;

  std::vector<Progress> active_;  // samples under way; the state of active_[p] is column p of y_
  std::vector<int> samples_;      // of the active columns
  bool moved_ = true;             // they are other ones than samples_ says
  std::vector<char> accepted_;
  std::vector<Outcome> outcomes_;
  Stages<Scalar> stages_;
  NewtonSolver<Scalar> newton_;
  Matrix<Scalar> y_, error_;                 // D x B
  Vector<double> t_, h_, begin_, end_;       // B
  Vector<double> errors_, implicit_weight_;  // B
  Vector<double> next_steps_;                // B
};

extern template class Solver<float>;
extern template class Solver<double>;

}  // namespace neural_ode
