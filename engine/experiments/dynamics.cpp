#include "engine/experiments/dynamics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/data/systems.h"
#include "engine/experiments/own_trajectories.h"
#include "engine/experiments/plots.h"
#include "engine/experiments/rows.h"
#include "engine/experiments/trainee.h"
#include "engine/experiments/windows.h"
#include "engine/gradient/gradient.h"
#include "engine/models/mlp_field.h"
#include "engine/nn/activation.h"

namespace neural_ode {

namespace {

constexpr char name[] = "dynamics";
constexpr std::int64_t default_steps = 1000;
constexpr std::int64_t steps_between_tests = 20;
constexpr int most_test_windows = 32;
constexpr int arrows = 24;
constexpr int path_vertices = 201;
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// Choices of the parameter `data` that are solutions of a known field.
struct KnownData {
  std::string_view name, label, system;
  double t_end;
};
constexpr std::array known_data = {
    KnownData{"linear", "Linear spiral", "spiral", 20},
    KnownData{"cubic", "Cubic spiral", "cubic_spiral", 20},
    KnownData{"two_attractors", "Two attractors", "two_attractors", 10},
};

const KnownData* find_data(std::string_view choice) {
  for (const KnownData& data : known_data) {
    if (data.name == choice) return &data;
  }
  return nullptr;
}

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = name;
  info.label = "Dynamics";
  info.promise = "From noisy observations of a motion, learn the law that moves it.";
  info.look_for =
      "Grey arrows are the true field, coloured ones the learnt field: watch them line up where "
      "there are data. The dashed part of the motion was never shown to the model; a law that is "
      "right goes on being right there.";
  info.default_steps = default_steps;
  info.suggestions = {
      {"Recover the matrix of a spiral",
       {{"data", "linear"}, {"model", "linear"}, {"trajectories", "1"}}},
      {"Two attractors with a small MLP", {{"data", "two_attractors"}, {"model", "mlp"}}},
      {"A cubic law, an MLP", {{"data", "cubic"}, {"model", "mlp"}}},
      {"A cubic law, a linear model: it cannot", {{"data", "cubic"}, {"model", "linear"}}},
  };

