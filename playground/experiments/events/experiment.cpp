#include "playground/experiments/events/experiment.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/train/windows_loss.h"
#include "playground/contract/no_own_data.h"
#include "playground/experiments/events/picture.h"
#include "playground/experiments/events/run.h"
#include "playground/training/training_experiment.h"

namespace neural_ode::events {

namespace {

constexpr int long_points = 301, most_bounces = 200;
constexpr double beyond = 1.5;  // the picture goes on for so many observed spans
// The share of the observations that the curriculum begins with, and the shares of the steps when
// it begins to grow and when it has all.
constexpr double first_share = 0.15, grows_at = 0.1, full_at = 0.6;

double mean(double sum, std::size_t count) {
  return count > 0 ? sum / static_cast<double>(count) : unknown;
}

class Events final : public WithoutOwnData<TrainingExperiment> {
 public:
  Events() : WithoutOwnData({.every = 10}) {}

  const ExperimentInfo& info() const override { return events_info(); }
  Frame frame() override;
  Plot preview(std::string_view parameter, std::string_view choice) const override {
    return events::preview(parameter, choice);
  }

 private:
  Result<Beginning> prepare(std::uint64_t seed) override;
  void observe(std::uint64_t seed);
  void make_model();
  void draw_batch();
  double loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) override;
  void accepted() override { run_.backward = backward_; }
  void restored() override { run_.backward = {}; }
  double score() override;
  void follow_balls();
  void score_bounces();
  void record_scores(double test_loss) override;

  Run run_;
  std::vector<int> order_;  // balls of a step: the first of them
  Matrix<float> y0_;
  Matrix<double> step_times_, target_;
  std::vector<Matrix<float>> states_bar_;
  SolveReport backward_;  // of the step that is being taken
};

Frame Events::frame() {
  if (!ready()) return {};
  refresh_scores();
  return picture(run_, trainee(), solve());
}

void Events::observe(std::uint64_t seed) {
  const Options& s = run_.options;
  Rng rng(seed, Trainee::data_stream);
  Matrix<double>& start = run_.start;
  start.resize(2, s.balls);
  double duration = s.duration;
  for (Index k = 0; k < s.balls; ++k) {
    start(0, k) = rng.uniform(1, 2.5);
    start(1, k) = s.thrown ? rng.uniform(-2, 3) : 0;
    duration = std::min(duration, 0.9 / beyond * s.truth.rest_time(start(0, k), start(1, k)));
  }
  run_.times.resize(s.points, 1);
  run_.heights.resize(s.points, s.balls);
  for (Index i = 0; i < s.points; ++i) {
    const double t = duration * static_cast<double>(i) / static_cast<double>(s.points - 1);
    run_.times(i, 0) = t;
    for (Index k = 0; k < s.balls; ++k) {
      run_.heights(i, k) = s.truth.state(start(0, k), start(1, k), t)[0] + s.noise * rng.normal();
    }
  }
  run_.long_times.resize(long_points, 1);
  run_.exact.assign(long_points, Matrix<double>(2, s.balls));
  for (Index i = 0; i < long_points; ++i) {
    const double t = beyond * duration * static_cast<double>(i) / (long_points - 1);
    run_.long_times(i, 0) = t;
    for (Index k = 0; k < s.balls; ++k) {
      run_.exact[static_cast<std::size_t>(i)].col(k) = s.truth.state(start(0, k), start(1, k), t);
    }
  }
}

void Events::make_model() {
  const Options& s = run_.options;
  for (auto* solve : {&run_.training, &run_.following}) {
    *solve = std::make_unique<HybridSolve<float>>(s.solver, *s.gradient,
                                                  GradientOptions{.times = false}, most_bounces);
  }
  run_.parameters = std::make_unique<BallParameters<float>>(s.hidden, s.activation, s.layers);
  run_.field = std::make_unique<BallField<float>>(*run_.parameters);
  run_.surface = std::make_unique<BallSurface<float>>(*run_.parameters);
}

Result<Beginning> Events::prepare(std::uint64_t seed) {
  run_ = {};
  auto read = read_options(settings());
  if (!read) return Error{read.error()};
  run_.options = std::move(read.value());
  observe(seed);
  make_model();

  // The balls' own starts are unknown as well: their first observed height, at rest.
  const Index own = run_.parameters->layout().size(), balls = run_.balls();
  Beginning beginning;
  beginning.layout = run_.parameters->layout();
  beginning.layout.add("y0", 2, balls);
  Rng weights(seed, Trainee::weight_stream);
  beginning.theta = Vector<float>::Zero(beginning.layout.size());
  beginning.theta.head(own) = run_.parameters->initial({}, weights);
  order_.clear();
  for (int k = 0; k < static_cast<int>(balls); ++k) {
    beginning.theta[own + 2 * k] = static_cast<float>(run_.heights(0, k));
    order_.push_back(k);
  }
  return beginning;
}

// Its starts, times and heights.
void Events::draw_batch() {
  const Index balls = run_.balls(), own = run_.parameters->layout().size();
  const Index batch = std::min<Index>(run_.options.batch, balls);
  if (batch < balls) {
    for (int k = 0; k < static_cast<int>(balls); ++k) order_[static_cast<std::size_t>(k)] = k;
    rng().shuffle(order_);
  }
  step_times_ = run_.times.topRows(run_.observed_rows(trainee().step()));
  target_.resize(step_times_.rows(), batch);
  y0_.resize(2, batch);
  for (Index s = 0; s < batch; ++s) {
    const Index ball = order_[static_cast<std::size_t>(s)];
    target_.col(s) = run_.heights.col(ball).head(step_times_.rows());
    y0_.col(s) = theta().segment(own + 2 * ball, 2);
  }
}

double Events::loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) {
  draw_batch();
  run_.parameters->bind(theta().data());
  HybridSolve<float>& training = *run_.training;
  solve = training.forward(*run_.field, y0_, step_times_, {run_.surface.get()});
  if (!solve.succeeded()) return 0;
  const double loss = height_loss<float>(training.states(), target_, states_bar_);
  backward_ = training.backward(*run_.field, states_bar_);
  if (!backward_.succeeded()) {
    solve = backward_;
    return loss;
  }
  const Index own = run_.parameters->layout().size();
  theta_bar.setZero();
  theta_bar.head(own) = training.theta_bar();
  for (Index s = 0; s < y0_.cols(); ++s) {
    theta_bar.segment(own + 2 * order_[static_cast<std::size_t>(s)], 2) = training.y0_bar().col(s);
  }
  return loss;
}

