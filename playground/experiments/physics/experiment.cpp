#include "playground/experiments/physics/experiment.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/data/windows.h"
#include "engine/train/windows_loss.h"
#include "playground/contract/no_own_data.h"
#include "playground/experiments/physics/picture.h"
#include "playground/experiments/physics/run.h"
#include "playground/training/training_experiment.h"

namespace neural_ode::physics {

namespace {

constexpr int unseen_motions = 4, most_test_windows = 32;
constexpr std::size_t most_pictured = 4;
constexpr int long_spans = 10, long_points = 501;  // of the drift: ten training spans

std::vector<double> equal_times(double end, int count) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) times.push_back(end * i / (count - 1));
  return times;
}

// What drifts should be the law, not the method that solves it.
SolverOptions long_options(SolverOptions options) {
  options.method = find_method("dopri8");
  options.rtol = options.atol = 1e-6;
  options.max_steps = 2000;
  return options;
}

class Physics final : public WithoutOwnData<TrainingExperiment> {
 public:
  Physics() : WithoutOwnData({.every = 50}) {}

  const ExperimentInfo& info() const override { return physics_info(); }
  Frame frame() override;
  Plot preview(std::string_view parameter, std::string_view choice) const override {
    return physics::preview(parameter, choice);
  }

 private:
  Result<Beginning> prepare(std::uint64_t seed) override;
  void observe(std::uint64_t seed);
  void choose_pictured();
  double loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) override;
  // The test loss alone: what only the picture shows waits for it.
  double score() override;
  void restored() override { followed_step_ = -1; }
  void follow_motions();
  void score_motions();

  Run run_;
  std::unique_ptr<Solver<float>> solver_, long_solver_;
  std::vector<WindowRange> ranges_;
  int window_ = 0;
  WindowBatch windows_, held_out_;
  std::vector<Matrix<float>> states_bar_;  // T of D x B
  std::int64_t followed_step_ = -1;        // the step of run_.learnt
};

Frame Physics::frame() {
  if (!ready()) return {};
  refresh_scores();
  if (followed_step_ != trainee().step()) {
    followed_step_ = trainee().step();
    follow_motions();
    score_motions();
  }
  return picture(run_, trainee(), solve());
}

void Physics::observe(std::uint64_t seed) {
  const Options& s = run_.options;
  const MechanicalSystem& system = run_.system();
  Rng rng(seed, Trainee::data_stream);
  const Matrix<double> y0 = draw_states(system, s.trajectories, rng);
  run_.observed = make_motions(system, s.friction, y0, equal_times(system.span, s.points));
  for (Trajectory& motion : run_.observed) {
    for (Index i = 0; i < motion.y.size(); ++i) motion.y.data()[i] += s.noise * rng.normal();
  }
  run_.truth =
      make_motions(system, s.friction, y0, equal_times(long_spans * system.span, long_points));
  run_.learnt = run_.truth;
  run_.shown = (long_points - 1) / long_spans + 1;
  // Other motions, without noise.
  const auto unseen = make_motions(system, s.friction, draw_states(system, unseen_motions, rng),
                                   equal_times(system.span, s.points));
  std::vector<WindowRange> test_ranges;
  ranges_.clear();
  for (int k = 0; k < s.trajectories; ++k) ranges_.push_back({k, 0, s.points});
  for (int k = 0; k < unseen_motions; ++k) test_ranges.push_back({k, 0, s.points});
  window_ = fitting_window(ranges_, s.window);
  spread_windows(unseen, test_ranges, window_, most_test_windows, held_out_);
}

void Physics::choose_pictured() {
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < run_.truth.size(); ++k) order.push_back(k);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return run_.energy(run_.truth[a], 0) < run_.energy(run_.truth[b], 0);
  });
  const std::size_t pictured = std::min(most_pictured, order.size());
  for (std::size_t n = 0; n < pictured; ++n) {
    run_.pictured.push_back(pictured > 1 ? order[n * (order.size() - 1) / (pictured - 1)]
                                         : order[0]);
  }
}

