#include "playground/experiments/physics/experiment.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/nn/activation.h"
#include "playground/experiments/physics/run.h"
#include "playground/training/rows.h"

namespace neural_ode {

namespace {

constexpr char name[] = "physics";
constexpr std::int64_t default_steps = 2000;
constexpr std::int64_t steps_between_tests = 50;
constexpr int unseen_motions = 4, most_test_windows = 32;
constexpr std::size_t most_pictured = 4;
constexpr int long_spans = 10, long_points = 501;  // of the drift: ten training spans

MechanicalLaw law_of(const Settings& settings) {
  const std::string& model = settings.choice("model");
  if (model == "hamiltonian") {
    return settings.flag("separable") ? MechanicalLaw::separable : MechanicalLaw::hamiltonian;
  }
  return model == "corrected" ? MechanicalLaw::corrected : MechanicalLaw::plain;
}

std::vector<double> equal_times(double end, int count) {
  std::vector<double> times;
  for (int i = 0; i < count; ++i) times.push_back(end * i / (count - 1));
  return times;
}

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = name;
  info.label = "Physics";
  info.promise =
      "A network that knows it is learning mechanics keeps the energy; a plain one "
      "leaks it.";
  info.look_for =
      "Each motion is followed for ten times as long as it was observed. Under a plain field it "
      "spirals in or out and its energy wanders; a learnt Hamiltonian keeps it on a closed curve. "
      "Compare the models on the same data, then give the plain one a physics loss.";
  info.default_steps = default_steps;
  info.suggestions = {
      {"A pendulum, plainly", {{"data", "pendulum"}, {"model", "plain"}}},
      {"The same, as a Hamiltonian", {{"data", "pendulum"}, {"model", "hamiltonian"}}},
      {"Ask the plain field to keep the energy",
       {{"data", "pendulum"}, {"model", "plain"}, {"physics_weight", "1"}}},
      {"Friction: a Hamiltonian cannot, a correction can",
       {{"data", "double_well"}, {"model", "corrected"}, {"friction", "0.05"}}},
      {"Planets around a sun of unknown mass", {{"data", "kepler"}, {"model", "corrected"}}},
  };

  std::vector<Choice> systems;
  for (const MechanicalSystem& system : mechanical_systems()) {
    systems.push_back({std::string(system.name), std::string(system.label)});
  }
  auto& table = info.parameters;
  table.push_back(choice_row(Group::data, "data", "System", std::move(systems), "pendulum",
                             "What moves: its positions q and momenta p are observed."));
  table.back().pictures = true;
  table.push_back(noise_row(0.01));
  table.push_back(real_row(Group::data, "friction", "Friction", 0, 0.2, 0,
                           "Takes friction × p off the force of the true law, whose energy then "
                           "falls. A Hamiltonian field has no way to say that."));
  table.push_back(integer_row(Group::data, "trajectories", "Trajectories", 1, 16, 8,
                              "Motions observed, each from its own initial state."));
  table.push_back(integer_row(Group::data, "points", "Observations", 20, 500, 100,
                              "Observations of each motion, equally spaced in time."));
  table.push_back(integer_row(Group::data, "window", "Window", 2, 100, 25,
                              "Longest stretch, in observations, that is solved in a training "
                              "step; stretches of at least half of it begin at random places."));
  table.push_back(choice_row(Group::model, "model", "Model",
                             {{"plain", "Plain field"},
                              {"hamiltonian", "Hamiltonian"},
                              {"corrected", "Known law + correction"}},
                             "hamiltonian",
                             "The form of the law: any field f(q, p); the field of a learnt energy "
                             "H(q, p); or a textbook's law with a coefficient to be found, and a "
                             "network for the forces it leaves out."));
  table.push_back(shown_for(
      flag_row(Group::model, "separable", "H = T(p) + V(q)", true,
               "Give the learnt energy the form of a mechanical one: a kinetic part of p and a "
               "potential part of q, a network each."),
      "model", {"hamiltonian"}));
  table.push_back(shown_for(
      real_row(Group::model, "physics_weight", "Physics loss", 0, 10, 0,
               "Weight of a soft physics loss: the mean squared change of the true energy along "
               "each solved stretch, added to the loss of the data."),
      "model", {"plain", "corrected"}));
  table.push_back(hidden_row(32));
  table.push_back(layers_row(2));
  table.push_back(activation_row("tanh"));
  add_solver_rows(table, "rk4", 1e-4, 0.2);
  add_training_rows(table, 0.01, 32, "cosine");
  return info;
}

// Mean squared entry.
struct MeanSquare {
  double sum = 0;
  std::int64_t count = 0;
  void add(double difference) {
    sum += difference * difference;
    ++count;
  }
  double value() const { return sum / static_cast<double>(count); }
};

}  // namespace

