#include "playground/experiments/latent/experiment.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/math.h"
#include "playground/experiments/latent/picture.h"
#include "playground/experiments/latent/run.h"
#include "playground/own_data/own_trajectories.h"
#include "playground/training/training_experiment.h"

namespace neural_ode::latent {

namespace {

// Streams of the generator beyond those of Trainee: noise of the test's one sample of z0.
constexpr std::uint64_t test_stream = 4;

class Latent final : public TrainingExperiment {
 public:
  // A score is dear here, so that a run begins without one.
  Latent() : TrainingExperiment({.every = 100, .at_start = false}) {}

  const ExperimentInfo& info() const override { return latent_info(); }
  Frame frame() override;
  // With own data, of those; else of the observations of the series in the picture, which no
  // training depends on. On the plot of codes, of the code that is decoded beside the fit.
  Status edit(const Edit& edit) override;
  std::size_t edits() const override { return own_.edits(); }
  Result<std::string> set_data(std::string_view csv) override { return own_.set(csv); }
  std::string data_csv() const override { return own_.csv(); }
  Plot preview(std::string_view parameter, std::string_view choice) const override {
    return latent::preview(parameter, choice, own_);
  }

 private:
  Result<Beginning> prepare(std::uint64_t seed) override;
  void make_model();
  void fill_tests(std::uint64_t seed);
  double kl_weight() const;
  void draw_batch();
  double loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) override;
  double score() override;
  void restored() override { run_.axes_known = false; }

  OwnTrajectories own_;
  Run run_;
  std::vector<int> series_;  // of the batch
  SeriesBatch<float> seen_, target_;
  Matrix<float> eps_;  // L x B
};

Frame Latent::frame() {
  if (run_.model) refresh_scores();
  return picture(run_, own_, trainee(), solve());
}

Status Latent::edit(const Edit& edit) {
  if (run_.model && edit.plot == "latent") {
    if (!run_.axes_known) refresh_scores();  // which says what the axes are
    return edit_code(run_, theta(), edit);
  }
  if (settings().table().empty() || settings().choice("data") == "own") return own_.edit(edit);
  if (!run_.model) return Error{"there is no run: its settings cannot be used"};
  return edit_series(run_, edit);
}

// The observations of a series that the encoder is shown.
Trajectory seen_part(const Trajectory& series, const std::vector<int>& seen) {
  Trajectory part;
  part.y.resize(series.y.rows(), static_cast<Index>(seen.size()));
  for (std::size_t i = 0; i < seen.size(); ++i) {
    part.times.push_back(series.times[static_cast<std::size_t>(seen[i])]);
    part.y.col(static_cast<Index>(i)) = series.y.col(seen[i]);
  }
  return part;
}

Result<Beginning> Latent::prepare(std::uint64_t seed) {
  run_ = {};
  const bool own = settings().choice("data") == "own";
  if (own) {
    if (Status status = own_.check(); !status) return Error{status.error()};
  }
  auto read = read_options(settings());
  if (!read) return Error{read.error()};
  run_.options = std::move(read.value());
  Rng rng(seed, Trainee::data_stream);
  run_.data = make_data(run_.options, own_, rng);
  make_model();
  fill_tests(seed);
  const auto shown = own ? run_.data.test.size() - 1 : 0;
  run_.query.start(seen_part(run_.data.test[shown], run_.data.test_seen[shown]));
  Rng weights(seed, Trainee::weight_stream);
  return Beginning{run_.model->layout(), run_.model->initialize(weights), run_.options.round};
}

void Latent::make_model() {
  LatentSpec spec = run_.options.spec;
  spec.encoder.data_dim = spec.decoder.data_dim = static_cast<int>(run_.data.dim);
  // Learning it begins at a third of the spread of the data; else it is in the units of these.
  const double sigma = spec.learn_noise ? 0.3 : run_.options.sigma / run_.data.scale;
  spec.log_variance = 2 * math::log(sigma);
  run_.model = std::make_unique<LatentModel<float>>(spec);
}

void Latent::fill_tests(std::uint64_t seed) {
  const Data& data = run_.data;
  std::vector<int> all(data.test.size());
  std::iota(all.begin(), all.end(), 0);
  fill_batch(data, data.test, &data.test_seen, all, run_.test_seen);
  fill_batch(data, data.test, run_.options.whole ? nullptr : &data.test_seen, all,
             run_.test_target);
  const Index latent = run_.options.spec.encoder.latent_dim, series = run_.test_seen.series();
  for (Matrix<float>* each : {&run_.test_mean, &run_.test_log_variance, &run_.test_eps})
    each->resize(latent, series);
  Rng noise(seed, test_stream);
  for (float& each : run_.test_eps.reshaped()) each = static_cast<float>(noise.normal());
  if (data.truth.empty()) return;
  const auto& times = data.truth[0].times;
  run_.truth_times =
      Eigen::Map<const Vector<double>>(times.data(), static_cast<Index>(times.size()))
          .replicate(1, series);
}

double Latent::kl_weight() const {
  const double weight = run_.options.kl_weight, steps = run_.options.kl_annealing;
  const auto done = static_cast<double>(trainee().step() + 1);
  return done >= steps ? weight : weight * done / steps;
}

void Latent::draw_batch() {
  Data& data = run_.data;
  const bool whole = run_.options.whole;
  const auto available = static_cast<std::uint32_t>(data.train.size());
  series_.resize(
      std::min<std::size_t>(static_cast<std::size_t>(run_.options.batch), data.train.size()));
  for (int& k : series_) k = static_cast<int>(rng().below(available));
  for (const int k : series_) {
    const auto at = static_cast<std::size_t>(k);
    if (whole) draw_seen(data.train[at].y.cols(), data.train_seen[at], rng());
  }
  fill_batch(data, data.train, &data.train_seen, series_, seen_);
  fill_batch(data, data.train, whole ? nullptr : &data.train_seen, series_, target_);
  eps_.resize(run_.options.spec.encoder.latent_dim, static_cast<Index>(series_.size()));
  for (Index i = 0; i < eps_.size(); ++i) eps_.data()[i] = static_cast<float>(rng().normal());
}

double Latent::loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) {
  draw_batch();
  solve = run_.model->loss_and_gradient(theta(), seen_, target_, eps_, kl_weight(), theta_bar);
  return solve.succeeded() ? run_.model->loss() : unknown;
}

double Latent::score() {
  latent::score(run_, theta(), kl_weight());
  return run_.scores.loss;
}

}  // namespace

}  // namespace neural_ode::latent

namespace neural_ode {

std::unique_ptr<Experiment> make_latent() {
  return std::make_unique<latent::Latent>();
}

}  // namespace neural_ode