  std::vector<Choice> sets;
  std::vector<std::string> known;
  for (const KnownData& data : known_data) {
    sets.push_back({std::string(data.name), std::string(data.label)});
    known.emplace_back(data.name);
  }
  sets.push_back({"own", "Your own curve"});
  auto& table = info.parameters;
  table.push_back(choice_row(Group::data, "data", "Data", std::move(sets), "linear",
                             "Motions of a known field, or your own, drawn on the picture or "
                             "pasted as rows of t,x,y or t,x,y,trajectory."));
  table.back().pictures = true;
  table.push_back(shown_for(noise_row(0.01), "data", known));
  table.push_back(shown_for(integer_row(Group::data, "trajectories", "Trajectories", 1, 16, 8,
                                        "Motions observed, each from its own initial state."),
                            "data", known));
  table.push_back(shown_for(integer_row(Group::data, "points", "Observations", 20, 1000, 200,
                                        "Observations of each motion, equally spaced in time."),
                            "data", known));
  table.push_back(real_row(Group::data, "train_span", "Train span", 0.1, 1, 0.7,
                           "The first part of each motion is for training; the rest is kept to "
                           "see how the learnt law extrapolates."));
  table.push_back(integer_row(Group::data, "window", "Window", 2, 100, 20,
                              "Longest stretch, in observations, that is solved in a training "
                              "step; stretches of at least half of it begin at random places."));
  table.push_back(
      choice_row(Group::model, "model", "Model", {{"linear", "Linear"}, {"mlp", "MLP"}}, "linear",
                 "The form of the law: dy/dt = A y with a 2 x 2 matrix A, or a network f."));
  table.push_back(shown_for(flag_row(Group::model, "time_input", "Time as input", false,
                                     "Let f depend on t, for a field that itself changes."),
                            "model", {"mlp"}));
  table.push_back(shown_for(hidden_row(16), "model", {"mlp"}));
  table.push_back(shown_for(layers_row(1), "model", {"mlp"}));
  table.push_back(shown_for(activation_row("tanh"), "model", {"mlp"}));
  add_solver_rows(table, "rk4", 1e-4, 0.2);
  add_training_rows(table, 0.05, 32, "cosine");
  return info;
}

std::vector<LayerSpec> field_layers(const Settings& settings) {
  if (settings.choice("model") == "linear") return {{2, 2, Activation::identity, false}};
  return mlp_layers(settings.flag("time_input") ? 3 : 2, settings.integer("hidden"),
                    settings.integer("layers"), 2, *find_activation(settings.choice("activation")));
}

bool takes_time(const Settings& settings) {
  return settings.choice("model") == "mlp" && settings.flag("time_input");
}

// Mean squared entry over the columns of `y` from `first` to `last` - 1; NaN for none.
struct MeanSquare {
  double sum = 0;
  std::int64_t count = 0;
  void add(double difference) {
    sum += difference * difference;
    ++count;
  }
  double value() const { return count > 0 ? sum / static_cast<double>(count) : unknown; }
};

class Dynamics final : public Experiment {
 public:
  const ExperimentInfo& info() const override;
  Status reset(const Settings& settings, std::uint64_t seed) override;
  StepReport step() override;
  Frame frame() override;
  Status edit(const Edit& edit) override { return own_.edit(edit); }
  Status set_data(std::string_view csv) override { return own_.set(csv); }
  std::string data_csv() const override { return own_.csv(); }
  Plot preview(std::string_view parameter, std::string_view choice) const override;
  std::vector<std::uint8_t> save() const override;
  Status load(std::span<const std::uint8_t> safetensors) override;

 private:
  void split_spans();
  void test();
  double test_windows();
  // Solutions of the learnt field from the start of every trajectory, at times (T x B).
  const std::vector<Matrix<float>>& learnt(const Matrix<double>& times);
  Matrix<double> all_points() const;
  Plot phase_plot();
  Plot time_plot();
  Layer model_arrows(const Plot& plot);
  Layer learnt_paths();
  Layer true_paths(bool beyond) const;
  double matrix_error() const;
  std::string describe() const;

  struct Scores {
    double test_loss = unknown, trajectory_mse = unknown, extrapolation_mse = unknown;
  };

