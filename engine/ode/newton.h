// Solves the equations of implicit stages for a batch: k = f(t, Y), Y = r + w k, one small system a
// sample.
//
// Simplified Newton iterations with the convergence control of Hairer and Wanner IV.8 [hairer1996].
// A sample keeps its Jacobian from step to step while the iterations converge fast, and the factors
// of I - w J while w stays, so what it costs does not depend on who shares its batch.
#pragma once

#include <span>
#include <vector>

#include "engine/core/types.h"
#include "engine/ode/error_norm.h"
#include "engine/ode/jacobian.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

struct NewtonOptions {
  ErrorNorm norm;
  double rtol = 0, atol = 0;  // scale of the error norm
  double kappa = 1e-2;        // the error left in Y, as a part of that
  int max_iterations = 10;

  // Stages solved to rounding, so that a step of fixed length is the method's own.
  static NewtonOptions to_rounding(double epsilon);
  // Whether one iteration can do when those of the stage before converged fast.
  bool trusting = true;
  // An iteration this short that is no shorter than the one before is rounding, not divergence.
  double rounding = 0;
};

template <class Scalar>
class NewtonSolver {
 public:
  // Forgets all Jacobians.
  void reset(const NewtonOptions& options, Index dim, Index batch);

  // Before the stages of a step from t, y (D x n) of these samples: evaluates Jacobians where there
  // is none worth keeping, and adds them to jacobians (per sample of the batch).
  void begin_step(VectorField<Scalar>& field, std::span<const int> samples, TimesIn t,
                  MatrixIn<Scalar> y, std::vector<Count>& jacobians);

  // y: D x n; r on entry, Y on return. k: D x n; a guess on entry. Iterates on k: a division of Y -
  // r by a small w would lose digits. Adds the evaluations to nfe (per sample of the batch).
  // Columns that do not converge set failed(), and have k = 0.
  void solve(VectorField<Scalar>& field, std::span<const int> samples, TimesIn t,
             const Vector<double>& w, MatrixOut<Scalar> y, MatrixOut<Scalar> k,
             std::vector<Count>& nfe);

  // Whether a stage of the step failed, and whether its Jacobian was of an earlier step, so that a
  // new one may help.
  bool failed(int sample) const { return state(sample).failed; }
  bool outdated(int sample) const { return state(sample).age > 0; }
  void renew(int sample) { state(sample).wanted = true; }
  std::size_t bytes() const;

 private:
  struct Sample {
    bool wanted = true;  // a new Jacobian at the next step
    bool failed = false;
    int age = 0;            // steps since the Jacobian
    double w = 0;           // of the factors; 0: none
    double worst_rate = 0;  // of convergence, in this step
    double eta = 1;  // error after an iteration / length of its step: as measured last, and fading
  };
  struct Open {
    int column = 0, iteration = 0;
    double length = 0;  // of the last iteration's step
  };

  Sample& state(int sample) { return samples_[static_cast<std::size_t>(sample)]; }
  const Sample& state(int sample) const { return samples_[static_cast<std::size_t>(sample)]; }
  bool factor(int sample, double w);
  // One iteration of a column with the value f of the field at Y. Returns whether it goes on.
  bool iterate(Open& open, int sample, double w, Scalar* y, Scalar* k, const Scalar* r,
               const Scalar* f);

  NewtonOptions options_;
  Index dim_ = 0;
  std::vector<Sample> samples_;
  Matrix<Scalar> jacobian_, lu_;  // D x DB
  std::vector<int> pivots_;       // DB
  JacobianEvaluator<Scalar> evaluator_;

  std::vector<Open> open_;
  std::vector<int> open_samples_;
  Matrix<Scalar> r_, y_, f_;  // D x B
  Vector<double> t_;          // B
};

extern template class NewtonSolver<float>;
extern template class NewtonSolver<double>;

}  // namespace neural_ode
