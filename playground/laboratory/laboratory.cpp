#include "playground/laboratory/laboratory.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/analysis/recorded_solve.h"
#include "engine/core/math.h"
#include "engine/fields/systems.h"
#include "playground/picture/axis_range.h"
#include "playground/picture/plots.h"
#include "playground/training/saved_run.h"

namespace neural_ode {

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
// atol over rtol, as in `neural-ode study`.
constexpr double atol_ratio = 0.01;
// A solve that needs more is a point without an answer rather than a page that hangs.
constexpr int most_steps = 50000;

}  // namespace

Status Laboratory::reset(const Settings& settings, std::uint64_t seed) {
  settings_ = settings;
  seed_ = seed;
  step_ = 0;
  loss_ = unknown;
  clear_study();
  const Status status = prepare();
  ready_ = static_cast<bool>(status);
  return status;
}

StepReport Laboratory::step() {
  if (!ready_) return {false, 0, unknown, "there is no run: its settings cannot be used"};
  const auto point = static_cast<int>(step_ % info().default_steps);
  if (point == 0) clear_study();
  const double error = measure(point);
  loss_ = std::isfinite(error) ? error : 1;
  return {true, ++step_, loss_, {}};
}

std::vector<std::uint8_t> Laboratory::save() const {
  if (!ready_) return {};
  return write_saved_run({info().name, seed_, step_, {}, {}}, settings_);
}

Status Laboratory::load(std::span<const std::uint8_t> safetensors) {
  if (!ready_) return Error{"there is no run to load into: its settings cannot be used"};
  const auto read = read_saved_run(safetensors);
  if (!read) return Error{read.error()};
  const SavedRun& run = read.value();
  const auto saved = settings_of(run, info());
  if (!saved) return Error{saved.error()};
  if (!(saved.value() == settings_) || run.seed != seed_) {
    return Error{"the saved run does not fit these settings: it was made with others"};
  }
  const std::int64_t course = info().default_steps;
  step_ = run.step > 0 ? (run.step - 1) / course * course : 0;
  loss_ = unknown;
  clear_study();
  while (step_ < run.step) step();
  return {};
}

Parameter method_row(std::string name, std::string label, std::string_view value, Offered offered,
                     std::string help) {
  std::vector<Choice> choices;
  for (const ButcherTableau* method : methods()) {
    if (offered == Offered::one_step && (method->partitioned || method->past > 0)) continue;
    choices.push_back({std::string(method->name), std::string(method->name)});
  }
  return choice_row(Group::solver, std::move(name), std::move(label), std::move(choices), value,
                    std::move(help));
}

Parameter duration_row() {
  return logarithmic(real_row(Group::data, "duration", "Duration", 0.05, 2, 1,
                              "How far to solve, in multiples of the system's own time."));
}

void add_step_rows(std::vector<Parameter>& table, double tolerance, double step_size) {
  table.push_back(logarithmic(real_row(Group::solver, "step_size", "Step size", 0.002, 1, step_size,
                                       "The step h of methods that do not choose their own.")));
  table.push_back(flag_row(Group::solver, "fixed", "Fixed steps", false,
                           "Methods that could choose their own steps take those of the step size "
                           "instead."));
  table.push_back(shown_for(
      logarithmic(real_row(Group::solver, "tolerance", "Tolerance", 1e-12, 0.1, tolerance,
                           "Relative error allowed in a step of the methods that choose their own; "
                           "the absolute one is a hundredth of it.")),
      "fixed", {"false"}));
}

SolverOptions laboratory_options(const Settings& settings, const ButcherTableau& method) {
  SolverOptions options;
  options.method = &method;
  options.fixed = settings.flag("fixed");
  options.max_steps = most_steps;
  set_control(options,
              options.adaptive() ? settings.number("tolerance") : settings.number("step_size"));
  return options;
}

