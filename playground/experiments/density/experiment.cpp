#include "playground/experiments/density/experiment.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "engine/data/csv.h"
#include "playground/experiments/density/picture.h"
#include "playground/experiments/density/run.h"
#include "playground/own_data/own_points.h"
#include "playground/training/rows.h"
#include "playground/training/training_experiment.h"

namespace neural_ode::density {

namespace {

constexpr Index needed_points = 6;   // of one's own
constexpr int drawn_points = 10000;  // of one's own weights
constexpr double own_half = 3;       // own data fill about [-3, 3]^2
constexpr double own_jitter = 0.1;

// For the densities between t = 0 and 1, which are looked at and not measured.
SolverOptions picture_options() {
  SolverOptions options;
  options.method = find_method("rk4");
  options.step_size = 0.25;
  return options;
}

// points: 2 x N, model coordinates.
void draw_target(const Run& run, Rng& rng, MatrixOut<double> points) {
  const double noise = run.options.noise;
  if (run.target) return draw_points(*run.target, noise, rng, points);
  const double jitter = std::max(noise, own_jitter);
  for (Index i = 0; i < points.cols(); ++i) {
    const auto from = static_cast<Index>(rng.below(static_cast<std::uint32_t>(run.own.cols())));
    points(0, i) = (run.own(0, from) - run.scale.centre_x) / run.scale.half + jitter * rng.normal();
    points(1, i) = (run.own(1, from) - run.scale.centre_y) / run.scale.half + jitter * rng.normal();
  }
}

class Density final : public TrainingExperiment {
 public:
  Density() : TrainingExperiment({.every = 20}) {}

  const ExperimentInfo& info() const override { return density_info(); }
  Frame frame() override;
  Status edit(const Edit& edit) override { return own_.edit(edit); }
  std::size_t edits() const override { return own_.edits(); }
  Result<std::string> set_data(std::string_view csv) override {
    return own_.set(parse_density(csv, drawn_points));
  }
  std::string data_csv() const override { return own_.csv(); }
  Plot preview(std::string_view parameter, std::string_view choice) const override {
    return density::preview(parameter, choice, own_.points());
  }

 private:
  Result<Beginning> prepare(std::uint64_t seed) override;
  // Data, source and scale of the options; why they cannot be learnt.
  Status take_target();
  void make_models(const DensitySpec& spec);
  Beginning begin(std::uint64_t seed) const;
  double loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) override;
  // Loss of the flow on a batch, and its gradient.
  SolveReport train_flow(double& loss, Vector<float>& field_bar);
  double score() override;
  void record_scores(double test_loss) override;
  void restored() override { run_.shown.step = -1; }
  // A step of flow matching costs little beside a test.
  std::int64_t steps_between_scores() const override {
    return run_.matching ? 100 : TrainingExperiment::steps_between_scores();
  }
  bool picture_is_recent() const;

