#include "playground/experiments/dynamics/experiment.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/nn/activation.h"
#include "engine/train/windows_loss.h"
#include "playground/experiments/dynamics/run.h"
#include "playground/training/rows.h"

namespace neural_ode {

namespace {

constexpr std::int64_t steps_between_tests = 20;
constexpr int most_test_windows = 32;
constexpr int shortest_window = 2;

std::vector<LayerSpec> field_layers(const Settings& settings, int dim, bool takes_time) {
  if (settings.choice("model") == "linear") return {{dim, dim, Activation::identity, false}};
  return mlp_layers(dim + (takes_time ? 1 : 0), settings.integer("hidden"),
                    settings.integer("layers"), dim,
                    *find_activation(settings.choice("activation")));
}

// Observed states with the coordinates that nobody observes at zero.
void augment(const Matrix<float>& observed, Index dim, Matrix<float>& y0) {
  y0.resize(dim, observed.cols());
  y0.topRows(observed.rows()) = observed;
  y0.bottomRows(dim - observed.rows()).setZero();
}

}  // namespace

Status Dynamics::reset(const Settings& settings, std::uint64_t seed) {
  settings_ = settings;
  field_.reset();
  if (find_known_data(settings.choice("data")) == nullptr) {
    if (Status status = own_.check(); !status) return status;
  }
  data_ = observe_motions(settings, own_, seed);
  dim_ = data_.dim + settings.integer("augment");
  takes_time_ = settings.choice("model") == "mlp" && settings.flag("time_input");
  split_spans();
  window_ = fitting_window(train_ranges_, settings.integer("window"));
  test_window_ = fitting_window(test_ranges_, settings.integer("window"));
  segments_.clear();
  if (settings.choice("initial_states") == "trained") {
    segments_ = cut_segments(train_ranges_, settings.integer("window"));
  }

  SolverOptions options = solver_options(settings);
  const auto strategy = gradient_strategy(settings, options);
  if (!strategy) return Error{strategy.error()};
  field_ = std::make_unique<MlpField<float>>(
      field_layers(settings, static_cast<int>(dim_), takes_time_), takes_time_);
  gradient_ = strategy.value()->make<float>(options, {.times = false});
  options.max_steps = SolverOptions().max_steps;  // whole motions are longer than windows
  solver_ = std::make_unique<Solver<float>>(options);

  ParameterLayout layout;
  layout.append("field.", field_->mlp().layout());
  const auto count = static_cast<Index>(segments_.size());
  if (count > 0) layout.add("initial_states", dim_, count);
  Vector<float> theta = Vector<float>::Zero(layout.size());
  Rng weights(seed, Trainee::weight_stream);
  field_->mlp().initialize(weights, false, theta.head(field_->parameter_count()));
  if (count > 0) {
    Eigen::Map<Matrix<float>>(theta.data() + field_->parameter_count(), dim_, count) =
        observed_starts(data_.observed, segments_, dim_);
  }
  trainee_.start(settings, seed, default_steps, layout, std::move(theta));
  solve_ = {};
  if (test_window_ > 0) {
    spread_windows(data_.observed, test_ranges_, test_window_, most_test_windows, held_out_);
  }
  test();
  record_test();
  return {};
}

void Dynamics::split_spans() {
  train_ranges_.clear();
  test_ranges_.clear();
  t_begin_ = t_train_ = data_.observed.front().times.front();
  t_end_ = data_.observed.front().times.back();
  for (std::size_t k = 0; k < data_.observed.size(); ++k) {
    const auto& times = data_.observed[k].times;
    const int index = static_cast<int>(k), shown = data_.shown[k];
    train_ranges_.push_back(make_range(data_.observed, index, 0, shown));
    test_ranges_.push_back(
        make_range(data_.observed, index, shown, static_cast<int>(times.size())));
    t_begin_ = std::min(t_begin_, times.front());
    t_end_ = std::max(t_end_, times.back());
    t_train_ = std::max(t_train_, times[static_cast<std::size_t>(shown) - 1]);
  }
}

int Dynamics::draw_length() {
  int longest = window_;
  if (settings_.flag("curriculum")) {
    const std::int64_t grown = (window_ - shortest_window) * trainee_.step() / (default_steps / 2);
    longest = static_cast<int>(std::min<std::int64_t>(window_, shortest_window + grown));
  }
  const int shortest = std::max(longest / 2, shortest_window);
  return shortest +
         static_cast<int>(trainee_.rng().below(static_cast<std::uint32_t>(longest - shortest + 1)));
}

void Dynamics::choose_windows() {
  draw_windows(data_.observed, train_ranges_, draw_length(), settings_.integer("batch"),
               trainee_.rng(), windows_);
  augment(windows_.y0, dim_, y0_);
}

void Dynamics::choose_segments() {
  neural_ode::choose_segments(static_cast<int>(segments_.size()), settings_.integer("batch"),
                              trainee_.rng(), chosen_);
  fill_segments(data_.observed, segments_, chosen_, windows_);
  y0_.resize(dim_, static_cast<Index>(chosen_.size()));
  for (Index b = 0; b < y0_.cols(); ++b) {
    y0_.col(b) = starts().col(chosen_[static_cast<std::size_t>(b)]);
  }
}

Eigen::Map<const Matrix<float>> Dynamics::starts() const {
  return {trainee_.theta().data() + field_->parameter_count(), dim_,
          static_cast<Index>(segments_.size())};
}

Eigen::Map<Matrix<float>> Dynamics::starts_bar() {
  return {trainee_.theta_bar().data() + field_->parameter_count(), dim_,
          static_cast<Index>(segments_.size())};
}

double Dynamics::pull_loss() {
  // An observed initial state is where the solution begins, and no error of it.
  if (!trains_starts()) {
    return window_loss(gradient_->states(), windows_.target, 1, states_bar_);
  }
  const double misfit = window_loss(gradient_->states(), windows_.target, 0, states_bar_);
  starts_bar().setZero();
  return misfit + continuity_penalty(segments_, chosen_, settings_.number("continuity"),
                                     gradient_->states(), starts(), states_bar_, starts_bar());
}

StepReport Dynamics::step() {
  if (!field_) return {false, 0, unknown, "there is no run: its settings cannot be used"};
  trainee_.begin();
  if (trains_starts()) {
    choose_segments();
  } else {
    choose_windows();
  }
  field_->bind(trainee_.theta().data());
  SolveReport solve = gradient_->forward(*field_, y0_, windows_.times);
  if (solve.status != SolveStatus::ok) return trainee_.finish(0, solve);
  const double loss = pull_loss();
  const SolveReport backward = gradient_->backward(*field_, states_bar_);
  if (backward.status != SolveStatus::ok) return trainee_.finish(loss, backward);
  trainee_.theta_bar().head(field_->parameter_count()) = gradient_->theta_bar();
  if (trains_starts()) {
    for (Index b = 0; b < y0_.cols(); ++b) {
      starts_bar().col(chosen_[static_cast<std::size_t>(b)]) += gradient_->y0_bar().col(b);
    }
  }
  const StepReport report = trainee_.finish(loss, solve);
  if (!report.ok) return report;
  solve_ = std::move(solve);
  if (trainee_.step() % steps_between_tests == 0) {
    test();
    record_test();
  }
  return report;
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
