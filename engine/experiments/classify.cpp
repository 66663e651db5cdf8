#include "engine/experiments/classify.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/experiments/classify_run.h"
#include "engine/experiments/rows.h"
#include "engine/nn/activation.h"

namespace neural_ode {

namespace {

constexpr char name[] = "classify";
constexpr std::int64_t default_steps = 1000;
constexpr std::int64_t steps_between_tests = 10;
constexpr double test_fraction = 0.3;

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = name;
  info.label = "Classify";
  info.promise = "A continuous flow moves two tangled classes apart until a plane parts them.";
  info.look_for =
      "Press play and watch the paths: each point starts where it lies in the data and is carried "
      "by dy/dt = f(t, y) to t = 1, where a read-out draws one line. Paths of a flow never cross; "
      "where they seem to, they pass each other in a hidden dimension.";
  info.default_steps = default_steps;
  info.suggestions = {
      {"Rings in two dimensions", {{"data", "rings"}, {"augment", "0"}, {"lift", "false"}}},
      {"Spirals unrolled in the plane itself", {{"data", "spirals"}, {"augment", "0"}}},
      {"Lift the rings into a third", {{"data", "rings"}, {"augment", "1"}}},
      {"Three Euler steps: a small ResNet", {{"solver", "euler"}, {"step_size", "0.34"}}},
      {"Residual blocks, each with weights of its own", {{"model", "resnet"}}},
      {"Turn a line around: no flow of the line can",
       {{"data", "one_dimensional"}, {"model", "ode"}, {"augment", "0"}}},
      {"Loosen the tolerance to 0.1", {{"solver", "dopri5"}, {"tolerance", "0.1"}}},
  };

  std::vector<Choice> sets;
  std::vector<std::string> generated;
  for (const PointSet& set : point_sets()) {
    sets.push_back({std::string(set.name), std::string(set.label)});
    generated.emplace_back(set.name);
  }
  std::vector<std::string> planar = generated;
  planar.emplace_back("own");
  generated.emplace_back("one_dimensional");
  sets.push_back({"one_dimensional", "A line turned around"});
  sets.push_back({"own", "Your own points"});
  auto& table = info.parameters;
  table.push_back(choice_row(Group::data, "data", "Data", std::move(sets), "spirals",
                             "Two classes of points in the plane, or your own, drawn on the "
                             "picture or pasted as rows of x,y,label; or on a line the values "
                             "g(−1) = 1, g(1) = −1."));
  table.back().pictures = true;
  table.push_back(shown_for(noise_row(0.05), "data", generated));
  table.push_back(shown_for(integer_row(Group::data, "points", "Points", 40, 2000, 800,
                                        "Points of both classes together; three in ten are kept "
                                        "for testing."),
                            "data", generated));
  table.push_back(choice_row(Group::model, "model", "Model",
                             {{"ode", "Neural ODE"}, {"resnet", "ResNet"}, {"mlp", "MLP"}}, "ode",
                             "A flow; 20 residual blocks z += f_k(z) / 20, each f_k as wide as f "
                             "with weights of its own; or a plain MLP with as many parameters as "
                             "the Neural ODE of these settings. Only the flow has a solver."));
  table.push_back(integer_row(Group::model, "augment", "Extra dims", 0, 5, 1,
                              "Dimensions added to the data's, which let the flow go around what "
                              "it could not cross: y(0) = [x, 0]."));
  table.push_back(shown_for(
      flag_row(Group::model, "lift", "Learn the lift", false,
               "Start from a learnt linear map y(0) = W x + b into the same number of dimensions "
               "instead of padding with zeros."),
      "data", planar));
  table.push_back(hidden_row(24));
  table.push_back(layers_row(2));
  table.push_back(activation_row("tanh"));
  table.push_back(shown_for(flag_row(Group::model, "time_input", "Time as input", false,
                                     "Let f depend on t: the field itself changes on the way."),
                            "model", {"ode", "mlp"}));
  table.push_back(shown_for(
      choice_row(Group::model, "readout", "Read-out", {{"linear", "Linear"}, {"mlp", "MLP"}},
                 "linear",
                 "What turns y(1) into a probability: one plane, or a small network, which leaves "
                 "the flow less to do."),
      "data", planar));
  add_solver_rows(table, "rk4", 1e-3, 0.1);
  add_training_rows(table, 0.005, 96, "cosine");
  return info;
}

ClassifierSpec spec_of(const Settings& settings) {
  ClassifierSpec spec;
  const std::string& model = settings.choice("model");
  if (model == "resnet") spec.model = ClassifierModel::residual;
  if (model == "mlp") spec.model = ClassifierModel::plain;
  if (settings.choice("data") == "one_dimensional") {
    spec.inputs = 1;
    spec.regression = true;
  }
  spec.augment = settings.integer("augment");
  spec.lift = settings.flag("lift") && !spec.regression;
  spec.hidden = settings.integer("hidden");
  spec.layers = settings.integer("layers");
  spec.activation = *find_activation(settings.choice("activation"));
  spec.time_input = settings.flag("time_input");
  spec.mlp_readout = settings.choice("readout") == "mlp";
  spec.solver = solver_options(settings);
  return spec;
}

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

}  // namespace

