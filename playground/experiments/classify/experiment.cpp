#include "playground/experiments/classify/experiment.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/csv.h"
#include "playground/experiments/classify/picture.h"
#include "playground/experiments/classify/run.h"
#include "playground/own_data/own_points.h"
#include "playground/training/training_experiment.h"

namespace neural_ode::classify {

namespace {

constexpr double test_fraction = 0.3, most_tests = 3000;

// The picture's own solver: fixed steps of the model's method, no finer than the background needs
// to look right; RK4 for a method that finds its own steps, whose solution it comes close to.
SolverOptions picture_options(SolverOptions options) {
  if (options.adaptive() || options.method->order >= 4) {
    options.step_size = options.adaptive() ? 0.2 : std::max(options.step_size, 0.2);
    options.method = find_method("rk4");
  } else {
    options.step_size = std::max(options.step_size, options.method->order == 1 ? 0.02 : 0.05);
  }
  return options;
}

class Classify final : public TrainingExperiment {
 public:
  Classify() : TrainingExperiment({.every = 10}) {}

  const ExperimentInfo& info() const override { return classify_info(); }
  Frame frame() override;
  Frame sketch() override { return picture(run_, own_.points(), trainee(), solve(), true); }
  Status edit(const Edit& edit) override { return own_.edit(edit); }
  std::size_t edits() const override { return own_.edits(); }
  Result<std::string> set_data(std::string_view csv) override {
    return own_.set(parse_points(csv));
  }
  std::string data_csv() const override { return own_.csv(); }
  Plot preview(std::string_view parameter, std::string_view choice) const override {
    return classify::preview(parameter, choice, own_.points());
  }

 private:
  Result<Beginning> prepare(std::uint64_t seed) override;
  Status take_data(std::uint64_t seed);
  void draw_batch();
  double loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) override;
  void accepted() override;
  double score() override;

  OwnPoints own_;
  Run run_;
  Matrix<float> batch_x_;  // n x B
  std::vector<int> batch_label_;
};

Frame Classify::frame() {
  if (run_.model) refresh_scores();
  return picture(run_, own_.points(), trainee(), solve(), false);
}

Status Classify::take_data(std::uint64_t seed) {
  const Options& s = run_.options;
  Rng rng(seed, Trainee::data_stream);
  LabelledPoints all;
  if (const PointSet* set = find_point_set(s.data)) {
    all = set->make(s.points, s.noise, rng);
  } else {
    if (Status status = own_.check(); !status) return status;
    all = own_.points();
    const View view = view_of(all.x, 1);
    // What was drawn on the picture as it first shows needs no scaling.
    const double reach = view.half + std::max(std::abs(view.centre_x), std::abs(view.centre_y));
    if (reach > 3 || view.half < 0.3) run_.scale = view;
  }
  run_.data =
      split(all, std::min(test_fraction, most_tests / static_cast<double>(all.size())), rng);
  run_.train_x = run_.to_model(run_.data.train.x);
  run_.test_x = run_.to_model(run_.data.test.x);
  return {};
}

Result<Beginning> Classify::prepare(std::uint64_t seed) {
  run_ = {};
  auto read = read_options(settings());
  if (!read) return Error{read.error()};
  run_.options = std::move(read.value());
  if (Status status = take_data(seed); !status) return Error{status.error()};
  const ClassifierSpec& spec = run_.options.spec;
  run_.model = std::make_unique<Run::Model>(spec);
  run_.picture_solver = std::make_unique<Solver<float>>(picture_options(spec.solver));
  Rng weights(seed, Trainee::weight_stream);
  return Beginning{run_.model->layout(), run_.model->initialize(weights)};
}

void Classify::draw_batch() {
  const Matrix<float>& x = run_.train_x;
  const auto batch = std::min<Index>(run_.options.batch, x.cols());
  batch_x_.resize(x.rows(), batch);
  batch_label_.resize(static_cast<std::size_t>(batch));
  for (Index i = 0; i < batch; ++i) {
    // All of them when they fit, else a sample with replacement.
    const auto from = batch == x.cols() ? static_cast<std::size_t>(i)
                                        : rng().below(static_cast<std::uint32_t>(x.cols()));
    batch_x_.col(i) = x.col(static_cast<Index>(from));
    batch_label_[static_cast<std::size_t>(i)] = run_.data.train.label[from];
  }
}

double Classify::loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) {
  draw_batch();
  double loss = 0;
  solve = run_.model->loss_and_gradient(theta(), batch_x_, batch_label_, loss, theta_bar);
  return loss;
}

void Classify::accepted() {
  if (!run_.options.chooses_steps()) return;
  trainee().record(largest_nfe_curve, static_cast<double>(solve().nfe()));
  trainee().record(mean_nfe_curve, solve().mean_nfe());
}

double Classify::score() {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  run_.score = {unknown, unknown};
  if (run_.test_x.cols() > 0)
    run_.score = run_.model->score(theta(), run_.test_x, run_.data.test.label);
  return run_.score.loss;
}

}  // namespace

Matrix<float> Run::to_model(const Matrix<double>& x) const {
  if (x.rows() == 1) return x.cast<float>();
  Matrix<double> scaled = x;
  scaled.row(0).array() -= scale.centre_x;
  scaled.row(1).array() -= scale.centre_y;
  scaled /= scale.half;
  return scaled.cast<float>();
}

}  // namespace neural_ode::classify

namespace neural_ode {

std::unique_ptr<Experiment> make_classify() {
  return std::make_unique<classify::Classify>();
}

}  // namespace neural_ode
