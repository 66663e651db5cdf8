#include "playground/experiments/density/experiment.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/analysis/assignment.h"
#include "engine/data/csv.h"
#include "engine/nn/activation.h"
#include "playground/experiments/density/run.h"
#include "playground/training/rows.h"

namespace neural_ode {

namespace {

constexpr char name[] = "density";
constexpr Index most_transported = 2048;  // points of the distance W2, whose cost is cubic
constexpr Index needed_points = 6;        // of one's own
constexpr int drawn_points = 10000;       // of one's own weights
constexpr double own_half = 3;            // own data fill about [-3, 3]^2
constexpr double own_jitter = 0.1;
constexpr std::uint64_t test_stream = 4;

DensitySpec spec_of(const Settings& settings) {
  DensitySpec spec;
  spec.hidden = settings.integer("hidden");
  spec.layers = settings.integer("layers");
  spec.activation = *find_activation(settings.choice("activation"));
  spec.time_input = settings.flag("time_input");
  spec.concat_squash = settings.choice("field") == "concat_squash";
  const std::string& trace = settings.choice("trace");
  spec.trace = trace == "rademacher" ? Trace::rademacher
               : trace == "gaussian" ? Trace::gaussian
                                     : Trace::exact;
  spec.penalty = {settings.number("kinetic"), settings.number("jacobian")};
  spec.solver = solver_options(settings);
  return spec;
}

// For the densities between t = 0 and 1, which are looked at and not measured.
SolverOptions picture_options() {
  SolverOptions options;
  options.method = find_method("rk4");
  options.step_size = 0.25;
  return options;
}

}  // namespace

Status Density::set_data(std::string_view csv) {
  if (!has_weights(csv)) return own_.set(csv);
  const auto points = parse_weighted_points(csv, drawn_points);
  if (!points) return Error{points.error()};
  return own_.set(write_points(points.value()));
}

void Density::draw_target(Rng& rng, MatrixOut<double> points) const {
  const double noise = settings_.number("noise");
  if (target_) return draw_points(*target_, noise, rng, points);
  const double jitter = std::max(noise, own_jitter);
  const Matrix<double>& own = own_.points().x;
  for (Index i = 0; i < points.cols(); ++i) {
    const auto from = static_cast<Index>(rng.below(static_cast<std::uint32_t>(own.cols())));
    points(0, i) = (own(0, from) - scale_.centre_x) / scale_.half + jitter * rng.normal();
    points(1, i) = (own(1, from) - scale_.centre_y) / scale_.half + jitter * rng.normal();
  }
}

Status Density::take_target() {
  scale_ = {};
  target_ = find_plane_density(settings_.choice("data"));
  source_ = &standard_normal();
  if (matches()) {
    if (const PlaneDensity* other = find_plane_density(settings_.choice("source"))) source_ = other;
  }
  if (settings_.choice("method") == "reverse_kl") {
    if (!target_ || !target_->score) {
      return Error{
          "method reverse_kl: needs data whose density is known and smooth, 8gaussians, "
          "8gaussians_wide or crescents; data is " +
          settings_.choice("data")};
    }
    if (settings_.number("noise") > 0)
      return Error{"method reverse_kl: learns the density as it is, so noise has to be 0"};
  }
  if (target_) return {};
  if (own_.points().size() < needed_points) {
    return Error{"own data: draw or paste at least " + std::to_string(needed_points) +
                 " points; so far " + std::to_string(own_.points().size())};
  }
  scale_ = view_of(own_.points().x, 1 / own_half);
  return {};
}

Status Density::reset(const Settings& settings, std::uint64_t seed) {
  settings_ = settings;
  model_.reset();
  if (Status status = take_target(); !status) return status;
  DensitySpec spec = spec_of(settings);
  const auto strategy = gradient_strategy(settings, spec.solver);
  if (!strategy) return Error{strategy.error()};
  spec.gradient = strategy.value();
  model_ = std::make_unique<DensityModel<float>>(spec);
  matching_.reset();
  if (matches()) {
    const bool optimal = settings.choice("method") == "ot_flow_matching";
    matching_ = std::make_unique<FlowMatching<float>>(
        spec.network(), optimal ? Coupling::optimal_transport : Coupling::independent,
        settings.number("sigma"));
  }
  planar_.reset();
  if (settings.choice("baseline") == "planar")
    planar_ = std::make_unique<PlanarFlow<float>>(2, settings.integer("planar_layers"));
  solver_ = std::make_unique<Solver<float>>(spec.solver);
  coarse_ = std::make_unique<Solver<float>>(picture_options());

  Rng data(seed, Trainee::data_stream);
  const Index points = settings.integer("test_points");
  test_x_.resize(2, points);
  draw_target(data, test_x_);
  test_source_ = draw_points(*source_, points, 0, data);
  start_training(seed);
  solve_ = {};
  shown_step_ = -1;
  test();
  record_scores();
  return {};
}

void Density::start_training(std::uint64_t seed) {
  Rng weights(seed, Trainee::weight_stream);
  ParameterLayout layout = model_->layout();
  Vector<float> theta = model_->initialize(weights);
  const Index own = theta.size();
  if (planar_) {
    layout.append("planar.", planar_->layout());
    theta.conservativeResize(layout.size());
    planar_->initialize(weights, theta.tail(layout.size() - own));
  }
  trainee_.start(settings_, seed, settings_.integer("schedule_steps"), layout, std::move(theta));
  if (planar_) trainee_.clip_apart(own);
}

const Vector<float>& Density::field_theta() {
  if (!planar_) return trainee_.theta();
  field_theta_ = trainee_.theta().head(model_->layout().size());
  return field_theta_;
}

VectorIn<float> Density::planar_theta() const {
  return trainee_.theta().tail(planar_->layout().size());
}

StepReport Density::step() {
  if (!model_) return {false, 0, unknown, "there is no run: its settings cannot be used"};
  trainee_.begin();
  const Index batch = settings_.integer("batch");
  double loss = 0;
  batch_.resize(2, batch);
  if (!by_reverse_kl() || planar_) draw_target(trainee_.rng(), batch_);
  Vector<float>& theta_bar = planar_ ? field_bar_ : trainee_.theta_bar();
  SolveReport solve = train_flow(loss, theta_bar);
  if (planar_ && solve.status == SolveStatus::ok) {
    trainee_.theta_bar().setZero();
    trainee_.theta_bar().head(field_bar_.size()) = field_bar_;
    batch_single_ = batch_.cast<float>();
    planar_->loss_and_gradient(planar_theta(), batch_single_,
                               trainee_.theta_bar().tail(planar_->layout().size()));
  }
  const StepReport report = trainee_.finish(loss, solve);
  if (!report.ok) return report;
  solve_ = std::move(solve);
  if (trainee_.step() % steps_between_tests() == 0) {
    test();
    record_scores();
  }
  return report;
}

SolveReport Density::train_flow(double& loss, Vector<float>& theta_bar) {
  const bool reverse = by_reverse_kl();
  if (reverse || matching_) {
    batch_source_.resize(2, batch_.cols());
    draw_points(*source_, 0, trainee_.rng(), batch_source_);
  }
  if (matching_) {
    loss = matching_->loss_and_gradient(field_theta(), batch_source_, batch_, trainee_.rng(),
                                        theta_bar);
    SolveReport solve;
    solve.status = SolveStatus::ok;
    return solve;
  }
  batch_single_ = (reverse ? batch_source_ : batch_).cast<float>();
  if (reverse) {
    return model_->reverse_loss_and_gradient(field_theta(), batch_single_,
                                             {target_->log_prob, target_->score}, trainee_.rng(),
                                             loss, theta_bar);
  }
  return model_->loss_and_gradient(field_theta(), batch_single_, trainee_.rng(), loss, theta_bar);
}

// A step of flow matching costs little beside a test.
std::int64_t Density::steps_between_tests() const {
  return matching_ ? 100 : 20;
}

double Density::optimum() const {
  if (by_reverse_kl()) return 0;
  return target_ && settings_.number("noise") == 0 ? target_->entropy : unknown;
}

void Density::test() {
  tested_step_ = trainee_.step();
  scores_ = {};
  test_density();
  if (matching_) {
    Rng rng(0, test_stream);
    const Index count = std::min<Index>(test_x_.cols(), 512);
    scores_.loss =
        matching_->loss(field_theta(), test_source_.leftCols(count), test_x_.leftCols(count), rng);
  } else if (by_reverse_kl()) {
    const Matrix<float> z = test_source_.cast<float>();
    scores_.reverse_kl =
        model_->reverse_divergence(field_theta(), z, {target_->log_prob, target_->score}, *solver_);
    scores_.loss = scores_.reverse_kl;
  } else {
    scores_.loss = scores_.nll;
  }

  const Index count = std::min(test_x_.cols(), most_transported);
  Matrix<double> times(2, 1);
  times << 0, 1;
  const Matrix<float> z = test_source_.leftCols(count).cast<float>();
  const Matrix<float>& end = model_->flow(field_theta(), z, times, *solver_)[1];
  scores_.nfe = solver_->report().nfe();
  if (end.allFinite()) {
    scores_.w2_squared = squared_wasserstein(end.cast<double>(), test_x_.leftCols(count));
  }
}

void Density::record_scores() {
  trainee_.record_test(scores_.loss);
  if (planar_) trainee_.record("planar", scores_.planar_nll);
}

void Density::test_density() {
  const Matrix<float> x = test_x_.cast<float>();
  if (planar_) {
    Vector<double> log_prob(x.cols());
    planar_->log_prob(planar_theta(), x, 0, log_prob);
    double sum = 0;
    for (const double each : log_prob) sum -= each;
    scores_.planar_nll = sum / static_cast<double>(x.cols());
  }
  if (!source_->log_prob) return;
  const Vector<double>& log_prob =
      model_->log_prob(field_theta(), x, 1, source_->log_prob, *solver_);
  const bool known = target_ && target_->log_prob && settings_.number("noise") == 0;
  double nll = 0, kl = 0;
  for (Index i = 0; i < x.cols(); ++i) {
    nll -= log_prob[i];
    if (known) kl += target_->log_prob(test_x_(0, i), test_x_(1, i)) - log_prob[i];
  }
  scores_.nll = nll / static_cast<double>(x.cols());
  if (known) scores_.kl = kl / static_cast<double>(x.cols());
}

std::vector<std::uint8_t> Density::save() const {
  return model_ ? trainee_.save(name) : std::vector<std::uint8_t>();
}

Status Density::load(std::span<const std::uint8_t> safetensors) {
  if (!model_) return Error{"there is no run to load into: its settings cannot be used"};
  if (Status status = trainee_.load(name, safetensors); !status) return status;
  solve_ = {};
  shown_step_ = -1;
  test();
  return {};
}

std::unique_ptr<Experiment> make_density() {
  return std::make_unique<Density>();
}

}  // namespace neural_ode