const ExperimentInfo& classify_info() {
  static const ExperimentInfo info = make_info();
  return info;
}

Matrix<float> Classify::to_model(const Matrix<double>& x) const {
  if (x.rows() == 1) return x.cast<float>();
  Matrix<double> scaled = x;
  scaled.row(0).array() -= scale_.centre_x;
  scaled.row(1).array() -= scale_.centre_y;
  scaled /= scale_.half;
  return scaled.cast<float>();
}

Status Classify::reset(const Settings& settings, std::uint64_t seed) {
  settings_ = settings;
  model_.reset();
  scale_ = {};
  Rng rng(seed, Trainee::data_stream);
  LabelledPoints all;
  if (const PointSet* set = find_point_set(settings.choice("data"))) {
    all = set->make(settings.integer("points"), settings.number("noise"), rng);
  } else if (on_line()) {
    all = flipped_line(settings.integer("points"), settings.number("noise"), rng);
  } else {
    if (Status status = own_.check(); !status) return status;
    all = own_.points();
    const View view = view_of(all.x, 1);
    // What was drawn on the picture as it first shows needs no scaling.
    const double reach = view.half + std::max(std::abs(view.centre_x), std::abs(view.centre_y));
    if (reach > 3 || view.half < 0.3) scale_ = view;
  }
  data_ = split(all, test_fraction, rng);
  train_x_ = to_model(data_.train.x);
  test_x_ = to_model(data_.test.x);

  ClassifierSpec spec = spec_of(settings);
  const auto strategy = gradient_strategy(settings, spec.solver);
  if (!strategy) return Error{strategy.error()};
  spec.gradient = strategy.value();
  model_ = std::make_unique<Model>(spec);
  adaptive_ = spec.solver.adaptive();
  picture_solver_ = std::make_unique<Solver<float>>(picture_options(spec.solver));
  Rng weights(seed, Trainee::weight_stream);
  trainee_.start(settings, seed, default_steps, model_->layout(), model_->initialize(weights));
  solve_ = {};
  test();
  trainee_.record_test(score_.loss);
  return {};
}

void Classify::draw_batch() {
  const auto batch = std::min<Index>(settings_.integer("batch"), train_x_.cols());
  batch_x_.resize(train_x_.rows(), batch);
  batch_label_.resize(static_cast<std::size_t>(batch));
  for (Index i = 0; i < batch; ++i) {
    // All of them when they fit, else a sample with replacement.
    const auto from = batch == train_x_.cols()
                          ? static_cast<std::size_t>(i)
                          : trainee_.rng().below(static_cast<std::uint32_t>(train_x_.cols()));
    batch_x_.col(i) = train_x_.col(static_cast<Index>(from));
    batch_label_[static_cast<std::size_t>(i)] = data_.train.label[from];
  }
}

StepReport Classify::step() {
  if (!model_) return {false, 0, unknown, "there is no run: its settings cannot be used"};
  trainee_.begin();
  draw_batch();
  double loss = 0;
  const SolveReport& solve = model_->loss_and_gradient(trainee_.theta(), batch_x_, batch_label_,
                                                       loss, trainee_.theta_bar());
  const StepReport report = trainee_.finish(loss, solve);
  if (!report.ok) return report;
  solve_ = solve;
  if (chooses_steps()) {
    trainee_.record(largest_nfe_curve, solve_.nfe());
    trainee_.record(mean_nfe_curve, solve_.mean_nfe());
  }
  if (trainee_.step() % steps_between_tests == 0) {
    test();
    trainee_.record_test(score_.loss);
  }
  return report;
}

void Classify::test() {
  tested_step_ = trainee_.step();
  score_ = {unknown, unknown};
  if (test_x_.cols() > 0) score_ = model_->score(trainee_.theta(), test_x_, data_.test.label);
}

std::vector<std::uint8_t> Classify::save() const {
  return model_ ? trainee_.save(name) : std::vector<std::uint8_t>();
}

Status Classify::load(std::span<const std::uint8_t> safetensors) {
  if (!model_) return Error{"there is no run to load into: its settings cannot be used"};
  if (Status status = trainee_.load(name, safetensors); !status) return status;
  solve_ = {};
  test();
  return {};
}

std::unique_ptr<Experiment> make_classify() {
  return std::make_unique<Classify>();
}

}  // namespace neural_ode
