#include "playground/experiments/gradients/experiment.h"

#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "playground/experiments/gradients/picture.h"
#include "playground/experiments/gradients/problem.h"
#include "playground/experiments/gradients/run.h"
#include "playground/laboratory/laboratory.h"

namespace neural_ode::gradients {

namespace {

std::vector<Contestant> make_contestants(int kept) {
  std::vector<Contestant> contestants;
  const auto add = [&](std::string name, std::string label, std::string_view strategy,
                       const GradientOptions& options) {
    contestants.push_back(
        {std::move(name), std::move(label), find_gradient(strategy), options, {}, 0, {}, {}});
  };
  add("discrete", "discrete", "discrete", {});
  add("checkpoints", std::to_string(kept) + (kept == 1 ? " checkpoint" : " checkpoints"),
      "discrete", {.checkpoints = kept});
  add("interpolated", "interpolated", "interpolated", {});
  add("backsolve", "backsolve", "backsolve", {});
  add("reset", "backsolve, reset", "backsolve", {.reset = true});
  return contestants;
}

class Gradients final : public Laboratory {
 public:
  const ExperimentInfo& info() const override { return gradients_info(); }
  Frame frame() override { return ready() ? picture(run_, steps_done(), loss()) : Frame(); }
  Plot preview(std::string_view parameter, std::string_view choice) const override {
    return gradients::preview(parameter, choice);
  }

 private:
  Status prepare() override;
  void clear_study() override;
  double measure(int point) override;

  MeasuredGradient gradient_of(const Contestant& contestant, double duration,
                               const SolverOptions& solver) const {
    return measure_gradient(*run_.field, run_.y0, run_.options.output_times(duration), solver,
                            *contestant.strategy, contestant.options);
  }

  Run run_;
};

Status Gradients::prepare() {
  run_ = {};
  run_.options = read_options(settings());
  const Options& options = run_.options;
  make_problem(run_, seed());
  run_.contestants = make_contestants(options.checkpoints);
  run_.exact = exact_gradient(run_, options.duration);
  if (run_.exact.status != SolveStatus::ok) {
    return Error{"the gradient of '" + options.data +
                 "' cannot be found this far: expected a shorter duration"};
  }
  run_.difference_error = difference_error(run_, seed());
  for (Contestant& each : run_.contestants) {
    each.measured = gradient_of(each, options.duration, options.solver);
    each.error = gradient_error(each.measured, run_.exact);
  }
  solve_there_and_back(run_);
  return {};
}

void Gradients::clear_study() {
  for (Contestant& each : run_.contestants) {
    each.against_control.clear();
    each.against_duration.clear();
  }
}

double Gradients::measure(int point) {
  const Options& options = run_.options;
  SolverOptions tightened = options.solver;
  const double control = study_control(options.solver, options.duration, point);
  set_control(tightened, control);
  const double part = options.duration * (point + 1) / static_cast<double>(info().default_steps);
  const MeasuredGradient exact = exact_gradient(run_, part);
  double loss = std::numeric_limits<double>::quiet_NaN();
  for (Contestant& each : run_.contestants) {
    const double error = gradient_error(gradient_of(each, options.duration, tightened), run_.exact);
    if (&each == run_.contestants.data()) loss = error;
    each.against_control.push_back({control, error});
    const MeasuredGradient shorter = gradient_of(each, part, options.solver);
    if (shorter.status != SolveStatus::ok) continue;
    each.against_duration.push_back({part, static_cast<double>(shorter.bytes),
                                     static_cast<double>(shorter.nfe_backward + shorter.nvjp),
                                     gradient_error(shorter, exact)});
  }
  return loss;
}

}  // namespace

}  // namespace neural_ode::gradients

namespace neural_ode {

std::unique_ptr<Experiment> make_gradients() {
  return std::make_unique<gradients::Gradients>();
}

}  // namespace neural_ode
