#include "playground/experiments/gradients/problem.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "engine/core/rng.h"
#include "engine/fields/mlp_field.h"

namespace neural_ode::gradients {

namespace {

enum Stream : std::uint64_t { weight_stream = 2, direction_stream = 3 };

SolverOptions tight_options() {
  SolverOptions options;
  options.method = find_method("dopri8");
  options.rtol = 1e-13;
  options.atol = 1e-15;
  return options;
}

std::unique_ptr<MlpField<double>> make_network(const Options& options) {
  return std::make_unique<MlpField<double>>(
      mlp_layers(2, options.hidden, options.layers, 2, options.activation), false);
}

// theta outlives it.
std::unique_ptr<VectorField<double>> make_field(const Options& options,
                                                const Vector<double>& theta) {
  if (options.system != nullptr) {
    return options.system->make(std::vector<double>(theta.begin(), theta.end()));
  }
  auto network = make_network(options);
  network->bind(theta.data());
  return network;
}

double loss_at(const Options& options, const Vector<double>& y0, const Vector<double>& theta) {
  Solver<double> solver(tight_options());
  const std::vector<double> times = options.output_times(options.duration);
  const Eigen::Map<const Vector<double>> rows(times.data(), static_cast<Index>(times.size()));
  if (!solver.solve(*make_field(options, theta), y0, rows).succeeded()) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  double sum = 0;
  for (std::size_t k = 1; k < times.size(); ++k) {
    for (Index i = 0; i < y0.size(); ++i) sum += solver.states()[k](i, 0);
  }
  return sum;
}

}  // namespace

void make_problem(Run& run, std::uint64_t seed) {
  const Options& options = run.options;
  if (const System* system = options.system) {
    run.title = system->label;
    run.y0 = Eigen::Map<const Vector<double>>(system->y0.data(), system->dim);
    run.theta.resize(static_cast<Index>(system->parameters.size()));
    for (Index i = 0; i < run.theta.size(); ++i) {
      const SystemParameter& parameter = system->parameters[static_cast<std::size_t>(i)];
      run.theta[i] = parameter.name == "rate" ? options.rate : parameter.value;
    }
  } else {
    run.title = "A network";
    run.y0 = Eigen::Vector2d(1, 0);
    const auto network = make_network(options);
    run.theta.resize(network->parameter_count());
    Rng weights(seed, weight_stream);
    network->mlp().initialize(weights, false, run.theta);
    run.theta *= 2;  // a field that bends its trajectory
  }
  run.field = make_field(options, run.theta);
}

void solve_there_and_back(Run& run) {
  const SolverOptions& solver = run.options.solver;
  const double end = run.options.duration;
  run.there = std::make_unique<RecordedSolve>(*run.field, run.y0, 0, end, solver);
  run.back.reset();
  if (!run.there->succeeded()) return;
  run.back = std::make_unique<RecordedSolve>(*run.field, run.there->state(end), end, 0, solver);
}

MeasuredGradient exact_gradient(const Run& run, double duration) {
  return measure_gradient(*run.field, run.y0, run.options.output_times(duration), tight_options(),
                          *find_gradient("discrete"));
}

// By five points, as gradient_report takes them, along a random direction scaled to the
// entries.
double difference_error(const Run& run, std::uint64_t seed) {
  constexpr double step = 1e-3;
  Rng rng(seed, direction_stream);
  const auto direction_of = [&](const Vector<double>& at) {
    Vector<double> direction(at.size());
    for (Index i = 0; i < at.size(); ++i) {
      direction[i] = rng.uniform(-1, 1) * std::max(std::abs(at[i]), 0.1);
    }
    return direction;
  };
  const Vector<double> y_direction = direction_of(run.y0),
                       theta_direction = direction_of(run.theta);
  const auto at = [&](double offset) {
    return loss_at(run.options, run.y0 + offset * y_direction,
                   run.theta + offset * theta_direction);
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
  add(run.exact.y0_bar, y_direction);
  add(run.exact.theta_bar, theta_direction);
  return std::abs(slope - difference) / scale;
}

}  // namespace neural_ode::gradients
