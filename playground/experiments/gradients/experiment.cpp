#include "playground/experiments/gradients/experiment.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/rng.h"
#include "engine/data/systems.h"
#include "engine/nn/activation.h"
#include "playground/experiments/gradients/run.h"

namespace neural_ode {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
// Backwards many problems ask for ever more steps: a strategy that needs more than this has failed.
constexpr int most_steps = 20000;
constexpr double network_duration = 5;
enum Stream : std::uint64_t { weight_stream = 2, direction_stream = 3 };

constexpr std::string_view offered[] = {"spiral",      "pendulum", "lotka_volterra",
                                        "van_der_pol", "lorenz",   "relaxation"};
// Differences say nothing of a chaotic system for as long as a look at it lasts.
constexpr double lorenz_duration = 3;

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = "gradients";
  info.label = "Gradients";
  info.promise =
      "Five ways to differentiate through a solve: how wrong, how dear, how much memory.";
  info.look_for =
      "The blue line is the solve there, the orange one the way back from its end, which backsolve "
      "takes to save memory: where neighbours draw together forwards they part backwards, and its "
      "gradient is that of another trajectory. Each step of the study tightens the tolerance and "
      "lengthens the solve: only the bytes of backsolve stay as they are.";
  info.trains = false;
  info.default_steps = 10;
  info.suggestions = {
      {"Where backsolve works", {{"data", "pendulum"}, {"duration", "0.5"}}},
      {"A limit cycle cannot be followed back", {{"data", "van_der_pol"}}},
      {"What is forgotten fast is lost", {{"data", "relaxation"}, {"rate", "20"}}},
      {"Chaos", {{"data", "lorenz"}, {"tolerance", "1e-8"}}},
      {"A network, in coarse steps",
       {{"data", "network"}, {"solver", "rk4"}, {"step_size", "0.2"}}},
  };
  auto& table = info.parameters;
  std::vector<Choice> choices = system_choices(offered);
  choices.push_back({"network", "A network"});
  table.push_back(choice_row(Group::data, "data", "System", std::move(choices), "van_der_pol",
                             "The equation whose loss, the sum of the states at the output times, "
                             "is differentiated in y0 and its parameters."));
  table.back().pictures = true;
  table.push_back(shown_for(logarithmic(real_row(Group::data, "rate", "Rate", 1, 100, 20,
                                                 "How fast the past is forgotten.")),
                            "data", {"relaxation"}));
  table.push_back(duration_row());
  table.push_back(integer_row(Group::data, "outputs", "Output times", 1, 50, 10,
                              "States that the loss sums, equally spaced in time. The adjoint "
                              "jumps at each of them."));
  for (Parameter row : {hidden_row(16), layers_row(1), activation_row("tanh")}) {
    table.push_back(shown_for(std::move(row), "data", {"network"}));
  }
  table.push_back(method_row("solver", "Method", "dopri5", Offered::one_step,
                             "The method of the solve and of the equations that go back."));
  add_step_rows(table, 1e-6, 0.05);
  table.push_back(integer_row(Group::solver, "checkpoints", "Checkpoints", 1, 100, 4,
                              "States kept by the strategy that keeps few; the others between them "
                              "are found again."));
  return info;
}

// As good as rounding lets a solution be.
SolverOptions tight_options() {
  SolverOptions options;
  options.method = find_method("dopri8");
  options.rtol = 1e-13;
  options.atol = 1e-15;
  return options;
}

}  // namespace

const ExperimentInfo& gradients_info() {
  static const ExperimentInfo info = make_info();
  return info;
}

VectorField<double>& Gradients::field(const Vector<double>& theta) {
  if (system_ == nullptr) {
    network_theta_ = theta;
    network_->bind(network_theta_.data());
    return *network_;
  }
  system_field_ = system_->make(std::vector<double>(theta.begin(), theta.end()));
  return *system_field_;
}

void Gradients::make_problem() {
  system_ = find_system(settings().choice("data"));
  duration_ = settings().number("duration");
  if (system_ == nullptr) {
    title_ = "A network";
    duration_ *= network_duration;
    const auto layers = mlp_layers(2, settings().integer("hidden"), settings().integer("layers"), 2,
                                   *find_activation(settings().choice("activation")));
    network_ = std::make_unique<MlpField<double>>(layers, false);
    theta_.resize(network_->parameter_count());
    Rng weights(seed(), weight_stream);
    network_->mlp().initialize(weights, false, theta_);
    theta_ *= 2;  // a field that bends its trajectory
    y0_ = Eigen::Vector2d(1, 0);
    return;
  }
  title_ = system_->label;
  duration_ *= system_->name == "lorenz" ? lorenz_duration : system_->t_end;
  y0_ = Eigen::Map<const Vector<double>>(system_->y0.data(), system_->dim);
  theta_.resize(static_cast<Index>(system_->parameters.size()));
  for (Index i = 0; i < theta_.size(); ++i) {
    const SystemParameter& parameter = system_->parameters[static_cast<std::size_t>(i)];
    theta_[i] = parameter.name == "rate" ? settings().number("rate") : parameter.value;
  }
}

