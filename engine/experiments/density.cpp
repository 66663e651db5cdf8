#include "engine/experiments/density.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/analysis/assignment.h"
#include "engine/experiments/density_run.h"
#include "engine/experiments/rows.h"
#include "engine/nn/activation.h"

namespace neural_ode {

namespace {

constexpr char name[] = "density";
constexpr std::int64_t default_steps = 1000;
constexpr Index most_transported = 2048;  // points of the distance W2, whose cost is cubic
constexpr Index needed_points = 6;        // of one's own
constexpr double own_half = 3;            // own data fill about [-3, 3]^2
constexpr double own_jitter = 0.1;
constexpr std::uint64_t test_stream = 4;

const std::vector<std::string> matching = {"flow_matching", "ot_flow_matching"};

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = name;
  info.label = "Density";
  info.promise = "A flow bends a cloud of noise into the shape of the data, and knows its density.";
  info.look_for =
      "Move t: at 0 the samples are a round cloud, at 1 they lie where the data lie, and the "
      "density goes with them. The flow never tears the plane, so thin bridges remain between "
      "islands. The dashed line under the loss is the best that any model could do.";
  info.default_steps = default_steps;
  info.suggestions = {
      {"Eight islands by maximum likelihood", {{"data", "8gaussians"}, {"method", "likelihood"}}},
      {"The same without solving: flow matching",
       {{"data", "8gaussians"},
        {"method", "flow_matching"},
        {"hidden", "64"},
        {"learning_rate", "0.005"}}},
      {"Straight paths: optimal transport pairs",
       {{"data", "8gaussians"},
        {"method", "ot_flow_matching"},
        {"hidden", "64"},
        {"learning_rate", "0.005"}}},
      {"From eight islands to two moons",
       {{"data", "moons_wide"},
        {"source", "8gaussians_wide"},
        {"method", "ot_flow_matching"},
        {"hidden", "64"},
        {"learning_rate", "0.005"}}},
      {"One noisy look at the trace instead of all of it",
       {{"data", "checkerboard"}, {"method", "likelihood"}, {"trace", "rademacher"}}},
  };