void Events::follow_balls() {
  const Index own = run_.parameters->layout().size();
  run_.parameters->bind(theta().data());
  y0_ = Eigen::Map<const Matrix<float>>(theta().data() + own, 2, run_.balls());
  const SolveReport& report =
      run_.following->forward(*run_.field, y0_, run_.long_times, {run_.surface.get()});
  run_.learnt.clear();
  if (report.succeeded()) run_.learnt = run_.following->states();
}

double Events::score() {
  run_.scores = {};
  follow_balls();
  if (run_.learnt.empty()) return unknown;
  MeanSquare shown, later;
  double fall = 0;
  std::size_t count = 0;
  Matrix<float> slope(2, run_.balls());
  const double end = run_.times(run_.times.rows() - 1, 0);
  for (std::size_t i = 0; i < run_.learnt.size(); ++i) {
    const double t = run_.long_times(static_cast<Index>(i), 0);
    run_.field->eval(Vector<double>::Constant(slope.cols(), t), run_.learnt[i], slope);
    for (Index k = 0; k < slope.cols(); ++k) {
      (t <= end ? shown : later)
          .add(static_cast<double>(run_.learnt[i](0, k)), run_.exact[i](0, k));
      fall -= static_cast<double>(slope(1, k));
      ++count;
    }
  }
  run_.scores.test_loss = shown.value();
  run_.scores.extrapolation_mse = later.value();
  run_.scores.gravity = mean(fall, count);
  score_bounces();
  return run_.scores.test_loss;
}

void Events::score_bounces() {
  const HybridSolve<float>& flights = *run_.following;
  double kept = 0, floor = 0;
  const std::size_t bounces = flights.occurrences().size();
  for (std::size_t n = 0; n < bounces; ++n) {
    kept -= static_cast<double>(flights.after(n)[1] / flights.before(n)[1]);
    floor += static_cast<double>(flights.before(n)[0]);
  }
  run_.scores.restitution = mean(kept, bounces);
  run_.scores.floor = mean(floor, bounces);
}

void Events::record_scores(double test_loss) {
  if (run_.learnt.empty()) return;
  const Scores& scores = run_.scores;
  const BouncingBall& truth = run_.options.truth;
  trainee().record_test(test_loss);
  trainee().record(gravity_curve, scores.gravity / truth.gravity);
  if (std::isfinite(scores.restitution)) {
    trainee().record(restitution_curve, scores.restitution / truth.restitution);
  }
}

}  // namespace

Index Run::observed_rows(std::int64_t step) const {
  if (!options.curriculum) return times.rows();
  const double done = static_cast<double>(step) / static_cast<double>(events_info().default_steps);
  const double progress = std::clamp((done - grows_at) / (full_at - grows_at), 0.0, 1.0);
  const double share = first_share + (1 - first_share) * progress;
  return std::max<Index>(static_cast<Index>(share * static_cast<double>(times.rows())), 2);
}

}  // namespace neural_ode::events

namespace neural_ode {

std::unique_ptr<Experiment> make_events() {
  return std::make_unique<events::Events>();
}

}  // namespace neural_ode
