// What one run of `solvers` holds: its picture is drawn from it.
#pragma once

#include <array>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "engine/analysis/convergence.h"
#include "engine/analysis/recorded_solve.h"
#include "playground/experiments/solvers/parameters.h"
#include "playground/picture/frame.h"

namespace neural_ode::solvers {

inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// One of the two methods.
struct Contestant {
  SolverOptions options;  // as the settings have them
  Role role = Role::model;
  std::unique_ptr<RecordedSolve> solve;  // with these
  double error = 0;                      // of it at the end, as relative_error; NaN: it failed
  Count nfe = 0;                         // without what the picture evaluates between its steps
  ErrorCurve study;
  double order = unknown;  // measured by the study; NaN: not yet
  Plot stability;          // of the solve's steps

  const ButcherTableau& method() const { return *options.method; }
  std::string name() const { return std::string(method().name); }
  // The points of the study against their mean steps, in time; and those of them whose steps are
  // really finer than those before: where stability sets the steps, a tolerance does not.
  std::vector<ErrorPoint> against_steps(double duration) const;
  std::vector<ErrorPoint> refined(double duration) const;
};

struct Run {
  Options options;
  std::unique_ptr<VectorField<double>> field;
  Vector<double> y0;
  ConvergenceProblem problem;
  std::unique_ptr<RecordedSolve> reference;  // the accurate solution
  std::array<Contestant, 2> contestants;
};

}  // namespace neural_ode::solvers