const ExperimentInfo& physics_info() {
  static const ExperimentInfo info = make_info();
  return info;
}

void Physics::observe(std::uint64_t seed) {
  Rng rng(seed, Trainee::data_stream);
  const double friction = settings_.number("friction");
  const int points = settings_.integer("points");
  const Matrix<double> y0 = draw_states(*system_, settings_.integer("trajectories"), rng);
  observed_ = make_motions(*system_, friction, y0, equal_times(system_->span, points));
  for (Trajectory& motion : observed_) {
    for (Index i = 0; i < motion.y.size(); ++i) {
      motion.y.data()[i] += settings_.number("noise") * rng.normal();
    }
  }
  truth_ =
      make_motions(*system_, friction, y0, equal_times(long_spans * system_->span, long_points));
  learnt_ = truth_;
  shown_ = (long_points - 1) / long_spans + 1;
  unseen_ = make_motions(*system_, friction, draw_states(*system_, unseen_motions, rng),
                         equal_times(system_->span, points));
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < truth_.size(); ++k) order.push_back(k);
  const auto energy = [&](std::size_t k) {
    return system_->energy(truth_[k].y.col(0).data(), nullptr);
  };
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return energy(a) < energy(b); });
  const std::size_t pictured = std::min(most_pictured, order.size());
  pictured_.clear();
  for (std::size_t n = 0; n < pictured; ++n) {
    pictured_.push_back(pictured > 1 ? order[n * (order.size() - 1) / (pictured - 1)] : order[0]);
  }
  ranges_.clear();
  test_ranges_.clear();
  for (int k = 0; k < static_cast<int>(observed_.size()); ++k) ranges_.push_back({k, 0, points});
  for (int k = 0; k < unseen_motions; ++k) test_ranges_.push_back({k, 0, points});
  window_ = fitting_window(ranges_, settings_.integer("window"));
  spread_windows(unseen_, test_ranges_, window_, most_test_windows, held_out_);
}

Status Physics::reset(const Settings& settings, std::uint64_t seed) {
  settings_ = settings;
  model_ = {};
  system_ = find_mechanical_system(settings.choice("data"));
  const Activation activation = *find_activation(settings.choice("activation"));
  const MechanicalLaw law = law_of(settings);
  const bool of_energy = law == MechanicalLaw::hamiltonian || law == MechanicalLaw::separable;
  if (of_energy && !has_second_derivative(activation)) {
    return Error{"activation: the force of a Hamiltonian is the slope of its network, which for '" +
                 settings.choice("activation") + "' jumps; expected a smooth activation"};
  }
  SolverOptions options = solver_options(settings);
  const auto strategy = gradient_strategy(settings, options);
  if (!strategy) return Error{strategy.error()};
  observe(seed);
  gradient_ = strategy.value()->make<float>(options, {.times = false});
  solver_ = std::make_unique<Solver<float>>(options);
  // What drifts should be the law, not the method that solves it.
  options.method = find_method("dopri8");
  options.rtol = options.atol = 1e-6;
  options.max_steps = 2000;
  long_solver_ = std::make_unique<Solver<float>>(options);

  Rng weights(seed, Trainee::weight_stream);
  model_ = make_mechanical_model<float>(law, *system_, settings.integer("hidden"),
                                        settings.integer("layers"), activation, weights);
  trainee_.start(settings, seed, default_steps, model_.layout, model_.theta);
  solve_ = {};
  test();
  trainee_.record_test(scores_.test_loss);
  return {};
}

