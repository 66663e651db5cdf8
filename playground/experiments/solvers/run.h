// One run of `solvers`: what it holds, what it does (solvers.cpp) and what it shows
// (solvers_picture.cpp, solvers_stability.cpp).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/analysis/convergence.h"
#include "engine/analysis/recorded_solve.h"
#include "engine/data/systems.h"
#include "playground/experiments/solvers/experiment.h"
#include "playground/laboratory/laboratory.h"

namespace neural_ode {

class Solvers final : public Laboratory {
 public:
  const ExperimentInfo& info() const override { return solvers_info(); }
  Frame frame() override;
  Plot preview(std::string_view parameter, std::string_view choice) const override;

 private:
  // One of the two methods.
  struct Contestant {
    const ButcherTableau* method = nullptr;
    Role role = Role::model;
    SolverOptions options;                 // as the settings have them
    std::unique_ptr<RecordedSolve> solve;  // with these
    double error = 0;                      // of it at the end, as relative_error; NaN: it failed
    long nfe = 0;                          // without what the picture evaluates between its steps
    ErrorCurve study;
    double order = 0;  // measured by the study; NaN: not yet
    Plot stability;    // of the solve's steps

    // The points of the study against their mean steps, in time; and those of them whose steps
    // are really finer than those before: where stability sets the steps, a tolerance does not.
    std::vector<ErrorPoint> against_steps(double duration) const;
    std::vector<ErrorPoint> refined(double duration) const;
  };

  Status prepare() override;
  void clear_study() override;
  double measure(int point) override;

  Vector<double> reference(double t) const;  // the accurate solution
  void linearise_steps(Contestant& contestant);
  Plot phase_plot() const;
  Plot error_plot() const;
  Plot order_plot() const;
  Plot work_plot() const;
  Plot tolerance_plot() const;
  Plot step_plot() const;
  std::string describe() const;

  const System* system_ = nullptr;
  std::unique_ptr<VectorField<double>> field_;
  Vector<double> y0_;
  double duration_ = 0;
  ConvergenceProblem problem_;
  std::unique_ptr<RecordedSolve> reference_;
  Contestant contestants_[2];
};

}  // namespace neural_ode