  std::vector<Choice> sets, sources = {{"normal", "Standard normal"}};
  for (const PlaneDensity& density : plane_densities()) {
    sets.push_back({std::string(density.name), std::string(density.label)});
  }
  sources.insert(sources.end(), sets.begin(), sets.end());
  sets.push_back({"own", "Your own points"});
  auto& table = info.parameters;
  table.push_back(choice_row(Group::data, "data", "Data", std::move(sets), "8gaussians",
                             "A density in the plane, or your own points, drawn on the picture or "
                             "pasted as rows of x,y,label (labels do not matter)."));
  table.back().pictures = true;
  table.push_back(real_row(Group::data, "noise", "Noise", 0, 0.5, 0,
                           "Standard deviation of normal noise added to the data. Your own points "
                           "always have at least 0.1, so that each stands for a small cloud."));
  table.push_back(shown_for(choice_row(Group::data, "source", "Source", std::move(sources),
                                       "normal", "Where the flow starts, at t = 0."),
                            "method", matching));
  table.push_back(hidden_row(32));
  table.push_back(layers_row(2));
  Parameter activation = activation_row("tanh");
  // Its second derivative is zero, so that it cannot learn from a trace.
  std::erase_if(activation.choices, [](const Choice& choice) { return choice.name == "relu"; });
  table.push_back(std::move(activation));
  table.push_back(flag_row(Group::model, "time_input", "Time as input", true,
                           "Let f depend on t: the field itself changes on the way."));
  add_solver_rows(table, "rk4", 1e-4, 0.2);
  table.push_back(choice_row(
      Group::training, "method", "Training",
      {{"likelihood", "Maximum likelihood"},
       {"flow_matching", "Flow matching"},
       {"ot_flow_matching", "Flow matching, optimal pairs"}},
      "likelihood",
      "Maximum likelihood solves the flow back from the data in every step. Flow matching solves "
      "nothing: it fits f to the lines between random pairs of source and data, or between pairs "
      "chosen in each batch by optimal transport."));
  table.push_back(shown_for(
      choice_row(Group::training, "trace", "Trace",
                 {{"exact", "Exact"}, {"rademacher", "Rademacher"}, {"gaussian", "Gaussian"}},
                 "exact",
                 "The trace of df/dz in the likelihood: exact, or Hutchinson's estimate with one "
                 "random vector for each solve."),
      "method", {"likelihood"}));
  table.push_back(shown_for(real_row(Group::training, "kinetic", "Kinetic energy", 0, 1, 0,
                                     "Weight of the integral of |f|² in the loss: short paths."),
                            "method", {"likelihood"}));
  table.push_back(shown_for(real_row(Group::training, "jacobian", "Jacobian norm", 0, 1, 0,
                                     "Weight of the integral of ‖df/dz‖² (Frobenius) in the loss: "
                                     "a smooth flow."),
                            "method", {"likelihood"}));
  table.push_back(shown_for(real_row(Group::training, "sigma", "Blur", 0, 1, 0,
                                     "Standard deviation σ of the noise around the lines between "
                                     "pairs."),
                            "method", matching));
  add_training_rows(table, 0.01, 256, "cosine");
  table.push_back(logarithmic(integer_row(Group::training, "schedule_steps", "Schedule length", 10,
                                          1000000, static_cast<int>(default_steps),
                                          "Steps in which the cosine falls to zero.")));
  table.push_back(
      logarithmic(integer_row(Group::training, "test_points", "Test points", 16, 50000, 512,
                              "Fresh points on which likelihood and distance W₂ (at "
                              "most 2048 of them) are measured.")));
  return info;
}

DensitySpec spec_of(const Settings& settings) {
  DensitySpec spec;
  spec.hidden = settings.integer("hidden");
  spec.layers = settings.integer("layers");
  spec.activation = *find_activation(settings.choice("activation"));
  spec.time_input = settings.flag("time_input");
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

const ExperimentInfo& Density::info() const {
  static const ExperimentInfo info = make_info();
  return info;
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

Status Density::reset(const Settings& settings, std::uint64_t seed) {
  settings_ = settings;
  model_.reset();
  scale_ = {};
  target_ = find_plane_density(settings.choice("data"));
  source_ = &standard_normal();
  if (settings.choice("method") != "likelihood") {
    if (const PlaneDensity* other = find_plane_density(settings.choice("source"))) source_ = other;
  }
  if (!target_) {
    if (own_.points().size() < needed_points) {
      return Error{"own data: draw or paste at least " + std::to_string(needed_points) +
                   " points; so far " + std::to_string(own_.points().size())};
    }
    scale_ = view_of(own_.points().x, 1 / own_half);
  }
  DensitySpec spec = spec_of(settings);
  const auto strategy = gradient_strategy(settings, spec.solver);
  if (!strategy) return Error{strategy.error()};
  spec.gradient = strategy.value();
  model_ = std::make_unique<DensityModel<float>>(spec);
  matching_.reset();
  if (settings.choice("method") != "likelihood") {
    const bool optimal = settings.choice("method") == "ot_flow_matching";
    matching_ = std::make_unique<FlowMatching<float>>(
        spec.field_layers(), optimal ? Coupling::optimal_transport : Coupling::independent,
        settings.number("sigma"));
  }
  solver_ = std::make_unique<Solver<float>>(spec.solver);
  coarse_ = std::make_unique<Solver<float>>(picture_options());

  Rng data(seed, Trainee::data_stream);
  const Index points = settings.integer("test_points");
  test_x_.resize(2, points);
  draw_target(data, test_x_);
  test_source_ = draw_points(*source_, points, 0, data);
  Rng weights(seed, Trainee::weight_stream);
  trainee_.start(settings, seed, settings.integer("schedule_steps"), model_->layout(),
                 model_->initialize(weights));
  solve_ = {};
  shown_step_ = -1;
  test();
  trainee_.record_test(scores_.loss);
  return {};
}

StepReport Density::step() {
  if (!model_) return {false, 0, unknown, "there is no run: its settings cannot be used"};
  trainee_.begin();
  const Index batch = settings_.integer("batch");
  double loss = 0;
  SolveReport solve;
  batch_.resize(2, batch);
  draw_target(trainee_.rng(), batch_);
  if (matching_) {
    batch_source_.resize(2, batch);
    draw_points(*source_, 0, trainee_.rng(), batch_source_);
    loss = matching_->loss_and_gradient(trainee_.theta(), batch_source_, batch_, trainee_.rng(),
                                        trainee_.theta_bar());
    solve.status = SolveStatus::ok;
  } else {
    batch_single_ = batch_.cast<float>();
    solve = model_->loss_and_gradient(trainee_.theta(), batch_single_, trainee_.rng(), loss,
                                      trainee_.theta_bar());
  }
  const StepReport report = trainee_.finish(loss, solve);
  if (!report.ok) return report;
  solve_ = std::move(solve);
  if (trainee_.step() % steps_between_tests() == 0) {
    test();
    trainee_.record_test(scores_.loss);
  }
  return report;
}

// A step of flow matching costs little beside a test.
std::int64_t Density::steps_between_tests() const {
  return matching_ ? 100 : 20;
}

double Density::optimum() const {
  return target_ && settings_.number("noise") == 0 ? target_->entropy : unknown;
}

void Density::test() {
  tested_step_ = trainee_.step();
  scores_ = {};
  test_density();
  if (matching_) {
    Rng rng(0, test_stream);
    const Index count = std::min<Index>(test_x_.cols(), 512);
    scores_.loss = matching_->loss(trainee_.theta(), test_source_.leftCols(count),
                                   test_x_.leftCols(count), rng);
  } else {
    scores_.loss = scores_.nll;
  }

  const Index count = std::min(test_x_.cols(), most_transported);
  Matrix<double> times(2, 1);
  times << 0, 1;
  const Matrix<float> z = test_source_.leftCols(count).cast<float>();
  const Matrix<float>& end = model_->flow(trainee_.theta(), z, times, *solver_)[1];
  scores_.nfe = solver_->report().nfe();
  if (end.allFinite()) {
    scores_.w2_squared = squared_wasserstein(end.cast<double>(), test_x_.leftCols(count));
  }
}

void Density::test_density() {
  if (!source_->log_prob) return;
  const Matrix<float> x = test_x_.cast<float>();
  const Vector<double>& log_prob =
      model_->log_prob(trainee_.theta(), x, 1, source_->log_prob, *solver_);
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
