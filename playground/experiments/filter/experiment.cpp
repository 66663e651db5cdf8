#include "playground/experiments/filter/experiment.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/nn/activation.h"
#include "playground/experiments/filter/run.h"
#include "playground/training/rows.h"

namespace neural_ode {

namespace {

constexpr char name[] = "filter";
constexpr std::int64_t default_steps = 2000;
constexpr std::int64_t steps_between_tests = 50;
constexpr Index test_series = 256;
constexpr int fine_points = 240;  // of the exact curve in the picture
constexpr int bins = 6;           // of gaps by length

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = name;
  info.label = "Filter";
  info.promise =
      "From noisy values at irregular times, say what the next one will be, whenever it comes.";
  info.look_for =
      "Between observations the hidden state follows an ODE, at each one it jumps: the line breaks "
      "where a value corrects it, less and less the more it has seen. A recurrent network told the "
      "gap learns from the same series. On the right: how both err as gaps grow.";
  info.default_steps = default_steps;
  info.suggestions = {
      {"Damped waves", {{"data", "damped"}}},
      {"Waves of any frequency", {{"data", "periodic"}, {"observations", "20"}}},
      {"Few and far between", {{"observations", "8"}}},
      {"Very noisy", {{"noise", "0.3"}}},
  };

  auto& table = info.parameters;
  table.push_back(choice_row(Group::data, "data", "Series",
                             {{"damped", "Damped waves"}, {"periodic", "Periodic"}}, "damped",
                             "Waves of random frequency and phase: fresh ones in every step, each "
                             "observed at random times of its own."));
  table.back().pictures = true;
  table.push_back(noise_row(0.05));
  table.push_back(integer_row(Group::data, "observations", "Observations", 3, 60, 15,
                              "Of each series, at times drawn uniformly from its duration."));
  table.push_back(
      real_row(Group::data, "duration", "Duration", 1, 10, 6, "How long each series is observed."));
  table.push_back(integer_row(Group::model, "state", "State", 1, 64, 16,
                              "Units of the hidden state h of the jump ODE."));
  table.push_back(hidden_row(32));
  table.push_back(layers_row(1));
  table.push_back(activation_row("tanh"));
  table.push_back(integer_row(Group::model, "recurrent", "Recurrent units", 1, 64, 24,
                              "Units of the recurrent network beside it. 24 have about as many "
                              "parameters as the usual jump ODE."));
  add_solver_rows(table, "rk4", 1e-3, 0.2);
  add_training_rows(table, 0.01, 64, "cosine");
  return info;
}

}  // namespace

const ExperimentInfo& filter_info() {
  static const ExperimentInfo info = make_info();
  return info;
}

void FilterExperiment::draw(Rng& rng, Index count, Series& series) {
  const Index length = settings_.integer("observations");
  const double duration = settings_.number("duration"), noise = settings_.number("noise");
  series.seen.times.resize(length, count);
  series.seen.x.resize(family_->dim, length * count);
  series.exact.resize(family_->dim, length * count);
  std::vector<double> times(static_cast<std::size_t>(length));
  for (Index s = 0; s < count; ++s) {
    for (double& t : times) t = rng.uniform(0, duration);
    std::sort(times.begin(), times.end());
    // Strictly increasing.
    for (std::size_t i = 1; i < times.size(); ++i)
      times[i] = std::max(times[i], times[i - 1] + 1e-3 * duration / static_cast<double>(length));
    if (s == 0 && !series.fine_times.empty()) {
      Rng same = rng;  // the same wave: what it is does not depend on the times
      series.fine = family_->make(series.fine_times, 1, true, same).exact[0];
    }
    const SeriesSet one = family_->make(times, 1, true, rng);
    for (Index i = 0; i < length; ++i) {
      series.seen.times(i, s) = times[static_cast<std::size_t>(i)];
      for (Index d = 0; d < family_->dim; ++d) {
        const double value = one.exact[0](d, i);
        series.exact(d, i * count + s) = static_cast<float>(value);
        series.seen.x(d, i * count + s) = static_cast<float>(value + noise * rng.normal());
      }
    }
  }
}

Status FilterExperiment::reset(const Settings& settings, std::uint64_t seed) {
  settings_ = settings;
  jump_.reset();
  recurrent_.reset();
  family_ = find_series_family(settings.choice("data"));
  FilterSpec spec;
  spec.data_dim = static_cast<int>(family_->dim);
  spec.state = settings.integer("state");
  spec.hidden = settings.integer("hidden");
  spec.layers = settings.integer("layers");
  spec.activation = *find_activation(settings.choice("activation"));
  spec.solver = solver_options(settings);
  const auto strategy = gradient_strategy(settings, spec.solver);
  if (!strategy) return Error{strategy.error()};
  spec.gradient = strategy.value();
  jump_ = make_jump_filter<float>(spec);
  spec.state = settings.integer("recurrent");
  recurrent_ = make_recurrent_filter<float>(spec);

  Rng data(seed, Trainee::data_stream);
  test_.fine_times.clear();
  for (int i = 0; i < fine_points; ++i)
    test_.fine_times.push_back(settings.number("duration") * i / (fine_points - 1));
  draw(data, test_series, test_);
  shown_.seen.take(test_.seen, 0, 1);
  ParameterLayout layout;
  layout.append("jump.", jump_->layout());
  recurrent_offset_ = layout.append("recurrent.", recurrent_->layout());
  Rng weights(seed, Trainee::weight_stream);
  Vector<float> theta = Vector<float>::Zero(layout.size());
  jump_->initialize(weights, theta.head(recurrent_offset_));
  recurrent_->initialize(weights, theta.tail(recurrent_->layout().size()));
  trainee_.start(settings, seed, default_steps, layout, std::move(theta));
  trainee_.clip_apart(recurrent_offset_);
  nfe_forward_ = nfe_backward_ = 0;
  test();
  record_scores();
  return {};
}