Status Gradients::prepare() {
  make_problem();
  options_ = laboratory_options(settings(), *find_method(settings().choice("solver")));
  options_.max_steps = most_steps;
  contestants_.clear();
  const int kept = settings().integer("checkpoints");
  const auto add = [&](std::string name, std::string label, std::string_view strategy,
                       const GradientOptions& options) {
    contestants_.push_back(
        {std::move(name), std::move(label), find_gradient(strategy), options, {}, 0, {}, {}});
  };
  add("discrete", "discrete", "discrete", {});
  add("checkpoints", std::to_string(kept) + (kept == 1 ? " checkpoint" : " checkpoints"),
      "discrete", {.checkpoints = kept});
  add("interpolated", "interpolated", "interpolated", {});
  add("backsolve", "backsolve", "backsolve", {});
  add("reset", "backsolve, reset", "backsolve", {.reset = true});
  exact_ = exact_gradient(duration_);
  if (exact_.status != SolveStatus::ok) {
    return Error{"the gradient of '" + settings().choice("data") +
                 "' cannot be found this far: expected a shorter duration"};
  }
  difference_error_ = difference_error();
  for (Contestant& each : contestants_) {
    each.measured = measure_gradient(field(theta_), y0_, output_times(duration_), options_,
                                     *each.strategy, each.options);
    each.error = gradient_error(each.measured, exact_);
  }
  solve_there_and_back();
  return {};
}

std::vector<double> Gradients::output_times(double duration) const {
  const int outputs = settings().integer("outputs");
  std::vector<double> times;
  for (int i = 0; i <= outputs; ++i) times.push_back(duration * i / outputs);
  return times;
}

MeasuredGradient Gradients::exact_gradient(double duration) {
  return measure_gradient(field(theta_), y0_, output_times(duration), tight_options(),
                          *find_gradient("discrete"));
}

double Gradients::loss_at(const Vector<double>& y0, const Vector<double>& theta) {
  Solver<double> solver(tight_options());
  const std::vector<double> times = output_times(duration_);
  const Eigen::Map<const Vector<double>> rows(times.data(), static_cast<Index>(times.size()));
  if (!solver.solve(field(theta), y0, rows).succeeded()) return unknown;
  double sum = 0;
  for (std::size_t k = 1; k < times.size(); ++k) {
    for (Index i = 0; i < y0.size(); ++i) sum += solver.states()[k](i, 0);
  }
  return sum;
}

// By five points, as gradient_report takes them, along a random direction scaled to the entries.
double Gradients::difference_error() {
  constexpr double step = 1e-3;
  Rng rng(seed(), direction_stream);
  const auto direction_of = [&](const Vector<double>& at) {
    Vector<double> direction(at.size());
    for (Index i = 0; i < at.size(); ++i) {
      direction[i] = rng.uniform(-1, 1) * std::max(std::abs(at[i]), 0.1);
    }
    return direction;
  };
  const Vector<double> y_direction = direction_of(y0_), theta_direction = direction_of(theta_);
  const auto at = [&](double offset) {
    return loss_at(y0_ + offset * y_direction, theta_ + offset * theta_direction);
  };
  const double near = at(step) - at(-step), far = at(2 * step) - at(-2 * step);
  const double difference = (8 * near - far) / (12 * step);
  double slope = 0, scale = 0;
  const auto add = [&](const Vector<double>& bar, const Vector<double>& direction) {
    for (Index i = 0; i < bar.size(); ++i) {
      slope += bar[i] * direction[i];
      scale += std::abs(bar[i] * direction[i]);
    }
  };
  add(exact_.y0_bar, y_direction);
  add(exact_.theta_bar, theta_direction);
  return std::abs(slope - difference) / scale;
}

void Gradients::solve_there_and_back() {
  VectorField<double>& f = field(theta_);
  there_ = std::make_unique<RecordedSolve>(f, y0_, 0, duration_, options_);
  back_.reset();
  if (!there_->succeeded()) return;
  back_ = std::make_unique<RecordedSolve>(f, there_->state(duration_), duration_, 0, options_);
}

void Gradients::clear_study() {
  for (Contestant& each : contestants_) {
    each.against_control.clear();
    each.against_duration.clear();
  }
}

double Gradients::measure(int point) {
  SolverOptions tightened = options_;
  const double control = study_control(options_, duration_, point);
  set_control(tightened, control);
  const double part = duration_ * (point + 1) / static_cast<double>(info().default_steps);
  const MeasuredGradient exact = exact_gradient(part);
  double loss = unknown;
  for (Contestant& each : contestants_) {
    VectorField<double>& f = field(theta_);
    const double error = gradient_error(
        measure_gradient(f, y0_, output_times(duration_), tightened, *each.strategy, each.options),
        exact_);
    if (&each == contestants_.data()) loss = error;
    each.against_control.push_back({control, error});
    const MeasuredGradient shorter =
        measure_gradient(f, y0_, output_times(part), options_, *each.strategy, each.options);
    if (shorter.status != SolveStatus::ok) continue;
    each.against_duration.push_back({part, static_cast<double>(shorter.bytes),
                                     static_cast<double>(shorter.nfe_backward + shorter.nvjp),
                                     gradient_error(shorter, exact)});
  }
  return loss;
}

std::unique_ptr<Experiment> make_gradients() {
  return std::make_unique<Gradients>();
}

}  // namespace neural_ode
