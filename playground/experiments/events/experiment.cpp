#include "playground/experiments/events/experiment.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include "playground/experiments/events/run.h"
#include "playground/training/rows.h"

namespace neural_ode {

namespace {

constexpr char name[] = "events";
constexpr std::int64_t default_steps = 3000;
constexpr std::int64_t steps_between_tests = 10;
constexpr int long_points = 301, most_bounces = 200;
constexpr double beyond = 1.5;  // the picture goes on for so many observed spans
// The share of the observations that the curriculum begins with, and the shares of the steps when
// it begins to grow and when it has all.
constexpr double first_share = 0.15, grows_at = 0.1, full_at = 0.6;

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = name;
  info.label = "Events";
  info.promise =
      "From noisy heights of a bouncing ball, learn how it falls, where it bounces and "
      "what a bounce costs.";
  info.look_for =
      "Three things are learnt at once: the field between bounces, the surface where one happens, "
      "and the jump of the velocity there. The gradient goes through the times of the bounces. "
      "Both curves on the right should come to one. A surface that runs away below the ball is met "
      "no "
      "more, and then nothing can be learnt of it: try a learning rate of 0.05.";
  info.default_steps = default_steps;
  info.suggestions = {
      {"Balls let fall on Earth", {{"data", "dropped"}}},
      {"Thrown balls on the Moon", {{"data", "thrown"}, {"gravity", "1.62"}, {"duration", "6"}}},
      {"Very noisy heights", {{"noise", "0.15"}}},
      {"Networks for all three", {{"model", "networks"}}},
  };

