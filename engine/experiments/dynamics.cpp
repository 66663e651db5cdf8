#include "engine/experiments/dynamics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/data/systems.h"
#include "engine/experiments/dynamics_run.h"
#include "engine/experiments/rows.h"
#include "engine/nn/activation.h"

namespace neural_ode {

namespace {

constexpr char name[] = "dynamics";
constexpr std::int64_t default_steps = 1000;
constexpr std::int64_t steps_between_tests = 20;
constexpr int most_test_windows = 32;
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

constexpr std::array known_data = {
    KnownData{"linear", "Linear spiral", "spiral", 20},
    KnownData{"cubic", "Cubic spiral", "cubic_spiral", 20},
    KnownData{"two_attractors", "Two attractors", "two_attractors", 10},
};

}  // namespace

const KnownData* find_known_data(std::string_view choice) {
  for (const KnownData& data : known_data) {
    if (data.name == choice) return &data;
  }
  return nullptr;
}

namespace {

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

}  // namespace

bool takes_time(const Settings& settings) {
  return settings.choice("model") == "mlp" && settings.flag("time_input");
}

const ExperimentInfo& Dynamics::info() const {
  static const ExperimentInfo info = make_info();
  return info;
}

Status Dynamics::reset(const Settings& settings, std::uint64_t seed) {
  settings_ = settings;
  field_.reset();
  if (const KnownData* known = find_known_data(settings.choice("data"))) {
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
  const auto strategy = gradient_strategy(settings, options);
  if (!strategy) return Error{strategy.error()};
  field_ = std::make_unique<MlpField<float>>(field_layers(settings), takes_time(settings));
  gradient_ = strategy.value()->make<float>(options, {.times = false});
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
  const auto field = find_system(find_known_data("linear")->system)->make();
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

std::unique_ptr<Experiment> make_dynamics() {
  return std::make_unique<Dynamics>();
}

}  // namespace neural_ode
