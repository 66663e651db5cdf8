// How fast a method's error falls: against its step, and against its work.
#pragma once

#include <span>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/types.h"
#include "engine/ode/solver.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

// The field is solved from y0 at t0 to t1 and compared there with the reference.
struct ConvergenceProblem {
  VectorField<double>* field = nullptr;
  Vector<double> y0;  // D
  double t0 = 0, t1 = 1;
  Vector<double> reference;    // D: the state at t1
  double reference_error = 0;  // how far off it is, in the measure of relative_error
  double atol_ratio = 0.01;    // atol of adaptive solves, over their rtol
  int max_steps = 1000000;     // of a solve
};

// The largest error of a component over the largest component of the reference.
double relative_error(VectorIn<double> y, VectorIn<double> reference);

// The problem with its reference from the highest-order adaptive method that solves it at
// rtol 1e-13; reference_error is its distance from the next such method (from itself at 1e-12 where
// there is none), so that it holds what the problem does to rounding errors. Errors: no adaptive
// method came to t1.
Result<ConvergenceProblem> with_reference(VectorField<double>& field, VectorIn<double> y0,
                                          double t0, double t1, double atol_ratio = 0.01);

// One solve. `control` is what was asked for: rtol, or the step size.
struct ErrorPoint {
  double control = 0;
  Count nfe = 0;     // evaluations of f; a Jacobian counts as D
  double error = 0;  // see relative_error
  Count accepted = 0, rejected = 0, jacobians = 0;
};
struct FailedPoint {
  double control = 0;
  SolveStatus status = SolveStatus::ok;
  double t = 0;   // where it stopped
  Count nfe = 0;  // up to there
};
struct ErrorCurve {
  std::vector<ErrorPoint> points;
  std::vector<FailedPoint> failed;  // solves that did not come to t1: they have no error
};

// One solve for each control: rtol where the options are adaptive, else the step size.
ErrorCurve work_precision(const ConvergenceProblem& problem, SolverOptions options,
                          std::span<const double> controls);

// 10 reference errors, and not less than 500 machine epsilons: an error below is as much rounding,
// or that of the reference, as the method's own.
double rounding_floor(const ConvergenceProblem& problem);
// Least-squares slope of log error over log control, through the finest four points with an error
// between `floor` and a tenth; points from coarse to fine. NaN where there are fewer than two.
double finest_slope(std::span<const ErrorPoint> points, double floor);

struct MeasuredOrder {
  ErrorCurve curve;           // control: the step, halved from point to point
  double rounding_floor = 0;  // of the problem
  double order = 0;           // the finest slope
};

// Fixed steps (t1 - t0) / n for n = coarsest, 2 coarsest, ..., 2^halvings coarsest. Once two steps
// in a row are below the rounding floor, finer ones are not solved.
MeasuredOrder measure_order(const ConvergenceProblem& problem, SolverOptions options, int coarsest,
                            int halvings);

}  // namespace neural_ode
