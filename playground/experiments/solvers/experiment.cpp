#include "playground/experiments/solvers/experiment.h"

#include <cmath>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/analysis/separable.h"
#include "playground/experiments/solvers/picture.h"
#include "playground/experiments/solvers/run.h"
#include "playground/laboratory/laboratory.h"

namespace neural_ode::solvers {

namespace {

// The accurate solution in so short steps that what is read between them is as good: of the first
// method that comes to the end.
std::unique_ptr<RecordedSolve> solve_accurately(VectorField<double>& field,
                                                const Vector<double>& y0, double duration) {
  constexpr int fewest_steps = 2000;
  constexpr struct {
    std::string_view method;
    double rtol;
  } attempts[] = {{"dopri8", 1e-13}, {"kvaerno5", 1e-11}};
  std::unique_ptr<RecordedSolve> solve;
  for (const auto& attempt : attempts) {
    SolverOptions options;
    options.method = find_method(attempt.method);
    options.rtol = attempt.rtol;
    options.atol = attempt.rtol / 100;
    options.max_step = duration / fewest_steps;
    solve = std::make_unique<RecordedSolve>(field, y0, 0, duration, options);
    if (solve->succeeded()) break;
  }
  return solve;
}

class Solvers final : public Laboratory {
 public:
  const ExperimentInfo& info() const override { return solvers_info(); }
  Frame frame() override { return ready() ? picture(run_, steps_done(), loss()) : Frame(); }
  Plot preview(std::string_view parameter, std::string_view choice) const override {
    return solvers::preview(parameter, choice);
  }

 private:
  Status prepare() override;
  void clear_study() override;
  double measure(int point) override;

  Run run_;
};

Status Solvers::prepare() {
  run_ = {};
  run_.options = read_options(settings());
  const System& system = *run_.options.system;
  const double duration = run_.options.duration;
  run_.field = system.make(run_.options.theta);
  run_.y0 = Eigen::Map<const Vector<double>>(system.y0.data(), system.dim);
  VectorField<double>& field = *run_.field;
  for (std::size_t i = 0; i < run_.contestants.size(); ++i) {
    Contestant& each = run_.contestants[i];
    each.options = run_.options.solvers[i];
    each.role = i == 0 ? Role::class_a : Role::class_b;
    if (each.method().partitioned && !separable(field, 0, run_.y0)) {
      return Error{std::string(method_rows[i]) + ": " + each.name() +
                   " takes fields of the form q' = f(t, p), p' = g(t, q), which '" +
                   std::string(system.name) + "' is not"};
    }
  }
  auto problem = with_reference(field, run_.y0, 0, duration);
  if (!problem) return Error{problem.error()};
  run_.problem = std::move(problem.value());
  run_.problem.max_steps = run_.contestants[0].options.max_steps;
  run_.reference = solve_accurately(field, run_.y0, duration);
  for (Contestant& each : run_.contestants) {
    each.solve = std::make_unique<RecordedSolve>(field, run_.y0, 0, duration, each.options);
    const double control = each.options.step_size;
    const ErrorCurve set = work_precision(run_.problem, each.options, std::span(&control, 1));
    each.error = set.points.empty() ? unknown : set.points[0].error;
    each.nfe = set.points.empty() ? set.failed[0].nfe : set.points[0].nfe;
    each.stability = stability_plot(run_, each);
  }
  return {};
}

void Solvers::clear_study() {
  for (Contestant& each : run_.contestants) {
    each.study = {};
    each.order = unknown;
  }
}

double Solvers::measure(int point) {
  const double duration = run_.options.duration;
  double first = unknown;
  for (Contestant& each : run_.contestants) {
    const double control = study_control(each.options, duration, point);
    const ErrorCurve made = work_precision(run_.problem, each.options, std::span(&control, 1));
    for (const ErrorPoint& found : made.points) {
      if (&each == run_.contestants.data()) first = found.error;
      if (std::isfinite(found.error)) each.study.points.push_back(found);
    }
    for (const FailedPoint& found : made.failed) each.study.failed.push_back(found);
    each.order = finest_slope(each.refined(duration), rounding_floor(run_.problem));
  }
  return first;
}

}  // namespace

std::vector<ErrorPoint> Contestant::against_steps(double duration) const {
  std::vector<ErrorPoint> points = study.points;
  for (ErrorPoint& point : points) point.control = duration / static_cast<double>(point.accepted);
  return points;
}

std::vector<ErrorPoint> Contestant::refined(double duration) const {
  constexpr double finer = 0.85;
  std::vector<ErrorPoint> points;
  for (const ErrorPoint& point : against_steps(duration)) {
    if (points.empty() || point.control < finer * points.back().control) points.push_back(point);
  }
  return points;
}

}  // namespace neural_ode::solvers

namespace neural_ode {

std::unique_ptr<Experiment> make_solvers() {
  return std::make_unique<solvers::Solvers>();
}

}  // namespace neural_ode
