#include "playground/experiments/dynamics/experiment.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/train/windows_loss.h"
#include "playground/experiments/dynamics/picture.h"
#include "playground/experiments/dynamics/run.h"
#include "playground/own_data/own_trajectories.h"
#include "playground/training/training_experiment.h"

namespace neural_ode::dynamics {

namespace {

constexpr int most_test_windows = 32;
constexpr int shortest_window = 2;

std::vector<LayerSpec> field_layers(const Options& options, int dim) {
  if (options.is_linear) return {{dim, dim, Activation::identity, false}};
  return mlp_layers(dim + (options.takes_time ? 1 : 0), options.hidden, options.layers, dim,
                    options.activation);
}

// Observed states with the coordinates that nobody observes at zero.
void augment(const Matrix<float>& observed, Index dim, Matrix<float>& y0) {
  y0.resize(dim, observed.cols());
  y0.topRows(observed.rows()) = observed;
  y0.bottomRows(dim - observed.rows()).setZero();
}

class Dynamics final : public TrainingExperiment {
 public:
  Dynamics() : TrainingExperiment({.every = 20}) {}

  const ExperimentInfo& info() const override { return dynamics_info(); }
  Frame frame() override;
  Frame sketch() override { return picture(run_, own_, trainee(), solve()); }
  Status edit(const Edit& edit) override { return own_.edit(edit); }
  std::size_t edits() const override { return own_.edits(); }
  Result<std::string> set_data(std::string_view csv) override { return own_.set(csv); }
  std::string data_csv() const override { return own_.csv(); }
  Plot preview(std::string_view parameter, std::string_view choice) const override {
    return dynamics::preview(parameter, choice, own_);
  }

 private:
  Result<Beginning> prepare(std::uint64_t seed) override;
  void split_spans();
  // What a step solves.
  int draw_length();
  void take_windows();
  void take_segments();
  double loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) override;
  double pull_loss(Vector<float>& theta_bar);
  double score() override;
  void record_scores(double test_loss) override;

