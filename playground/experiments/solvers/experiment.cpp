#include "playground/experiments/solvers/experiment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/analysis/separable.h"
#include "playground/experiments/solvers/run.h"

namespace neural_ode {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// Parameters of systems that decide how stiff or how wild they are.
struct Knob {
  std::string_view system, parameter, label;
  double minimum, maximum;
};
constexpr Knob knobs[] = {{"van_der_pol", "mu", "μ", 0.1, 100},
                          {"relaxation", "rate", "Rate", 1, 1000},
                          {"lorenz", "rho", "ρ", 1, 50}};

const SystemParameter& parameter_of(const Knob& knob) {
  const auto& parameters = find_system(knob.system)->parameters;
  return *std::find_if(parameters.begin(), parameters.end(),
                       [&](const SystemParameter& each) { return each.name == knob.parameter; });
}

std::vector<double> theta_of(const System& system, const Settings& settings) {
  std::vector<double> theta;
  for (const SystemParameter& parameter : system.parameters) {
    double value = parameter.value;
    for (const Knob& knob : knobs) {
      if (knob.system == system.name && knob.parameter == parameter.name) {
        value = settings.number(knob.parameter);
      }
    }
    theta.push_back(value);
  }
  return theta;
}

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = "solvers";
  info.label = "Solvers";
  info.promise = "Two methods on one equation: where they go, how wrong they are, what they cost.";
  info.look_for =
      "The dashed line is the solution, the dots are the steps of the two methods. Each step of "
      "the "
      "study halves the step size, or divides the tolerance by ten: on the logarithmic axes a "
      "method of order p falls along a line of slope p. Where eigenvalues times h leave the blue "
      "region, the method blows up whatever its order.";
  info.trains = false;
  info.default_steps = 12;
  info.suggestions = {
      {"Order four against order one",
       {{"data", "pendulum"}, {"solver", "rk4"}, {"other", "euler"}, {"step_size", "0.05"}}},
      {"Keep the energy or the accuracy",
       {{"data", "kepler"}, {"solver", "leapfrog"}, {"other", "rk4"}, {"step_size", "0.05"}}},
      {"Stiff: stability sets the step",
       {{"data", "relaxation"},
        {"solver", "rk4"},
        {"other", "implicit_midpoint"},
        {"step_size", "0.06"}}},
      {"Steps that follow the motion",
       {{"data", "arenstorf"}, {"solver", "dopri8"}, {"other", "dopri5"}, {"tolerance", "1e-6"}}},
      {"A stiff oscillator",
       {{"data", "van_der_pol"},
        {"mu", "50"},
        {"duration", "2"},
        {"solver", "dopri5"},
        {"other", "kvaerno5"},
        {"tolerance", "1e-4"}}},
  };
  auto& table = info.parameters;
  table.push_back(choice_row(Group::data, "data", "System", system_choices(), "kepler",
                             "The equation dy/dt = f(t, y) that both methods solve."));
  table.back().pictures = true;
  for (const Knob& knob : knobs) {
    table.push_back(shown_for(
        logarithmic(real_row(Group::data, std::string(knob.parameter), std::string(knob.label),
                             knob.minimum, knob.maximum, parameter_of(knob).value,
                             "The parameter of the system that makes it harder to solve.")),
        "data", {std::string(knob.system)}));
  }
  table.push_back(duration_row());
  table.push_back(method_row("solver", "Method", "rk4", Offered::all,
                             "The first method, and the one whose error is the loss."));
  table.push_back(method_row("other", "Other method", "dopri5", Offered::all,
                             "The method it is compared with."));
  add_step_rows(table, 1e-3, 0.1);
  return info;
}

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

}  // namespace

const ExperimentInfo& solvers_info() {
  static const ExperimentInfo info = make_info();
  return info;
}

std::vector<ErrorPoint> Solvers::Contestant::against_steps(double duration) const {
  std::vector<ErrorPoint> points = study.points;
  for (ErrorPoint& point : points) point.control = duration / static_cast<double>(point.accepted);
  return points;
}

std::vector<ErrorPoint> Solvers::Contestant::refined(double duration) const {
  constexpr double finer = 0.85;
  std::vector<ErrorPoint> points;
  for (const ErrorPoint& point : against_steps(duration)) {
    if (points.empty() || point.control < finer * points.back().control) points.push_back(point);
  }
  return points;
}

Status Solvers::prepare() {
  system_ = find_system(settings().choice("data"));
  field_ = system_->make(theta_of(*system_, settings()));
  y0_ = Eigen::Map<const Vector<double>>(system_->y0.data(), system_->dim);
  duration_ = system_->t_end * settings().number("duration");
  const char* rows[] = {"solver", "other"};
  for (int i = 0; i < 2; ++i) {
    Contestant& each = contestants_[i];
    each.method = find_method(settings().choice(rows[i]));
    each.role = i == 0 ? Role::class_a : Role::class_b;
    if (each.method->partitioned && !separable(*field_, 0, y0_)) {
      return Error{std::string(rows[i]) + ": " + std::string(each.method->name) +
                   " takes fields of the form q' = f(t, p), p' = g(t, q), which '" +
                   std::string(system_->name) + "' is not"};
    }
    each.options = laboratory_options(settings(), *each.method);
  }
  auto problem = with_reference(*field_, y0_, 0, duration_);
  if (!problem) return Error{problem.error()};
  problem_ = std::move(problem.value());
  problem_.max_steps = contestants_[0].options.max_steps;
  reference_ = solve_accurately(*field_, y0_, duration_);
  for (Contestant& each : contestants_) {
    each.solve = std::make_unique<RecordedSolve>(*field_, y0_, 0, duration_, each.options);
    const double control = each.options.step_size;
    const ErrorCurve set = work_precision(problem_, each.options, std::span(&control, 1));
    each.error = set.points.empty() ? unknown : set.points[0].error;
    each.nfe = set.points.empty() ? set.failed[0].nfe : set.points[0].nfe;
    linearise_steps(each);
  }
  return {};
}

Vector<double> Solvers::reference(double t) const {
  return reference_->state(t);
}

void Solvers::clear_study() {
  for (Contestant& each : contestants_) {
    each.study = {};
    each.order = unknown;
  }
}

double Solvers::measure(int point) {
  double first = unknown;
  for (Contestant& each : contestants_) {
    const double control = study_control(each.options, duration_, point);
    const ErrorCurve made = work_precision(problem_, each.options, std::span(&control, 1));
    for (const ErrorPoint& found : made.points) {
      if (&each == contestants_) first = found.error;
      if (std::isfinite(found.error)) each.study.points.push_back(found);
    }
    for (const FailedPoint& found : made.failed) each.study.failed.push_back(found);
    each.order = finest_slope(each.refined(duration_), rounding_floor(problem_));
  }
  return first;
}

std::unique_ptr<Experiment> make_solvers() {
  return std::make_unique<Solvers>();
}

}  // namespace neural_ode