  OwnPoints own_;
  Run run_;
  Matrix<double> batch_, batch_source_;  // 2 x B
  Matrix<float> batch_single_;           // what is solved, in the precision of training
  Vector<float> field_bar_;              // where there is a baseline
};

Frame Density::frame() {
  if (run_.model && !picture_is_recent()) {
    run_.shown.step = trainee().step();
    refresh_scores();
    solve_picture(run_, theta());
  }
  return picture(run_, own_.points(), trainee(), solve());
}

// A picture of the early steps is worth its time; later ones change slowly.
bool Density::picture_is_recent() const {
  const std::int64_t step = trainee().step(), since = step - run_.shown.step;
  return run_.shown.step >= 0 && since < std::max<std::int64_t>(step / 25, 1) &&
         (since == 0 || step % steps_between_scores() != 0);
}

Status Density::take_target() {
  const Options& options = run_.options;
  run_.target = find_plane_density(options.data);
  run_.source = &standard_normal();
  if (options.matches()) {
    if (const PlaneDensity* other = find_plane_density(options.source)) run_.source = other;
  }
  if (options.by_reverse_kl()) {
    if (!run_.target || !run_.target->score) {
      return Error{
          "method reverse_kl: needs data whose density is known and smooth, 8gaussians, "
          "8gaussians_wide or crescents; data is " +
          options.data};
    }
    if (options.noise > 0)
      return Error{"method reverse_kl: learns the density as it is, so noise has to be 0"};
  }
  if (run_.target) return {};
  if (own_.points().size() < needed_points) {
    return Error{"own data: draw or paste at least " + std::to_string(needed_points) +
                 " points; so far " + std::to_string(own_.points().size())};
  }
  run_.own = own_.points().x;
  run_.scale = view_of(run_.own, 1 / own_half);
  return {};
}

Result<Beginning> Density::prepare(std::uint64_t seed) {
  run_ = {};
  run_.options = read_options(settings());
  if (Status status = take_target(); !status) return Error{status.error()};
  DensitySpec spec = run_.options.spec;
  const auto strategy = gradient_strategy(settings(), spec.solver);
  if (!strategy) return Error{strategy.error()};
  spec.gradient = strategy.value();
  make_models(spec);
  Rng data(seed, Trainee::data_stream);
  const Index points = run_.options.test_points;
  run_.test_x.resize(2, points);
  draw_target(run_, data, run_.test_x);
  run_.test_source = draw_points(*run_.source, points, 0, data);
  return begin(seed);
}

void Density::make_models(const DensitySpec& spec) {
  const Options& options = run_.options;
  run_.model = std::make_unique<DensityModel<float>>(spec);
  if (options.matches()) {
    const bool optimal = options.method == Options::Method::optimal_matching;
    run_.matching = std::make_unique<FlowMatching<float>>(
        spec.network(), optimal ? Coupling::optimal_transport : Coupling::independent,
        options.sigma);
  }
  if (options.planar_layers > 0)
    run_.planar = std::make_unique<PlanarFlow<float>>(2, options.planar_layers);
  run_.solver = std::make_unique<Solver<float>>(spec.solver);
  run_.coarse = std::make_unique<Solver<float>>(picture_options());
}

Beginning Density::begin(std::uint64_t seed) const {
  Rng weights(seed, Trainee::weight_stream);
  Beginning beginning{run_.model->layout(), run_.model->initialize(weights),
                      run_.options.schedule_steps};
  if (!run_.planar) return beginning;
  const Index own = beginning.theta.size();
  beginning.layout.append("planar.", run_.planar->layout());
  beginning.theta.conservativeResize(beginning.layout.size());
  run_.planar->initialize(weights, beginning.theta.tail(beginning.layout.size() - own));
  beginning.clip_apart = own;
  return beginning;
}

double Density::loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) {
  double loss = 0;
  batch_.resize(2, run_.options.batch);
  if (!run_.options.by_reverse_kl() || run_.planar) draw_target(run_, rng(), batch_);
  solve = train_flow(loss, run_.planar ? field_bar_ : theta_bar);
  if (run_.planar && solve.status == SolveStatus::ok) {
    theta_bar.setZero();
    theta_bar.head(field_bar_.size()) = field_bar_;
    batch_single_ = batch_.cast<float>();
    run_.planar->loss_and_gradient(run_.planar_theta(theta()), batch_single_,
                                   theta_bar.tail(run_.planar->layout().size()));
  }
  return loss;
}

SolveReport Density::train_flow(double& loss, Vector<float>& field_bar) {
  const bool reverse = run_.options.by_reverse_kl();
  const Vector<float>& field = run_.field_theta(theta());
  if (reverse || run_.matching) {
    batch_source_.resize(2, batch_.cols());
    draw_points(*run_.source, 0, rng(), batch_source_);
  }
  if (run_.matching) {
    loss = run_.matching->loss_and_gradient(field, batch_source_, batch_, rng(), field_bar);
    SolveReport solve;
    solve.status = SolveStatus::ok;
    return solve;
  }
  batch_single_ = (reverse ? batch_source_ : batch_).cast<float>();
  if (reverse) {
    return run_.model->reverse_loss_and_gradient(
        field, batch_single_, {run_.target->log_prob, run_.target->score}, rng(), loss, field_bar);
  }
  return run_.model->loss_and_gradient(field, batch_single_, rng(), loss, field_bar);
}

double Density::score() {
  run_.scores = density::score(run_, theta());
  return run_.scores.loss;
}

void Density::record_scores(double test_loss) {
  trainee().record_test(test_loss);
  if (run_.planar) trainee().record(planar_curve, run_.scores.planar_nll);
}

}  // namespace

const Vector<float>& Run::field_theta(const Vector<float>& theta) {
  if (!planar) return theta;
  field_part = theta.head(model->layout().size());
  return field_part;
}

double Run::optimum() const {
  if (options.by_reverse_kl()) return 0;
  return target && options.noise == 0 ? target->entropy : unknown;
}

}  // namespace neural_ode::density

namespace neural_ode {

std::unique_ptr<Experiment> make_density() {
  return std::make_unique<density::Density>();
}

}  // namespace neural_ode
