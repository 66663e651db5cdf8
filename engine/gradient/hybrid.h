// Trajectories that go on after events: smooth pieces, each solved and differentiated by a Gradient
// of any strategy, and the resets between them [chen2021].
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/gradient/gradient.h"
#include "engine/gradient/resumed_event.h"
#include "engine/gradient/sample_field.h"
#include "engine/ode/event.h"

namespace neural_ode {

// Cotangents of what happened, by the order of HybridSolve::occurrences (N of them). Empty: zero.
template <class Scalar>
struct OccurrenceCotangents {
  Vector<double> t = {};  // N
  Matrix<Scalar> before = {},
                 after = {};  // D x N; of the states at the event, which moves with its time
};

// An event ends a piece at t* with the state y-; the next one starts from (t*, r(t*, y-)). A
// terminal event that does not reset ends the sample: its remaining states stay as they were then.
// An event that is not terminal is an occurrence like any other. The state at an output time that
// is that of an event is the one before it. A reset to rest on an event's surface is not contact:
// the state leaves it as the field says.
template <class Scalar>
class HybridSolve {
 public:
  // max_events: of a sample. A piece may take options.max_steps.
  HybridSolve(const SolverOptions& options, const GradientStrategy& strategy,
              const GradientOptions& gradient = {}, int max_events = 1000);

  // y0: D x B; times and events as of Gradient::forward. Samples are solved one after another.
  const SolveReport& forward(VectorField<Scalar>& field, MatrixIn<Scalar> y0,
                             const Matrix<double>& times, const Events<Scalar>& events);
  const std::vector<Matrix<Scalar>>& states() const { return states_; }  // T of D x B
  const Matrix<double>& times() const { return times_; }  // T x B; of an ended sample, its end
  // By samples, then in the order of their solve.
  const std::vector<Occurrence>& occurrences() const { return report_.events; }
  VectorIn<Scalar> before(std::size_t occurrence) const { return column(before_, occurrence); }
  VectorIn<Scalar> after(std::size_t occurrence) const { return column(after_, occurrence); }

  // Pulls the cotangents of the states (T of D x B) and of the occurrences back, the dependence of
  // the events' times and of the resets on the state and theta included. Call after a forward that
  // succeeded, with the same field, theta and events. SolveStatus::grazing where an event function
  // did not cross zero but touch it.
  const SolveReport& backward(VectorField<Scalar>& field,
                              const std::vector<Matrix<Scalar>>& states_bar,
                              const OccurrenceCotangents<Scalar>& occurrences_bar = {});
  const Matrix<Scalar>& y0_bar() const { return y0_bar_; }        // D x B
  const Vector<Scalar>& theta_bar() const { return theta_bar_; }  // P
  // dL/dt_i, shape of the times given; zero for those that an event cut off.
  const Matrix<double>& times_bar() const { return times_bar_; }

  Count nvjp() const;               // of the last backward, largest over samples
  std::size_t state_bytes() const;  // held for it

 private:
  struct Piece {
    std::unique_ptr<Gradient<Scalar>> gradient;
    Matrix<double> times;  // its start and the output times left then
    int sample = 0;
    bool starts_again = false;        // after an event, not at y0
    Index row = 1, reached = 0;       // outputs [row, row + reached) lie in it
    int occurrence = -1;              // that ended it
    std::vector<Matrix<Scalar>> bar;  // of its rows, each D x 1
  };

  Status check(const VectorField<Scalar>& field, MatrixIn<Scalar> y0) const;
  bool solve_sample(int sample);
  Piece& next_piece(int sample, double t, Index row);
  // Appends what ended the piece to the occurrences; false when there were too many.
  bool happened(Piece& piece, const SolveReport& report, int earlier);
  void resume(int sample, std::size_t occurrence);
  void slope(double t, const std::vector<Scalar>& states, std::vector<Scalar>& slopes);
  // dg/dt along a solution with this slope; leaves dg/dy in event_y_ and returns dg/dt by itself in
  // `partial`.
  double rate(const Event<Scalar>& event, double t, const Scalar* y, const Scalar* slope,
              double& partial);
  bool take_back(Piece& piece, const std::vector<Matrix<Scalar>>& states_bar,
                 const OccurrenceCotangents<Scalar>& bar);
  bool pull_event(const Piece& piece, const std::vector<Matrix<Scalar>>& states_bar,
                  const OccurrenceCotangents<Scalar>& bar);
  static bool add_cost(const SolveReport& piece, int sample, SolveReport& report);
  const Event<Scalar>& event_of(int occurrence) const {
    return *events_[static_cast<std::size_t>(
        report_.events[static_cast<std::size_t>(occurrence)].event)];
  }
  double event_time(const Piece& piece) const {
    return report_.events[static_cast<std::size_t>(piece.occurrence)].t;
  }
  std::size_t offset(int occurrence) const { return static_cast<std::size_t>(occurrence * dim_); }
  static bool goes_on(const Event<Scalar>& event) { return event.resets() || !event.terminal(); }
  VectorIn<Scalar> column(const std::vector<Scalar>& columns, std::size_t index) const {
    return Eigen::Map<const Vector<Scalar>>(columns.data() + index * static_cast<std::size_t>(dim_),
                                            dim_);
  }

  SolverOptions options_;
  const GradientStrategy& strategy_;
  GradientOptions gradient_;
  int max_events_;

  SampleField<Scalar> field_;
  Events<Scalar> events_;
  std::vector<ResumedEvent<Scalar>> resumed_;
  Events<Scalar> piece_events_;  // those resumed
  Index dim_ = 0;
  Index times_columns_ = 0;  // of the times given
  Matrix<double> times_;
  std::vector<Matrix<Scalar>> states_;
  SolveReport report_, backward_report_;

  std::vector<Piece> pieces_;
  std::size_t piece_count_ = 0;
  std::vector<Scalar> before_, after_;              // D each, per occurrence
  std::vector<Scalar> slope_before_, slope_after_;  // f there
  Matrix<Scalar> y_, slope_;                        // D x 1
  Vector<double> t_;                                // 1
  Vector<Scalar> event_y_, unused_theta_;           // D, P

  // Of the piece being taken back: of the state at the event that ended it, and of the start of the
  // piece after it.
  Vector<Scalar> event_bar_, start_bar_;  // D
  double start_t_bar_ = 0;

  std::vector<Count> nvjp_;  // per sample
  Matrix<Scalar> y0_bar_;
  Vector<Scalar> theta_bar_;
  Matrix<double> times_bar_;
};

extern template class HybridSolve<float>;
extern template class HybridSolve<double>;

}  // namespace neural_ode