StepReport Physics::step() {
  if (!model_.field) return {false, 0, unknown, "there is no run: its settings cannot be used"};
  trainee_.begin();
  const int shortest = std::max(window_ / 2, 2);
  const int length =
      shortest +
      static_cast<int>(trainee_.rng().below(static_cast<std::uint32_t>(window_ - shortest + 1)));
  draw_windows(observed_, ranges_, length, settings_.integer("batch"), trainee_.rng(), windows_);
  model_.bind(trainee_.theta().data());
  SolveReport solve = gradient_->forward(*model_.field, windows_.y0, windows_.times);
  if (solve.status != SolveStatus::ok) return trainee_.finish(0, solve);
  const double loss = mechanical_loss(*system_, settings_.number("physics_weight"),
                                      gradient_->states(), windows_.target, states_bar_);
  const SolveReport backward = gradient_->backward(*model_.field, states_bar_);
  if (backward.status != SolveStatus::ok) return trainee_.finish(loss, backward);
  trainee_.theta_bar() = gradient_->theta_bar();
  const StepReport report = trainee_.finish(loss, solve);
  if (!report.ok) return report;
  solve_ = std::move(solve);
  if (trainee_.step() % steps_between_tests == 0) {
    scores_.test_loss = test_windows();
    trainee_.record_test(scores_.test_loss);
  }
  return report;
}

double Physics::test_windows() {
  model_.bind(trainee_.theta().data());
  solver_->solve(*model_.field, held_out_.y0, held_out_.times);
  MeanSquare error;
  for (std::size_t k = 1; k < held_out_.target.size(); ++k) {
    const auto &state = solver_->states()[k], &target = held_out_.target[k];
    for (Index i = 0; i < state.size(); ++i) {
      error.add(static_cast<double>(state.data()[i]) - static_cast<double>(target.data()[i]));
    }
  }
  return error.value();
}

void Physics::follow_motions() {
  const auto count = static_cast<Index>(truth_.size());
  Matrix<float> y0(system_->dim, count);
  for (Index k = 0; k < count; ++k) {
    y0.col(k) = truth_[static_cast<std::size_t>(k)].y.col(0).cast<float>();
  }
  const auto& times = truth_.front().times;
  model_.bind(trainee_.theta().data());
  long_solver_->solve(*model_.field, y0,
                      Eigen::Map<const Matrix<double>>(times.data(), long_points, 1));
  for (Index k = 0; k < count; ++k) {
    Matrix<double>& y = learnt_[static_cast<std::size_t>(k)].y;
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

void Physics::test() {
  tested_step_ = trainee_.step();
  scores_ = {};
  scores_.test_loss = test_windows();
  follow_motions();
  MeanSquare shown, beyond;
  double drift = 0, error = 0, scale = 0;
  for (std::size_t k = 0; k < truth_.size(); ++k) {
    const Matrix<double>&y = learnt_[k].y, &exact = truth_[k].y;
    const double start = system_->energy(exact.col(0).data(), nullptr);
    double largest_drift = 0, largest_error = 0;
    for (Index i = 1; i < y.cols(); ++i) {
      for (Index d = 0; d < y.rows(); ++d) {
        (i < shown_ ? shown : beyond).add(y(d, i) - exact(d, i));
      }
      const double energy = system_->energy(y.col(i).data(), nullptr);
      const double expected = system_->energy(exact.col(i).data(), nullptr);
      largest_drift = std::max(largest_drift, std::abs(energy - start));
      largest_error = std::max(largest_error, std::abs(energy - expected));
    }
    drift += largest_drift;
    error += largest_error;
    scale += system_->energy_scale(exact.col(0).data());
  }
  scores_.energy_drift = drift / scale;
  scores_.energy_error = error / scale;
  scores_.trajectory_mse = shown.value();
  scores_.extrapolation_mse = beyond.value();
}

std::vector<std::uint8_t> Physics::save() const {
  return model_.field ? trainee_.save(name) : std::vector<std::uint8_t>();
}

Status Physics::load(std::span<const std::uint8_t> safetensors) {
  if (!model_.field) return Error{"there is no run to load into: its settings cannot be used"};
  if (Status status = trainee_.load(name, safetensors); !status) return status;
  solve_ = {};
  test();
  return {};
}

std::unique_ptr<Experiment> make_physics() {
  return std::make_unique<Physics>();
}

}  // namespace neural_ode