double study_control(const SolverOptions& options, double duration, int point) {
  double control = options.adaptive() ? 0.1 : duration / 8;
  for (int i = 0; i < point; ++i) control /= options.adaptive() ? 10 : 2;
  return control;
}

void set_control(SolverOptions& options, double control) {
  options.step_size = control;
  options.rtol = control;
  options.atol = control * atol_ratio;
}

std::vector<Choice> system_choices(std::span<const std::string_view> names) {
  std::vector<Choice> choices;
  const auto add = [&](const System& system) {
    choices.push_back({std::string(system.name), std::string(system.label)});
  };
  for (const std::string_view name : names) add(*find_system(name));
  if (names.empty()) {
    for (const System& system : systems()) add(system);
  }
  return choices;
}

Plot system_preview(std::string_view name) {
  constexpr int vertices = 400;
  Plot plot;
  plot.id = std::string(name);
  const System* system = find_system(name);
  if (system == nullptr) return plot;
  SolverOptions options;
  options.method = find_method("kencarp5");
  options.rtol = 1e-4;
  options.atol = 1e-8;
  const auto field = system->make();
  const RecordedSolve solve(*field,
                            Eigen::Map<const Vector<double>>(system->y0.data(), system->dim), 0,
                            system->t_end, options);
  Matrix<double> states(2, vertices);
  Paths path;
  path.starts = {0};
  for (int i = 0; i < vertices; ++i) {
    const double t = system->t_end * i / (vertices - 1);
    const Vector<double> y = solve.state(t);
    states.col(i) << (system->dim > 1 ? y[0] : t), (system->dim > 1 ? y[1] : y[0]);
    path.append(states(0, i), states(1, i));
  }
  set_phase_axes(plot, states, 1.15);
  plot.layers.push_back(make_layer(std::move(path), Role::accent));
  return plot;
}

bool drawable(double value) {
  return value > 1e-30 && value < 1e30;
}

Vector<double> phase_point(double t, const Vector<double>& y) {
  if (y.size() == 1) return Eigen::Vector2d(t, y[0]);
  return y.head(y.size() == 3 ? 3 : 2);
}

double farthest_drawn(const Plot& plot) {
  double farthest = 0;
  for (const Axis* axis : {&plot.x, &plot.y, plot.spatial ? &plot.z : &plot.y})
    farthest = std::max({farthest, std::abs(axis->minimum), std::abs(axis->maximum)});
  return 20 * farthest;
}

bool is_within(double farthest, const Vector<double>& point) {
  for (const double value : point)
    if (!(std::abs(value) < farthest)) return false;
  return true;
}

void append_phase_point(SpaceVertices& vertices, const Vector<double>& point) {
  if (point.size() > 2) return vertices.append(point[0], point[1], point[2]);
  vertices.append(point[0], point[1]);
}

void set_phase_axes(Plot& plot, const Matrix<double>& states, double margin) {
  constexpr double unlike = 6;
  const Index dim = states.rows();
  AxisRange range[3];
  double widest = 0, narrowest = INFINITY;
  for (Index axis = 0; axis < dim; ++axis) {
    for (Index i = 0; i < states.cols(); ++i) range[axis].add(states(axis, i));
    widest = std::max(widest, range[axis].high() - range[axis].low());
    narrowest = std::min(narrowest, range[axis].high() - range[axis].low());
  }
  plot.spatial = dim == 3;
  if (widest < unlike * narrowest) {
    if (plot.spatial) return set_cube(plot, states, margin);
    return set_axes(plot, view_of(states, margin), plot.x.label, plot.y.label);
  }
  Axis* axes[3] = {&plot.x, &plot.y, &plot.z};
  for (Index axis = 0; axis < dim; ++axis) {
    const double middle = (range[axis].low() + range[axis].high()) / 2;
    double half = (range[axis].high() - range[axis].low()) / 2 * margin;
    if (!(half > 0)) half = margin;
    axes[axis]->minimum = middle - half;
    axes[axis]->maximum = middle + half;
  }
}

}  // namespace neural_ode