Result<Beginning> Physics::prepare(std::uint64_t seed) {
  run_ = {};
  followed_step_ = -1;
  auto read = read_options(settings());
  if (!read) return Error{read.error()};
  run_.options = std::move(read.value());
  observe(seed);
  choose_pictured();
  const Options& s = run_.options;
  run_.gradient = s.gradient->make<float>(s.solver, {.times = false});
  solver_ = std::make_unique<Solver<float>>(s.solver);
  long_solver_ = std::make_unique<Solver<float>>(long_options(s.solver));
  Rng weights(seed, Trainee::weight_stream);
  run_.model =
      make_mechanical_model<float>(s.law, run_.system(), s.hidden, s.layers, s.activation, weights);
  return Beginning{run_.model.layout, run_.model.theta};
}

double Physics::loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) {
  const int shortest = std::max(window_ / 2, 2);
  const int length =
      shortest + static_cast<int>(rng().below(static_cast<std::uint32_t>(window_ - shortest + 1)));
  draw_windows(run_.observed, ranges_, length, run_.options.batch, rng(), windows_);
  run_.model.bind(theta().data());
  Gradient<float>& gradient = *run_.gradient;
  solve = gradient.forward(*run_.model.field, windows_.y0, windows_.times);
  if (!solve.succeeded()) return 0;
  const double loss = mechanical_loss(run_.system(), run_.options.physics_weight, gradient.states(),
                                      windows_.target, states_bar_);
  const SolveReport& backward = gradient.backward(*run_.model.field, states_bar_);
  if (!backward.succeeded()) {
    solve = backward;
    return loss;
  }
  theta_bar = gradient.theta_bar();
  return loss;
}

double Physics::score() {
  run_.model.bind(theta().data());
  solver_->solve(*run_.model.field, held_out_.y0, held_out_.times);
  run_.scores.test_loss = window_error(solver_->states(), held_out_.target, 1);
  return run_.scores.test_loss;
}

// Solves the learnt law from the start of every motion over the long span.
void Physics::follow_motions() {
  const auto count = static_cast<Index>(run_.truth.size());
  Matrix<float> y0(run_.system().dim, count);
  for (Index k = 0; k < count; ++k) {
    y0.col(k) = run_.truth[static_cast<std::size_t>(k)].y.col(0).cast<float>();
  }
  const auto& times = run_.truth.front().times;
  run_.model.bind(theta().data());
  long_solver_->solve(*run_.model.field, y0,
                      Eigen::Map<const Matrix<double>>(times.data(), long_points, 1));
  for (Index k = 0; k < count; ++k) {
    Matrix<double>& y = run_.learnt[static_cast<std::size_t>(k)].y;
    for (Index i = 1; i < long_points; ++i) {
      const auto state = long_solver_->states()[static_cast<std::size_t>(i)].col(k);
      // A motion that ran away stays where it was last seen.
      if (state.allFinite()) {
        y.col(i) = state.template cast<double>();
      } else {
        y.col(i) = y.col(i - 1);
      }
    }
  }
}

void Physics::score_motions() {
  MeanSquare shown, beyond;
  double drift = 0, error = 0, scale = 0;
  for (std::size_t k = 0; k < run_.truth.size(); ++k) {
    const Trajectory &learnt = run_.learnt[k], &exact = run_.truth[k];
    const double start = run_.energy(exact, 0);
    double largest_drift = 0, largest_error = 0;
    for (Index i = 1; i < learnt.y.cols(); ++i) {
      for (Index d = 0; d < learnt.y.rows(); ++d) {
        // Not known where the true motion could not be followed.
        (i < run_.shown ? shown : beyond).add(learnt.y(d, i) - exact.y(d, i), 0);
      }
      const double energy = run_.energy(learnt, i), expected = run_.energy(exact, i);
      largest_drift = std::max(largest_drift, std::abs(energy - start));
      largest_error = std::max(largest_error, std::abs(energy - expected));
    }
    drift += largest_drift;
    error += largest_error;
    scale += run_.system().energy_scale(exact.y.col(0).data());
  }
  run_.scores.energy_drift = drift / scale;
  run_.scores.energy_error = error / scale;
  run_.scores.trajectory_mse = shown.value();
  run_.scores.extrapolation_mse = beyond.value();
}

}  // namespace

}  // namespace neural_ode::physics

namespace neural_ode {

std::unique_ptr<Experiment> make_physics() {
  return std::make_unique<physics::Physics>();
}

}  // namespace neural_ode
