#include "playground/experiments/filter/experiment.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "playground/experiments/filter/picture.h"
#include "playground/experiments/filter/run.h"
#include "playground/training/training_experiment.h"

namespace neural_ode::filter {

namespace {

constexpr Index test_series = 256;
constexpr int fine_points = 240;  // of the exact curve in the picture
constexpr int bins = 6;           // of gaps by length

// Of predictions of all observations but the first; writes its cotangent.
double mean_square(const Matrix<float>& prediction, const Matrix<float>& target,
                   Matrix<float>& bar) {
  const Index count = prediction.cols(), skipped = target.cols() - count;
  const double share = 1 / static_cast<double>(prediction.size());
  bar.resize(prediction.rows(), count);
  double sum = 0;
  for (Index c = 0; c < count; ++c) {
    for (Index d = 0; d < prediction.rows(); ++d) {
      const double miss = static_cast<double>(prediction(d, c) - target(d, skipped + c));
      sum += miss * miss;
      bar(d, c) = static_cast<float>(2 * share * miss);
    }
  }
  return sum * share;
}

class Filter final : public TrainingExperiment {
 public:
  Filter() : TrainingExperiment({.every = 50}) {}

  const ExperimentInfo& info() const override { return filter_info(); }
  Frame frame() override;
  // There is no plane to draw on.
  Status edit(const Edit& edit) override {
    const bool draws = edit.action == Edit::Action::add || edit.action == Edit::Action::remove;
    return draws ? Status(Error{"series are pasted or loaded, not drawn"}) : own_.edit(edit);
  }
  std::size_t edits() const override { return own_.edits(); }
  Result<std::string> set_data(std::string_view csv) override { return own_.set(csv, true); }
  std::string data_csv() const override { return own_.csv(); }
  Plot preview(std::string_view parameter, std::string_view choice) const override {
    return filter::preview(parameter, choice, own_);
  }

 private:
  Result<Beginning> prepare(std::uint64_t seed) override;
  Status make_series(std::uint64_t seed);
  double loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) override;
  void accepted() override;
  double score() override;
  void sort_by_gap();
  void record_scores(double test_loss) override;

  OwnTrajectories own_;
  Run run_;
  Series batch_;
  Matrix<float> bar_;  // of predictions
};

Frame Filter::frame() {
  if (!ready()) return empty_picture();
  refresh_scores();
  return picture(run_, trainee());
}

Status Filter::make_series(std::uint64_t seed) {
  Options& options = run_.options;
  if (options.family == nullptr) {
    auto cut = cut_series(own_, options.observations);
    if (!cut) return Error{cut.error()};
    run_.own = std::move(cut.value());
    options.jump.data_dim = options.recurrent.data_dim = static_cast<int>(run_.own.dim);
    take_test(run_.own, test_series, run_.test);
    const OwnSeries::Window& first = run_.own.test.front();
    run_.shown_from = run_.own.series[first.series].times[static_cast<std::size_t>(first.first)];
  } else {
    Rng data(seed, Trainee::data_stream);
    for (int i = 0; i < fine_points; ++i)
      run_.test.fine_times.push_back(options.duration * i / (fine_points - 1));
    draw(options, data, test_series, run_.test);
  }
  run_.shown.take(run_.test.seen, 0, 1);
  return {};
}

Result<Beginning> Filter::prepare(std::uint64_t seed) {
  run_ = {};
  auto read = read_options(settings());
  if (!read) return Error{read.error()};
  run_.options = std::move(read.value());
  if (Status status = make_series(seed); !status) return Error{status.error()};
  run_.jump = make_jump_filter<float>(run_.options.jump);
  run_.recurrent = make_recurrent_filter<float>(run_.options.recurrent);

  Beginning beginning;
  beginning.layout.append("jump.", run_.jump->layout());
  run_.recurrent_offset = beginning.layout.append("recurrent.", run_.recurrent->layout());
  beginning.clip_apart = run_.recurrent_offset;
  Rng weights(seed, Trainee::weight_stream);
  beginning.theta = Vector<float>::Zero(beginning.layout.size());
  run_.jump->initialize(weights, beginning.theta.head(run_.recurrent_offset));
  run_.recurrent->initialize(weights, beginning.theta.tail(run_.recurrent->layout().size()));
  return beginning;
}

// The loss is the jump ODE's; the recurrent network learns beside it from the same series.
double Filter::loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) {
  const auto jump_theta = run_.jump_theta(theta()), recurrent_theta = run_.recurrent_theta(theta());
  if (run_.options.family == nullptr)
    draw(run_.own, rng(), run_.options.batch, batch_);
  else
    draw(run_.options, rng(), run_.options.batch, batch_);
  theta_bar.setZero();
  solve = run_.jump->forward(jump_theta, batch_.seen);
  if (!solve.succeeded()) return 0;
  const double loss = mean_square(run_.jump->prediction(), batch_.seen.x, bar_);
  solve = run_.jump->pullback(jump_theta, bar_, theta_bar.head(run_.recurrent_offset));
  if (!solve.succeeded()) return loss;
  run_.recurrent->forward(recurrent_theta, batch_.seen);
  mean_square(run_.recurrent->prediction(), batch_.seen.x, bar_);
  run_.recurrent->pullback(recurrent_theta, bar_, theta_bar.tail(recurrent_theta.size()));
  return loss;
}