  OwnTrajectories own_;
  Run run_;
  WindowBatch windows_;
  std::vector<int> chosen_;                // segments of the batch
  Matrix<float> y0_;                       // D x B
  std::vector<Matrix<float>> states_bar_;  // T of D x B
};

Frame Dynamics::frame() {
  if (run_.field) refresh_scores();
  return picture(run_, own_, trainee(), solve());
}

Result<Beginning> Dynamics::prepare(std::uint64_t seed) {
  run_ = {};
  if (find_known_data(settings().choice("data")) == nullptr) {
    if (Status status = own_.check(); !status) return Error{status.error()};
    if (Status status = check_beginnings(own_.trajectories()); !status)
      return Error{status.error()};
  }
  auto read = read_options(settings());
  if (!read) return Error{read.error()};
  run_.options = std::move(read.value());
  const Options& options = run_.options;
  run_.data = observe_motions(options, own_, seed);
  run_.dim = run_.data.dim + options.augment;
  split_spans();
  run_.window = fitting_window(run_.train_ranges, options.window);
  run_.test_window = fitting_window(run_.test_ranges, options.window);
  if (options.trains_starts) run_.segments = cut_segments(run_.train_ranges, options.window);
  if (run_.test_window > 0) {
    spread_windows(run_.data.observed, run_.test_ranges, run_.test_window, most_test_windows,
                   run_.held_out);
  }

  run_.field = std::make_unique<MlpField<float>>(field_layers(options, static_cast<int>(run_.dim)),
                                                 options.takes_time);
  run_.gradient = options.gradient->make<float>(options.solver, {.times = false});
  SolverOptions whole = options.solver;
  whole.max_steps = SolverOptions().max_steps;  // whole motions are longer than windows
  run_.solver = std::make_unique<Solver<float>>(whole);

  Beginning beginning;
  beginning.layout.append("field.", run_.field->mlp().layout());
  const auto count = static_cast<Index>(run_.segments.size());
  if (count > 0) beginning.layout.add("initial_states", run_.dim, count);
  Vector<float>& theta = beginning.theta;
  theta.setZero(beginning.layout.size());
  Rng weights(seed, Trainee::weight_stream);
  run_.field->mlp().initialize(weights, false, theta.head(run_.field->parameter_count()));
  if (count > 0) run_.starts(theta) = observed_starts(run_.data.observed, run_.segments, run_.dim);
  return beginning;
}

void Dynamics::split_spans() {
  const auto& observed = run_.data.observed;
  run_.t_begin = observed.front().times.front();
  run_.t_end = observed.front().times.back();
  for (std::size_t k = 0; k < observed.size(); ++k) {
    const auto& times = observed[k].times;
    const int index = static_cast<int>(k), shown = run_.data.shown[k];
    run_.train_ranges.push_back(make_range(observed, index, 0, shown));
    run_.test_ranges.push_back(make_range(observed, index, shown, static_cast<int>(times.size())));
    run_.t_begin = std::min(run_.t_begin, times.front());
    run_.t_end = std::max(run_.t_end, times.back());
  }
}

int Dynamics::draw_length() {
  int longest = run_.window;
  if (run_.options.curriculum) {
    const std::int64_t grown =
        (run_.window - shortest_window) * trainee().step() / (default_steps / 2);
    longest = static_cast<int>(std::min<std::int64_t>(run_.window, shortest_window + grown));
  }
  const int shortest = std::max(longest / 2, shortest_window);
  return shortest +
         static_cast<int>(rng().below(static_cast<std::uint32_t>(longest - shortest + 1)));
}

void Dynamics::take_windows() {
  draw_windows(run_.data.observed, run_.train_ranges, draw_length(), run_.options.batch, rng(),
               windows_);
  augment(windows_.y0, run_.dim, y0_);
}

void Dynamics::take_segments() {
  choose_segments(static_cast<int>(run_.segments.size()), run_.options.batch, rng(), chosen_);
  fill_segments(run_.data.observed, run_.segments, chosen_, windows_);
  y0_.resize(run_.dim, static_cast<Index>(chosen_.size()));
  for (Index b = 0; b < y0_.cols(); ++b)
    y0_.col(b) = run_.starts(theta()).col(chosen_[static_cast<std::size_t>(b)]);
}

double Dynamics::loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) {
  if (run_.trains_starts())
    take_segments();
  else
    take_windows();
  MlpField<float>& field = *run_.field;
  Gradient<float>& gradient = *run_.gradient;
  field.bind(theta().data());
  solve = gradient.forward(field, y0_, windows_.times);
  if (solve.status != SolveStatus::ok) return 0;
  const double loss = pull_loss(theta_bar);
  const SolveReport& backward = gradient.backward(field, states_bar_);
  if (backward.status != SolveStatus::ok) {
    solve = backward;
    return loss;
  }
  theta_bar.head(field.parameter_count()) = gradient.theta_bar();
  if (!run_.trains_starts()) return loss;
  auto starts_bar = run_.starts(theta_bar);
  for (Index b = 0; b < y0_.cols(); ++b)
    starts_bar.col(chosen_[static_cast<std::size_t>(b)]) += gradient.y0_bar().col(b);
  return loss;
}

// The loss of what was solved; its cotangent to states_bar_ and, where these are trained, to the
// initial states in theta_bar.
double Dynamics::pull_loss(Vector<float>& theta_bar) {
  const auto& states = run_.gradient->states();
  // An observed initial state is where the solution begins, and no error of it.
  if (!run_.trains_starts()) return window_loss(states, windows_.target, 1, states_bar_);
  const double misfit = window_loss(states, windows_.target, 0, states_bar_);
  auto starts_bar = run_.starts(theta_bar);
  starts_bar.setZero();
  return misfit + continuity_penalty(run_.segments, chosen_, run_.options.continuity, states,
                                     run_.starts(theta()), states_bar_, starts_bar);
}

double Dynamics::score() {
  run_.scores = dynamics::score(run_, theta());
  return run_.scores.test_loss;
}

void Dynamics::record_scores(double test_loss) {
  if (run_.test_window > 0) trainee().record_test(test_loss);
}

}  // namespace

}  // namespace neural_ode::dynamics

namespace neural_ode {

std::unique_ptr<Experiment> make_dynamics() {
  return std::make_unique<dynamics::Dynamics>();
}

}  // namespace neural_ode