double FilterExperiment::loss(const Matrix<float>& prediction, const Matrix<float>& target) {
  const Index count = prediction.cols(), skipped = target.cols() - count;
  const double share = 1 / static_cast<double>(prediction.size());
  bar_.resize(prediction.rows(), count);
  double sum = 0;
  for (Index c = 0; c < count; ++c) {
    for (Index d = 0; d < prediction.rows(); ++d) {
      const double miss = static_cast<double>(prediction(d, c) - target(d, skipped + c));
      sum += miss * miss;
      bar_(d, c) = static_cast<float>(2 * share * miss);
    }
  }
  return sum * share;
}

StepReport FilterExperiment::step() {
  if (!jump_) return {false, 0, unknown, "there is no run: its settings cannot be used"};
  trainee_.begin();
  draw(trainee_.rng(), settings_.integer("batch"), batch_);
  trainee_.theta_bar().setZero();
  report_ = jump_->forward(jump_theta(), batch_.seen);
  if (!report_.succeeded()) return trainee_.finish(0, report_);
  const double value = loss(jump_->prediction(), batch_.seen.x);
  report_ = jump_->pullback(jump_theta(), bar_, trainee_.theta_bar().head(recurrent_offset_));
  if (!report_.succeeded()) return trainee_.finish(value, report_);
  nfe_forward_ = jump_->nfe_forward();
  nfe_backward_ = jump_->nfe_backward();
  recurrent_->forward(recurrent_theta(), batch_.seen);
  loss(recurrent_->prediction(), batch_.seen.x);
  recurrent_->pullback(recurrent_theta(), bar_,
                       trainee_.theta_bar().tail(recurrent_->layout().size()));
  const StepReport report = trainee_.finish(value, report_);
  if (report.ok && trainee_.step() % steps_between_tests == 0) {
    test();
    record_scores();
  }
  return report;
}

void FilterExperiment::test() {
  tested_step_ = trainee_.step();
  scores_ = {};
  gap_.clear();
  scores_.last = loss(test_.seen.x.leftCols(test_.exact.cols() - test_series), test_.exact);
  recurrent_->forward(recurrent_theta(), test_.seen);
  scores_.recurrent = loss(recurrent_->prediction(), test_.exact);
  if (!jump_->forward(jump_theta(), test_.seen).succeeded()) return;
  scores_.jump = loss(jump_->prediction(), test_.exact);
  sort_by_gap();
}

void FilterExperiment::sort_by_gap() {
  const Index count = jump_->prediction().cols();
  std::vector<std::pair<double, Index>> gaps(static_cast<std::size_t>(count));
  for (Index c = 0; c < count; ++c) {
    const Index i = c / test_series, s = c % test_series;
    gaps[static_cast<std::size_t>(c)] = {test_.seen.times(i + 1, s) - test_.seen.times(i, s), c};
  }
  std::sort(gaps.begin(), gaps.end());
  const Matrix<float>* const predictions[] = {&jump_->prediction(), &recurrent_->prediction(),
                                              &test_.seen.x};
  for (auto& errors : gap_error_) errors.assign(bins, 0);
  gap_.assign(bins, 0);
  for (std::size_t bin = 0; bin < bins; ++bin) {
    const std::size_t from = bin * gaps.size() / bins, to = (bin + 1) * gaps.size() / bins;
    const double share = 1 / static_cast<double>(std::max<std::size_t>(to - from, 1));
    for (std::size_t n = from; n < to; ++n) {
      const Index c = gaps[n].second;
      gap_[bin] += share * gaps[n].first;
      for (std::size_t k = 0; k < 3; ++k) {
        for (Index d = 0; d < family_->dim; ++d) {
          const double miss =
              static_cast<double>((*predictions[k])(d, c) - test_.exact(d, c + test_series));
          gap_error_[k][bin] += share * miss * miss / static_cast<double>(family_->dim);
        }
      }
    }
  }
}

void FilterExperiment::record_scores() {
  if (std::isfinite(scores_.jump)) trainee_.record_test(scores_.jump);
  trainee_.record("recurrent", scores_.recurrent);
}

std::vector<std::uint8_t> FilterExperiment::save() const {
  return jump_ ? trainee_.save(name) : std::vector<std::uint8_t>();
}

Status FilterExperiment::load(std::span<const std::uint8_t> safetensors) {
  if (!jump_) return Error{"there is no run to load into: its settings cannot be used"};
  if (Status status = trainee_.load(name, safetensors); !status) return status;
  test();
  return {};
}

std::unique_ptr<Experiment> make_filter() {
  return std::make_unique<FilterExperiment>();
}

}  // namespace neural_ode