void Filter::accepted() {
  run_.nfe_forward = run_.jump->nfe_forward();
  run_.nfe_backward = run_.jump->nfe_backward();
}

double Filter::score() {
  const Series& test = run_.test;
  Scores& scores = run_.scores = {};
  run_.gap.clear();
  scores.last =
      mean_square(test.seen.x.leftCols(test.exact.cols() - test.seen.series()), test.exact, bar_);
  run_.recurrent->forward(run_.recurrent_theta(theta()), test.seen);
  scores.recurrent = mean_square(run_.recurrent->prediction(), test.exact, bar_);
  if (!run_.jump->forward(run_.jump_theta(theta()), test.seen).succeeded()) return unknown;
  scores.jump = mean_square(run_.jump->prediction(), test.exact, bar_);
  sort_by_gap();
  return scores.jump;
}

void Filter::sort_by_gap() {
  const Index count = run_.jump->prediction().cols(), series = run_.test.seen.series();
  std::vector<std::pair<double, Index>> gaps(static_cast<std::size_t>(count));
  for (Index c = 0; c < count; ++c) {
    const Index i = c / series, s = c % series;
    gaps[static_cast<std::size_t>(c)] = {
        run_.test.seen.times(i + 1, s) - run_.test.seen.times(i, s), c};
  }
  std::sort(gaps.begin(), gaps.end());
  const Matrix<float>* const predictions[] = {&run_.jump->prediction(),
                                              &run_.recurrent->prediction(), &run_.test.seen.x};
  for (auto& errors : run_.gap_error) errors.assign(bins, 0);
  run_.gap.assign(bins, 0);
  for (std::size_t bin = 0; bin < bins; ++bin) {
    const std::size_t from = bin * gaps.size() / bins, to = (bin + 1) * gaps.size() / bins;
    const double share = 1 / static_cast<double>(std::max<std::size_t>(to - from, 1));
    for (std::size_t n = from; n < to; ++n) {
      const Index c = gaps[n].second;
      run_.gap[bin] += share * gaps[n].first;
      for (std::size_t k = 0; k < 3; ++k) {
        for (Index d = 0; d < run_.dim(); ++d) {
          const double miss =
              static_cast<double>((*predictions[k])(d, c) - run_.test.exact(d, c + series));
          run_.gap_error[k][bin] += share * miss * miss / static_cast<double>(run_.dim());
        }
      }
    }
  }
}

void Filter::record_scores(double test_loss) {
  if (std::isfinite(test_loss)) trainee().record_test(test_loss);
  trainee().record(recurrent_curve, run_.scores.recurrent);
}

}  // namespace

}  // namespace neural_ode::filter

namespace neural_ode {

std::unique_ptr<Experiment> make_filter() {
  return std::make_unique<filter::Filter>();
}

}  // namespace neural_ode