  auto& table = info.parameters;
  table.push_back(choice_row(Group::data, "data", "Balls",
                             {{"dropped", "Let fall"}, {"thrown", "Thrown"}}, "dropped",
                             "How the balls start: at rest, or thrown up or down. Only their "
                             "heights are observed."));
  table.back().pictures = true;
  table.push_back(noise_row(0.02));
  table.push_back(real_row(Group::data, "gravity", "True gravity", 1, 20, 9.81,
                           "The acceleration that is to be found."));
  table.push_back(real_row(Group::data, "restitution", "True restitution", 0.5, 0.95, 0.8,
                           "The share of the velocity that a bounce leaves: to be found."));
  table.push_back(integer_row(Group::data, "trajectories", "Balls observed", 1, 16, 4,
                              "Balls, each with an initial height and velocity of its own that "
                              "are learnt as well."));
  table.push_back(integer_row(Group::data, "points", "Observations", 20, 500, 100,
                              "Observed heights of each ball, equally spaced in time."));
  table.push_back(real_row(Group::data, "duration", "Duration", 1, 8, 2.5,
                           "How long each ball is observed. Shortened where a ball would come to "
                           "rest: that takes infinitely many bounces."));
  table.push_back(flag_row(Group::data, "curriculum", "Curriculum", true,
                           "Show the first part of the flights at first and all of them later on. "
                           "Later bounces depend on all earlier ones, so that "
                           "from a poor guess they say little."));
  table.push_back(choice_row(Group::model, "model", "Model",
                             {{"parameters", "Parameters"}, {"networks", "Parameters + networks"}},
                             "parameters",
                             "A falling body with a plane surface and a coefficient of "
                             "restitution, or these with a network beside each: the "
                             "acceleration, the event function g and the velocity after it."));
  table.push_back(shown_for(hidden_row(8), "model", {"networks"}));
  table.push_back(shown_for(layers_row(1), "model", {"networks"}));
  table.push_back(shown_for(activation_row("tanh"), "model", {"networks"}));
  add_solver_rows(table, "dopri5", 1e-4, 0.05);
  add_training_rows(table, 0.01, 16, "cosine");
  return info;
}

double mean(double sum, std::size_t count) {
  return count > 0 ? sum / static_cast<double>(count) : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace

const ExperimentInfo& events_info() {
  static const ExperimentInfo info = make_info();
  return info;
}

void EventsExperiment::observe(std::uint64_t seed) {
  Rng rng(seed, Trainee::data_stream);
  truth_ = {settings_.number("gravity"), settings_.number("restitution")};
  const Index balls = settings_.integer("trajectories"), points = settings_.integer("points");
  start_.resize(2, balls);
  double duration = settings_.number("duration");
  for (Index k = 0; k < balls; ++k) {
    start_(0, k) = rng.uniform(1, 2.5);
    start_(1, k) = settings_.choice("data") == "thrown" ? rng.uniform(-2, 3) : 0;
    duration = std::min(duration, 0.9 / beyond * truth_.rest_time(start_(0, k), start_(1, k)));
  }
  times_.resize(points, 1);
  heights_.resize(points, balls);
  for (Index i = 0; i < points; ++i) {
    times_(i, 0) = duration * static_cast<double>(i) / static_cast<double>(points - 1);
    for (Index k = 0; k < balls; ++k) {
      heights_(i, k) = truth_.state(start_(0, k), start_(1, k), times_(i, 0))[0] +
                       settings_.number("noise") * rng.normal();
    }
  }
  long_times_.resize(long_points, 1);
  exact_.assign(long_points, Matrix<double>(2, balls));
  for (Index i = 0; i < long_points; ++i) {
    long_times_(i, 0) = beyond * duration * static_cast<double>(i) / (long_points - 1);
    for (Index k = 0; k < balls; ++k) {
      exact_[static_cast<std::size_t>(i)].col(k) =
          truth_.state(start_(0, k), start_(1, k), long_times_(i, 0));
    }
  }
}

Status EventsExperiment::reset(const Settings& settings, std::uint64_t seed) {
  settings_ = settings;
  parameters_.reset();
  const SolverOptions options = solver_options(settings);
  const auto strategy = gradient_strategy(settings, options);
  if (!strategy) return Error{strategy.error()};
  observe(seed);
  solve_ = std::make_unique<HybridSolve<float>>(options, *strategy.value(),
                                                GradientOptions{.times = false}, most_bounces);
  long_solve_ = std::make_unique<HybridSolve<float>>(options, *strategy.value(),
                                                     GradientOptions{.times = false}, most_bounces);
  parameters_ = std::make_unique<BallParameters<float>>(
      settings.choice("model") == "networks" ? settings.integer("hidden") : 0,
      *find_activation(settings.choice("activation")), settings.integer("layers"));
  field_ = std::make_unique<BallField<float>>(*parameters_);
  surface_ = std::make_unique<BallSurface<float>>(*parameters_);

  // The balls' own starts are unknown as well: their first observed height, at rest.
  const Index own = parameters_->layout().size(), balls = heights_.cols();
  ParameterLayout layout = parameters_->layout();
  layout.add("y0", 2, balls);
  Rng weights(seed, Trainee::weight_stream);
  Vector<float> theta = Vector<float>::Zero(layout.size());
  theta.head(own) = parameters_->initial({}, weights);
  for (Index k = 0; k < balls; ++k) theta[own + 2 * k] = static_cast<float>(heights_(0, k));
  trainee_.start(settings, seed, default_steps, layout, std::move(theta));
  order_.clear();
  for (int k = 0; k < static_cast<int>(balls); ++k) order_.push_back(k);
  report_ = backward_ = {};
  test();
  record_scores();
  return {};
}

Index EventsExperiment::observed_rows() const {
  if (!settings_.flag("curriculum")) return times_.rows();
  const double done = static_cast<double>(trainee_.step()) / static_cast<double>(default_steps);
  const double progress = std::clamp((done - grows_at) / (full_at - grows_at), 0.0, 1.0);
  const double share = first_share + (1 - first_share) * progress;
  return std::max<Index>(static_cast<Index>(share * static_cast<double>(times_.rows())), 2);
}

StepReport EventsExperiment::step() {
  if (!parameters_) return {false, 0, unknown, "there is no run: its settings cannot be used"};
  trainee_.begin();
  const Index balls = heights_.cols(), own = parameters_->layout().size();
  const Index batch = std::min<Index>(settings_.integer("batch"), balls);
  if (batch < balls) {
    for (int k = 0; k < static_cast<int>(balls); ++k) order_[static_cast<std::size_t>(k)] = k;
    trainee_.rng().shuffle(order_);
  }
  step_times_ = times_.topRows(observed_rows());
  target_.resize(step_times_.rows(), batch);
  y0_.resize(2, batch);
  for (Index s = 0; s < batch; ++s) {
    const Index ball = order_[static_cast<std::size_t>(s)];
    target_.col(s) = heights_.col(ball).head(step_times_.rows());
    y0_.col(s) = trainee_.theta().segment(own + 2 * ball, 2);
  }
  parameters_->bind(trainee_.theta().data());
  SolveReport solve = solve_->forward(*field_, y0_, step_times_, {surface_.get()});
  if (!solve.succeeded()) return trainee_.finish(0, solve);
  const double loss = height_loss<float>(solve_->states(), target_, states_bar_);
  SolveReport backward = solve_->backward(*field_, states_bar_);
  if (!backward.succeeded()) return trainee_.finish(loss, backward);
  trainee_.theta_bar().setZero();
  trainee_.theta_bar().head(own) = solve_->theta_bar();
  for (Index s = 0; s < batch; ++s) {
    trainee_.theta_bar().segment(own + 2 * order_[static_cast<std::size_t>(s)], 2) =
        solve_->y0_bar().col(s);
  }
  const StepReport report = trainee_.finish(loss, solve);
  if (!report.ok) return report;
  report_ = std::move(solve);
  backward_ = std::move(backward);
  if (trainee_.step() % steps_between_tests == 0) {
    test();
    record_scores();
  }
  return report;
}

void EventsExperiment::follow_balls() {
  const Index own = parameters_->layout().size();
  parameters_->bind(trainee_.theta().data());
  y0_ = Eigen::Map<const Matrix<float>>(trainee_.theta().data() + own, 2, heights_.cols());
  const SolveReport& report = long_solve_->forward(*field_, y0_, long_times_, {surface_.get()});
  learnt_.clear();
  if (report.succeeded()) learnt_ = long_solve_->states();
}

void EventsExperiment::test() {
  tested_step_ = trainee_.step();
  scores_ = {};
  follow_balls();
  if (learnt_.empty()) return;
  double shown = 0, later = 0, fall = 0;
  std::size_t shown_count = 0, later_count = 0;
  Matrix<float> slope(2, heights_.cols());
  const double end = times_(times_.rows() - 1, 0);
  for (std::size_t i = 0; i < learnt_.size(); ++i) {
    const double t = long_times_(static_cast<Index>(i), 0);
    field_->eval(Vector<double>::Constant(slope.cols(), t), learnt_[i], slope);
    for (Index k = 0; k < slope.cols(); ++k) {
      const double miss = static_cast<double>(learnt_[i](0, k)) - exact_[i](0, k);
      (t <= end ? shown : later) += miss * miss;
      ++(t <= end ? shown_count : later_count);
      fall -= static_cast<double>(slope(1, k));
    }
  }
  scores_.test_loss = mean(shown, shown_count);
  scores_.extrapolation_mse = mean(later, later_count);
  scores_.gravity = mean(fall, shown_count + later_count);
  double kept = 0, floor = 0;
  const std::size_t bounces = long_solve_->occurrences().size();
  for (std::size_t n = 0; n < bounces; ++n) {
    kept -= static_cast<double>(long_solve_->after(n)[1] / long_solve_->before(n)[1]);
    floor += static_cast<double>(long_solve_->before(n)[0]);
  }
  scores_.restitution = mean(kept, bounces);
  scores_.floor = mean(floor, bounces);
}

void EventsExperiment::record_scores() {
  if (learnt_.empty()) return;
  trainee_.record_test(scores_.test_loss);
  trainee_.record("gravity", scores_.gravity / truth_.gravity);
  if (std::isfinite(scores_.restitution)) {
    trainee_.record("restitution", scores_.restitution / truth_.restitution);
  }
}

std::vector<std::uint8_t> EventsExperiment::save() const {
  return parameters_ ? trainee_.save(name) : std::vector<std::uint8_t>();
}

Status EventsExperiment::load(std::span<const std::uint8_t> safetensors) {
  if (!parameters_) return Error{"there is no run to load into: its settings cannot be used"};
  if (Status status = trainee_.load(name, safetensors); !status) return status;
  report_ = backward_ = {};
  test();
  return {};
}

std::unique_ptr<Experiment> make_events() {
  return std::make_unique<EventsExperiment>();
}

}  // namespace neural_ode