  Settings settings_;
  OwnTrajectories own_;
  TrajectorySet data_;  // exact: empty for own data
  std::vector<WindowRange> train_ranges_, test_ranges_;
  double t_begin_ = 0, t_train_ = 0, t_end_ = 0;
  int window_ = 0, test_window_ = 0;
  std::unique_ptr<MlpField<float>> field_;  // null: the last reset failed
  std::unique_ptr<Gradient<float>> gradient_;
  std::unique_ptr<Solver<float>> solver_;
  Trainee trainee_;
  WindowBatch windows_, held_out_;
  std::vector<Matrix<float>> states_bar_;  // T of 2 x B
  SolveReport solve_;
  Scores scores_;
  std::int64_t tested_step_ = -1;
};

const ExperimentInfo& Dynamics::info() const {
  static const ExperimentInfo info = make_info();
  return info;
}

Status Dynamics::reset(const Settings& settings, std::uint64_t seed) {
  settings_ = settings;
  field_.reset();
  if (const KnownData* known = find_data(settings.choice("data"))) {
    Rng rng(seed, Trainee::data_stream);
    data_ =
        make_trajectories(known->system, settings.integer("trajectories"),
                          settings.integer("points"), known->t_end, settings.number("noise"), rng);
  } else {
    if (Status status = own_.check(); !status) return status;
    data_ = {own_.trajectories(), {}};
  }
  split_spans();
  window_ = fitting_window(train_ranges_, settings.integer("window"));
  test_window_ = fitting_window(test_ranges_, settings.integer("window"));

  SolverOptions options = solver_options(settings);
  if (Status status = validate(options); !status) return status;
  field_ = std::make_unique<MlpField<float>>(field_layers(settings), takes_time(settings));
  gradient_ = make_discrete_adjoint<float>(options);
  options.max_steps = SolverOptions().max_steps;  // whole motions are longer than windows
  solver_ = std::make_unique<Solver<float>>(options);

  Vector<float> theta = Vector<float>::Zero(field_->parameter_count());
  Rng weights(seed, Trainee::weight_stream);
  field_->mlp().initialize(weights, false, theta);
  ParameterLayout layout;
  layout.append("field.", field_->mlp().layout());
  trainee_.start(settings, seed, default_steps, layout, std::move(theta));
  solve_ = {};
  if (test_window_ > 0) {
    spread_windows(data_.observed, test_ranges_, test_window_, most_test_windows, held_out_);
  }
  test();
  if (test_window_ > 0) trainee_.record_test(scores_.test_loss);
  return {};
}

void Dynamics::split_spans() {
  const double span = settings_.number("train_span");
  train_ranges_.clear();
  test_ranges_.clear();
  t_begin_ = data_.observed.front().times.front();
  t_end_ = data_.observed.front().times.back();
  t_train_ = t_begin_;
  for (std::size_t k = 0; k < data_.observed.size(); ++k) {
    const auto& times = data_.observed[k].times;
    const auto count = static_cast<int>(times.size());
    const int shown = std::clamp(static_cast<int>(std::lround(span * count)), 2, count);
    train_ranges_.push_back({static_cast<int>(k), 0, shown});
    test_ranges_.push_back({static_cast<int>(k), shown, count});
    t_begin_ = std::min(t_begin_, times.front());
    t_end_ = std::max(t_end_, times.back());
    t_train_ = std::max(t_train_, times[static_cast<std::size_t>(shown) - 1]);
  }
}

StepReport Dynamics::step() {
  if (!field_) return {false, 0, unknown, "there is no run: its settings cannot be used"};
  trainee_.begin();
  const int shortest = std::max(window_ / 2, 2);
  const int length =
      shortest +
      static_cast<int>(trainee_.rng().below(static_cast<std::uint32_t>(window_ - shortest + 1)));
  draw_windows(data_.observed, train_ranges_, length, settings_.integer("batch"), trainee_.rng(),
               windows_);
  field_->bind(trainee_.theta().data());
  SolveReport solve = gradient_->forward(*field_, windows_.y0, windows_.times);
  if (solve.status != SolveStatus::ok) return trainee_.finish(0, solve);

  // L = mean over all entries but the initial ones of (y - target)^2.
  const auto& states = gradient_->states();
  const double scale = 1.0 / static_cast<double>((length - 1) * windows_.y0.size());
  double loss = 0;
  states_bar_.resize(states.size());
  states_bar_[0].setZero(2, windows_.y0.cols());
  for (std::size_t k = 1; k < states.size(); ++k) {
    states_bar_[k] = states[k] - windows_.target[k];
    for (Index i = 0; i < states_bar_[k].size(); ++i) {
      const auto difference = static_cast<double>(states_bar_[k].data()[i]);
      loss += difference * difference;
    }
    states_bar_[k] *= static_cast<float>(2 * scale);
  }
  loss *= scale;
  const SolveReport backward = gradient_->backward(*field_, states_bar_);
  if (backward.status != SolveStatus::ok) return trainee_.finish(loss, backward);
  trainee_.theta_bar() = gradient_->theta_bar();
  const StepReport report = trainee_.finish(loss, solve);
  if (!report.ok) return report;
  solve_ = std::move(solve);
  if (trainee_.step() % steps_between_tests == 0) {
    test();
    if (test_window_ > 0) trainee_.record_test(scores_.test_loss);
  }
  return report;
}

double Dynamics::test_windows() {
  if (test_window_ == 0) return unknown;
  const auto& states = [&]() -> const std::vector<Matrix<float>>& {
    solver_->solve(*field_, held_out_.y0, held_out_.times);
    return solver_->states();
  }();
  MeanSquare loss;
  for (std::size_t k = 1; k < states.size(); ++k) {
    for (Index i = 0; i < states[k].size(); ++i) {
      loss.add(static_cast<double>(states[k].data()[i]) -
               static_cast<double>(held_out_.target[k].data()[i]));
    }
  }
  return loss.value();
}

const std::vector<Matrix<float>>& Dynamics::learnt(const Matrix<double>& times) {
  const auto& from = data_.exact.empty() ? data_.observed : data_.exact;
  Matrix<float> y0(2, static_cast<Index>(from.size()));
  for (std::size_t k = 0; k < from.size(); ++k) {
    y0.col(static_cast<Index>(k)) = from[k].y.col(0).cast<float>();
  }
  field_->bind(trainee_.theta().data());
  solver_->solve(*field_, y0, times);
  return solver_->states();
}

void Dynamics::test() {
  tested_step_ = trainee_.step();
  field_->bind(trainee_.theta().data());
  scores_ = {};
  scores_.test_loss = test_windows();

  // One solve for all: shorter trajectories are continued past their end, and not counted there.
  const auto& truth = data_.exact.empty() ? data_.observed : data_.exact;
  std::size_t longest = 0;
  for (const Trajectory& trajectory : truth) longest = std::max(longest, trajectory.times.size());
  Matrix<double> times(static_cast<Index>(longest), static_cast<Index>(truth.size()));
  for (Index k = 0; k < times.cols(); ++k) {
    const auto& own = truth[static_cast<std::size_t>(k)].times;
    const double spacing = own[own.size() - 1] - own[own.size() - 2];
    for (Index i = 0; i < times.rows(); ++i) {
      times(i, k) = i < static_cast<Index>(own.size()) ? own[static_cast<std::size_t>(i)]
                                                       : times(i - 1, k) + spacing;
    }
  }
  const auto& states = learnt(times);
  MeanSquare shown, beyond;
  for (std::size_t k = 0; k < truth.size(); ++k) {
    const auto column = static_cast<Index>(k);
    for (Index i = 0; i < truth[k].y.cols(); ++i) {
      MeanSquare& mean = i < train_ranges_[k].last ? shown : beyond;
      const auto& state = states[static_cast<std::size_t>(i)];
      for (Index d = 0; d < 2; ++d) {
        mean.add(static_cast<double>(state(d, column)) - truth[k].y(d, i));
      }
    }
  }
  scores_.trajectory_mse = shown.value();
  scores_.extrapolation_mse = beyond.value();
}

double Dynamics::matrix_error() const {
  if (settings_.choice("model") != "linear" || settings_.choice("data") != "linear") {
    return unknown;
  }
  // The true matrix, column by column: f(e_j) = A e_j.
  const auto field = find_system(find_data("linear")->system)->make();
  const Matrix<double> basis = Matrix<double>::Identity(2, 2);
  const Vector<double> t = Vector<double>::Zero(2);
  Matrix<double> truth(2, 2);
  field->eval(t, basis, truth);
  double error = 0;
  for (Index i = 0; i < 4; ++i) {
    error = std::max(error, std::abs(truth.data()[i] - static_cast<double>(trainee_.theta()[i])));
  }
  return error;
}

Matrix<double> Dynamics::all_points() const {
  Index count = 0;
  for (const Trajectory& trajectory : data_.observed) count += trajectory.y.cols();
  Matrix<double> points(2, count);
  Index at = 0;
  for (const Trajectory& trajectory : data_.observed) {
    points.middleCols(at, trajectory.y.cols()) = trajectory.y;
    at += trajectory.y.cols();
  }
  return points;
}

// Arrow positions in the middle of arrows x arrows cells of the plot, row by row from the bottom.
Matrix<double> arrow_grid(const Plot& plot) {
  Matrix<double> grid(2, arrows * arrows);
  for (int j = 0; j < arrows; ++j) {
    for (int i = 0; i < arrows; ++i) {
      const double u = (i + 0.5) / arrows, v = (j + 0.5) / arrows;
      grid.col(j * arrows + i) << plot.x.minimum + u * (plot.x.maximum - plot.x.minimum),
          plot.y.minimum + v * (plot.y.maximum - plot.y.minimum);
    }
  }
  return grid;
}

Layer arrow_layer(const Matrix<double>& grid, const Matrix<double>& dy, Role role,
                  std::string label) {
  Layer layer;
  layer.kind = LayerKind::arrows;
  layer.role = role;
  layer.label = std::move(label);
  layer.nx = layer.ny = arrows;
  for (Index i = 0; i < grid.cols(); ++i) {
    append_vertex(layer, grid(0, i), grid(1, i));
    const bool finite = std::isfinite(dy(0, i)) && std::isfinite(dy(1, i));
    layer.u.push_back(finite ? static_cast<float>(dy(0, i)) : 0.0F);
    layer.v.push_back(finite ? static_cast<float>(dy(1, i)) : 0.0F);
  }
  return layer;
}

Layer Dynamics::model_arrows(const Plot& plot) {
  const Matrix<double> grid = arrow_grid(plot);
  Matrix<float> dy(2, grid.cols());
  const Matrix<float> y = grid.cast<float>();
  field_->bind(trainee_.theta().data());
  field_->eval(Vector<double>::Constant(grid.cols(), t_begin_), y, dy);
  return arrow_layer(grid, dy.cast<double>(), Role::model, "");
}

Layer truth_arrows(const Plot& plot, const KnownData& known) {
  const Matrix<double> grid = arrow_grid(plot);
  Matrix<double> dy(2, grid.cols());
  find_system(known.system)->make()->eval(Vector<double>::Zero(grid.cols()), grid, dy);
  Layer layer = arrow_layer(grid, dy, Role::truth, "");
  layer.faint = true;
  return layer;
}

Layer Dynamics::true_paths(bool beyond) const {
  std::vector<Trajectory> parts;
  for (std::size_t k = 0; k < data_.exact.size(); ++k) {
    const Index shown = train_ranges_[k].last, count = data_.exact[k].y.cols();
    // The dashed part begins where the other one ends.
    const Index first = beyond ? shown - 1 : 0, last = beyond ? count : shown;
    parts.push_back({{}, data_.exact[k].y.middleCols(first, last - first)});
  }
  Layer layer = path_layer(parts);
  layer.role = Role::truth;
  layer.dashed = layer.faint = beyond;
  layer.smooth = true;
  layer.label = beyond ? "held back" : "true motion";
  return layer;
}

Layer Dynamics::learnt_paths() {
  const auto count = static_cast<Index>(data_.observed.size());
  Matrix<double> times(path_vertices, count);
  Layer layer;
  layer.kind = LayerKind::paths;
  layer.role = Role::model;
  layer.smooth = true;
  layer.label = "learnt motion";
  for (int i = 0; i < path_vertices; ++i) {
    const double since = (t_end_ - t_begin_) * i / (path_vertices - 1);
    layer.times.push_back(static_cast<float>(t_begin_ + since));
    for (Index k = 0; k < count; ++k) {
      times(i, k) = data_.observed[static_cast<std::size_t>(k)].times.front() + since;
    }
  }
  const auto& states = learnt(times);
  for (Index k = 0; k < count; ++k) {
    layer.starts.push_back(static_cast<std::uint32_t>(layer.x.size()));
    // A motion that ran away stays where it was last seen: paths that share times have equal
    // length.
    double x = data_.observed[static_cast<std::size_t>(k)].y(0, 0);
    double y = data_.observed[static_cast<std::size_t>(k)].y(1, 0);
    for (const Matrix<float>& state : states) {
      if (state.col(k).allFinite()) {
        x = static_cast<double>(state(0, k));
        y = static_cast<double>(state(1, k));
      }
      append_vertex(layer, x, y);
    }
  }
  return layer;
}

Plot Dynamics::phase_plot() {
  Plot plot;
  plot.id = "phase";
  plot.title = "The law behind the motion";
  plot.editable = true;
  if (!field_) {
    set_axes(plot, {0, 0, 2.5}, "x", "y");
    plot.caption = "draw a curve: each point is one observation";
    std::vector<Trajectory> drawn = own_.trajectories();
    plot.layers.push_back(path_layer(drawn));
    Layer points = path_layer(drawn);
    points.kind = LayerKind::points;
    points.label = "your observations";
    points.role = Role::train;
    points.starts.clear();
    plot.layers.push_back(std::move(points));
    return plot;
  }
  set_axes(plot, view_of(all_points(), 1.2), "x", "y");
  plot.t_begin = t_begin_;
  plot.t_end = t_end_;
  const KnownData* known = find_data(settings_.choice("data"));
  plot.caption =
      known
          ? "arrows: the true field; streams: the learnt one; lines: the motion each of them gives"
          : "streams: the learnt field; lines: the motion it gives through your observations";
  if (takes_time(settings_)) plot.caption += "; the learnt field is drawn at the first time";
  if (known) plot.layers.push_back(truth_arrows(plot, *known));
  plot.layers.push_back(model_arrows(plot));
  if (known) {
    plot.layers.push_back(true_paths(false));
    plot.layers.push_back(true_paths(true));
  }
  Layer seen, kept;
  seen.role = Role::neutral;
  seen.label = "observed";
  kept.role = Role::neutral;
  kept.faint = true;
  for (std::size_t k = 0; k < data_.observed.size(); ++k) {
    const auto& y = data_.observed[k].y;
    for (Index i = 0; i < y.cols(); ++i) {
      append_vertex(i < train_ranges_[k].last ? seen : kept, y(0, i), y(1, i));
    }
  }
  plot.layers.push_back(std::move(seen));
  if (!kept.x.empty()) plot.layers.push_back(std::move(kept));
  plot.layers.push_back(learnt_paths());
  return plot;
}

Plot Dynamics::time_plot() {
  Plot plot;
  plot.id = "time";
  plot.title = "In time";
  plot.caption =
      "x(t) and y(t) of the first motion: observed (dots), learnt (lines), extrapolated "
      "(dashed)";
  plot.x = {"t", t_begin_, t_end_};
  const View view = view_of(all_points(), 1.1);
  plot.y.minimum = std::min(view.centre_x, view.centre_y) - view.half;
  plot.y.maximum = std::max(view.centre_x, view.centre_y) + view.half;

  const Trajectory& observed = data_.observed.front();
  Layer paths = learnt_paths();
  const double start = observed.times.front();
  const double end_shown = observed.times[static_cast<std::size_t>(train_ranges_.front().last) - 1];
  const std::array labels = {"x(t)", "y(t)"};
  const std::array roles = {Role::class_a, Role::class_b};
  for (std::size_t d = 0; d < 2; ++d) {
    Layer dots;
    dots.role = roles[d];
    dots.faint = true;
    for (std::size_t i = 0; i < observed.times.size(); ++i) {
      append_vertex(dots, observed.times[i],
                    observed.y(static_cast<Index>(d), static_cast<Index>(i)));
    }
    Layer shown;
    shown.kind = LayerKind::curve;
    shown.role = roles[d];
    Layer beyond = shown;
    shown.label = labels[d];
    beyond.dashed = true;
    const auto& values = d == 0 ? paths.x : paths.y;
    for (std::size_t i = 0; i < static_cast<std::size_t>(path_vertices); ++i) {
      const double t = start + static_cast<double>(paths.times[i]) - t_begin_;
      if (t > observed.times.back() + 1e-6) break;
      const auto value = static_cast<double>(values[i]);
      append_vertex(t <= end_shown ? shown : beyond, t, value);
      if (t <= end_shown) {  // the dashed part begins at the last point of the other
        beyond.x.assign(1, static_cast<float>(t));
        beyond.y.assign(1, values[i]);
      }
    }
    plot.layers.push_back(std::move(dots));
    plot.layers.push_back(std::move(shown));
    plot.layers.push_back(std::move(beyond));
  }
  return plot;
}

std::string Dynamics::describe() const {
  if (!field_) return "Your own curves; there is too little of them to train on.";
  std::string text = "The plane with " + std::to_string(data_.observed.size()) +
                     " observed motions (" + settings_.choice("data") +
                     "), the learnt vector field as arrows and the motions it predicts, " +
                     std::to_string(trainee_.step()) + " steps into training.";
  if (!data_.exact.empty()) text += " The true field and motions are drawn underneath.";
  return text;
}

Frame Dynamics::frame() {
  Frame frame;
  frame.step = field_ ? trainee_.step() : 0;
  frame.description = describe();
  frame.plots.push_back(phase_plot());
  if (!field_) return frame;
  if (tested_step_ != trainee_.step()) test();
  frame.plots.push_back(loss_plot(trainee_));
  frame.plots.push_back(time_plot());
  frame.metrics = {
      number_metric("trajectory_mse", "trajectory error", scores_.trajectory_mse, true),
      number_metric("loss", "loss", trainee_.loss(), true),
      number_metric("test_loss", "test loss", scores_.test_loss, true),
      number_metric("extrapolation_mse", "extrapolation error", scores_.extrapolation_mse, false),
      count_metric("nfe_forward", "evaluations forward", solve_.nfe()),
      count_metric("nfe_backward", "evaluations backward", gradient_->nfe_backward()),
      {"state_bytes", "held for the gradient", static_cast<double>(gradient_->state_bytes()),
       Metric::Format::bytes, false},
      count_metric("parameters", "parameters", static_cast<double>(trainee_.theta().size())),
  };
  if (const double error = matrix_error(); std::isfinite(error)) {
    frame.metrics.insert(frame.metrics.begin() + 1,
                         number_metric("matrix_error", "largest matrix error", error, true));
  }
  return frame;
}

Plot Dynamics::preview(std::string_view parameter, std::string_view choice) const {
  Plot plot;
  plot.id = std::string(choice);
  if (parameter != "data") return plot;
  std::vector<Trajectory> trajectories;
  if (const KnownData* known = find_data(choice)) {
    Rng rng(0, Trainee::data_stream);
    trajectories = make_trajectories(known->system, 3, 100, known->t_end, 0, rng).exact;
  } else {
    trajectories = own_.trajectories();
  }
  plot.layers.push_back(path_layer(trajectories));
  plot.layers.back().role = Role::accent;
  Matrix<double> points(2, static_cast<Index>(plot.layers.back().x.size()));
  Index at = 0;
  for (const Trajectory& trajectory : trajectories) {
    points.middleCols(at, trajectory.y.cols()) = trajectory.y;
    at += trajectory.y.cols();
  }
  set_axes(plot, view_of(points, 1.15), "", "");
  return plot;
}

std::vector<std::uint8_t> Dynamics::save() const {
  return field_ ? trainee_.save(name) : std::vector<std::uint8_t>();
}

Status Dynamics::load(std::span<const std::uint8_t> safetensors) {
  if (!field_) return Error{"there is no run to load into: its settings cannot be used"};
  if (Status status = trainee_.load(name, safetensors); !status) return status;
  solve_ = {};
  test();
  return {};
}

}  // namespace

std::unique_ptr<Experiment> make_dynamics() {
  return std::make_unique<Dynamics>();
}

}  // namespace neural_ode
