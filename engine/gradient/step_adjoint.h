// One step of a solve taken again, and its cotangents pulled back through its stages.
#pragma once

#include <vector>

#include "engine/ode/jacobian.h"
#include "engine/ode/newton.h"
#include "engine/ode/solve_status.h"
#include "engine/ode/stages.h"
#include "engine/ode/step_plan.h"
#include "engine/ode/step_tape.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

// How much of a step is wanted again.
enum class Extent { stages, end_state, end_slope };

// What a backward pass has cost so far, per sample of the batch.
struct AdjointCost {
  SolveReport& report;
  std::vector<Count>& nvjp;
};

template <class Scalar>
class StepAdjoint {
 public:
  using Step = typename StepTape<Scalar>::Step;

  void reserve(VectorField<Scalar>& field, const ButcherTableau& method, Index batch);

  // The stages of a step again, from its states, but for what its record has; `wide`: (1 + past) D
  // x n, valid until the pull. A stage that cannot be solved sets the report's status.
  void repeat(VectorField<Scalar>& field, const StepPlan& plan, const Step& step,
              const Scalar* wide, Extent extent, AdjointCost cost);
  const Stages<Scalar>& stages() const { return stages_; }

  // Cotangents, D x B, of which the first n columns are those of the step: to fill before the pull,
  // of y1, of the slopes and of y directly, and of the past slopes; afterwards those of y and of
  // the past slopes are complete.
  Matrix<Scalar> y1_bar, y_bar;
  Matrix<Scalar> k_bar[ButcherTableau::max_stages], past_bar[ButcherTableau::max_past];
  void clear(Index n);
  // Adds to theta_bar (P). `extent` as in repeat; with Extent::end_state also the parts of t and h
  // below.
  void pull(VectorField<Scalar>& field, const Step& step, Extent extent,
            VectorOut<Scalar> theta_bar, AdjointCost cost);
  // n: cotangents of the start of the step at fixed h, and of h times h at a fixed start.
  Vector<double> t_bar, h_h_bar;

  std::size_t bytes() const;

 private:
  void solve_nearer(VectorField<Scalar>& field, const Step& step, int stage, AdjointCost cost);
  void solve_transposed(VectorField<Scalar>& field, int stage, Index n);
  // k_bar of a stage to its stage_bar_, t_bar_ and theta_bar.
  void pull_slope(VectorField<Scalar>& field, const Scalar* record, int stage, Index n,
                  VectorOut<Scalar> theta_bar);
  void pull_state(int stage, Index n);
  void add_scaled(Index n, Index row, Index rows, double weight, const Matrix<Scalar>& from,
                  Matrix<Scalar>& to) const;

  Index dim_ = 0;
  int past_ = 0;
  Stages<Scalar> stages_;
  const Scalar* y_ = nullptr;                   // D x n, states before the step
  Matrix<Scalar> y_start_;                      // D x B, multistep: the states without the past
  Matrix<Scalar> stage_bar_;                    // D x B
  Vector<double> t_, h_, begin_, end_, t_bar_;  // B

  // Implicit stages.
  NewtonSolver<Scalar> newton_;
  JacobianEvaluator<Scalar> jacobian_;
  Matrix<Scalar> lu_;        // D x D
  std::vector<int> pivots_;  // D
  Vector<double> weight_;    // B
};

extern template class StepAdjoint<float>;
extern template class StepAdjoint<double>;

}  // namespace neural_ode
