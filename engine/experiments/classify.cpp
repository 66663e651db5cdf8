#include "engine/experiments/classify.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "engine/core/math.h"
#include "engine/experiments/own_points.h"
#include "engine/experiments/plots.h"
#include "engine/experiments/rows.h"
#include "engine/experiments/trainee.h"
#include "engine/models/classifier.h"
#include "engine/nn/activation.h"

namespace neural_ode {

namespace {

constexpr char name[] = "classify";
constexpr std::int64_t default_steps = 1000;
constexpr std::int64_t steps_between_tests = 10;
constexpr double test_fraction = 0.3;
constexpr int heatmap_cells = 64, fewest_sketch_cells = 24;
// What the background of a sketch may cost, in multiplications; an evaluation of the field at a
// point costs one for each parameter and about as much as `evaluation_work` of them besides.
constexpr double sketch_work = 1e8, evaluation_work = 1500;
constexpr Index most_paths = 80;
constexpr int path_vertices = 41;
constexpr double coarsest_smooth_step = 0.2;
constexpr double view_margin = 2.1;  // room for the paths around the data
constexpr int preview_points = 120;
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

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
      {"Loosen the tolerance to 0.1", {{"solver", "dopri5"}, {"tolerance", "0.1"}}},
  };

  std::vector<Choice> sets;
  std::vector<std::string> generated;
  for (const PointSet& set : point_sets()) {
    sets.push_back({std::string(set.name), std::string(set.label)});
    generated.emplace_back(set.name);
  }
  sets.push_back({"own", "Your own points"});
  auto& table = info.parameters;
  table.push_back(choice_row(Group::data, "data", "Data", std::move(sets), "spirals",
                             "Two classes of points in the plane, or your own, drawn on the "
                             "picture or pasted as rows of x,y,label."));
  table.back().pictures = true;
  table.push_back(shown_for(noise_row(0.05), "data", generated));
  table.push_back(shown_for(integer_row(Group::data, "points", "Points", 40, 2000, 800,
                                        "Points of both classes together; three in ten are kept "
                                        "for testing."),
                            "data", generated));
  table.push_back(integer_row(Group::model, "augment", "Extra dims", 0, 5, 1,
                              "Dimensions added to the plane, which let the flow go around what "
                              "it could not cross: y(0) = [x, 0]."));
  table.push_back(flag_row(Group::model, "lift", "Learn the lift", false,
                           "Start from a learnt linear map y(0) = W x + b into the same number "
                           "of dimensions instead of padding with zeros."));
  table.push_back(hidden_row(24));
  table.push_back(layers_row(2));
  table.push_back(activation_row("tanh"));
  table.push_back(flag_row(Group::model, "time_input", "Time as input", false,
                           "Let f depend on t: the field itself changes on the way."));
  table.push_back(choice_row(Group::model, "readout", "Read-out",
                             {{"linear", "Linear"}, {"mlp", "MLP"}}, "linear",
                             "What turns y(1) into a probability: one plane, or a small network, "
                             "which leaves the flow less to do."));
  add_solver_rows(table, "rk4", 1e-3, 0.1);
  add_training_rows(table, 0.005, 96, "cosine");
  return info;
}

ClassifierSpec spec_of(const Settings& settings) {
  ClassifierSpec spec;
  spec.augment = settings.integer("augment");
  spec.lift = settings.flag("lift");
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

class Classify final : public Experiment {
 public:
  const ExperimentInfo& info() const override;
  Status reset(const Settings& settings, std::uint64_t seed) override;
  StepReport step() override;
  Frame frame() override;
  Frame sketch() override;
  Status edit(const Edit& edit) override { return own_.edit(edit); }
  Status set_data(std::string_view csv) override { return own_.set(csv); }
  std::string data_csv() const override { return own_.csv(); }
  Plot preview(std::string_view parameter, std::string_view choice) const override;
  std::vector<std::uint8_t> save() const override;
  Status load(std::span<const std::uint8_t> safetensors) override;

 private:
  using Model = Classifier<float>;

  // Data coordinates to the model's and back: own data of any size are brought to about [-1, 1]^2.
  Matrix<float> to_model(const Matrix<double>& x) const;
  void draw_batch();
  void test();
  int sketch_cells() const;
  Frame picture(int cells);
  Plot flow_plot(int cells);
  Layer decision_layer(const Plot& plot, int cells);
  Layer paths_layer();
  std::string describe() const;

  Settings settings_;
  OwnPoints own_;
  Split data_;
  View scale_;
  Matrix<float> train_x_, test_x_;  // 2 x N, model coordinates
  std::unique_ptr<Model> model_;    // null: the last reset failed
  std::unique_ptr<Solver<float>> picture_solver_;
  Trainee trainee_;
  Matrix<float> batch_x_;  // 2 x B
  std::vector<int> batch_label_;
  SolveReport solve_;
  Model::Score score_;
  std::int64_t tested_step_ = -1;
};

const ExperimentInfo& Classify::info() const {
  static const ExperimentInfo info = make_info();
  return info;
}

Matrix<float> Classify::to_model(const Matrix<double>& x) const {
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
  batch_x_.resize(2, batch);
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
  const SolveReport solve = model_->loss_and_gradient(trainee_.theta(), batch_x_, batch_label_,
                                                      loss, trainee_.theta_bar());
  const StepReport report = trainee_.finish(loss, solve);
  if (!report.ok) return report;
  solve_ = solve;
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

// Cells a side of the background while training goes on: a wide net gets fewer of them.
int Classify::sketch_cells() const {
  const SolverOptions& options = picture_solver_->options();
  const double evaluations = options.method->stages * std::ceil(1 / options.step_size);
  const double work =
      evaluations * (static_cast<double>(trainee_.theta().size()) + evaluation_work);
  return std::clamp(static_cast<int>(std::sqrt(sketch_work / work)), fewest_sketch_cells,
                    heatmap_cells);
}

Layer Classify::decision_layer(const Plot& plot, int cells) {
  Layer layer;
  layer.kind = LayerKind::heatmap;
  layer.diverging = true;
  layer.nx = layer.ny = cells;
  layer.x = {static_cast<float>(plot.x.minimum), static_cast<float>(plot.x.maximum)};
  layer.y = {static_cast<float>(plot.y.minimum), static_cast<float>(plot.y.maximum)};
  Matrix<double> centres(2, cells * cells);
  for (int j = 0; j < cells; ++j) {
    for (int i = 0; i < cells; ++i) {
      const double u = (i + 0.5) / cells, v = (j + 0.5) / cells;
      centres.col(j * cells + i) << plot.x.minimum + u * (plot.x.maximum - plot.x.minimum),
          plot.y.minimum + v * (plot.y.maximum - plot.y.minimum);
    }
  }
  // Logits rather than probabilities: they cross zero evenly, so that the boundary between cells is
  // where the model has it.
  constexpr double steepest = 20, sure = 4;
  layer.z_min = -sure;
  layer.z_max = sure;
  for (const double p : model_->predict(trainee_.theta(), to_model(centres), *picture_solver_)) {
    const double logit = std::isfinite(p) ? math::log(p / (1 - p)) : 0;
    layer.z.push_back(static_cast<float>(std::clamp(logit, -steepest, steepest)));
  }
  return layer;
}

Layer Classify::paths_layer() {
  const Matrix<float>& x = test_x_.cols() > 0 ? test_x_ : train_x_;
  const auto& labels = test_x_.cols() > 0 ? data_.test.label : data_.train.label;
  const Index count = std::min(x.cols(), most_paths);
  // Evenly over the set, whatever its order.
  Matrix<float> start(2, count);
  std::vector<std::uint32_t> group;
  for (Index i = 0; i < count; ++i) {
    const Index from = i * x.cols() / count;
    start.col(i) = x.col(from);
    group.push_back(static_cast<std::uint32_t>(labels[static_cast<std::size_t>(from)]));
  }
  // The vertices of a coarse fixed-step model are its very steps; a fine one is as good as its
  // limit.
  const SolverOptions options = solver_options(settings_);
  const bool coarse = !options.adaptive() &&
                      (options.method->order < 4 || options.step_size > coarsest_smooth_step);
  const int vertices =
      coarse ? static_cast<int>(std::min(std::ceil(1 / options.step_size - 1e-9), 200.0)) + 1
             : path_vertices;
  Matrix<double> times(vertices, 1);
  for (int k = 0; k < vertices; ++k) times(k, 0) = static_cast<double>(k) / (vertices - 1);

  Layer layer;
  layer.kind = LayerKind::paths;
  // Euler's steps are straight; a method of higher order stands for a curve between its steps.
  layer.smooth = options.method->order > 1;
  const auto& states = model_->flow(trainee_.theta(), start, times);
  std::vector<Matrix<double>> flat;
  for (const Matrix<float>& state : states)
    flat.push_back(model_->project(trainee_.theta(), state));
  for (int k = 0; k < vertices; ++k) layer.times.push_back(static_cast<float>(times(k, 0)));
  for (Index i = 0; i < count; ++i) {
    bool finite = true;
    for (const auto& state : flat) finite = finite && state.col(i).allFinite();
    if (!finite) continue;
    layer.starts.push_back(static_cast<std::uint32_t>(layer.x.size()));
    layer.group.push_back(group[static_cast<std::size_t>(i)]);
    for (const auto& state : flat) {
      append_vertex(layer, state(0, i) * scale_.half + scale_.centre_x,
                    state(1, i) * scale_.half + scale_.centre_y);
    }
  }
  return layer;
}

Plot Classify::flow_plot(int cells) {
  Plot plot;
  plot.id = "flow";
  plot.title = "Points flow through continuous depth";
  plot.editable = true;
  View view = scale_;
  view.half *= view_margin;
  set_axes(plot, view, "x₁", "x₂");
  if (!model_) {
    plot.caption = "click to draw points of class A and class B";
    plot.layers.push_back(points_layer(own_.points()));
    plot.layers.back().label = "your points";
    return plot;
  }
  plot.t_begin = 0;
  plot.t_end = 1;
  plot.caption = "each line is one sample's path y(t); the background is the prediction";
  if (settings_.flag("lift")) {
    plot.caption =
        "paths y(t) seen through the inverse of the lift; the background is the prediction";
  } else if (settings_.integer("augment") > 0) {
    plot.caption =
        "paths (y₁, y₂)(t), hidden dimensions not drawn; the background is the prediction";
  }
  plot.layers.push_back(decision_layer(plot, cells));
  plot.layers.push_back(points_layer(data_.train));
  plot.layers.push_back(points_layer(data_.test));
  plot.layers.back().faint = true;
  plot.layers.push_back(paths_layer());
  return plot;
}

std::string Classify::describe() const {
  if (!model_) return "Your own points; there are too few of them to train on.";
  std::string text = "Two classes of points in the plane (" + settings_.choice("data") +
                     "), coloured by the prediction around them, with the paths along which the "
                     "flow carries test points. After " +
                     std::to_string(trainee_.step()) + " steps ";
  if (!std::isfinite(score_.accuracy)) return text + "there are no points to test on.";
  return text + std::to_string(static_cast<int>(std::lround(score_.accuracy * 100))) +
         " percent of the test points are classified correctly.";
}

Frame Classify::frame() {
  if (model_ && tested_step_ != trainee_.step()) test();
  return picture(heatmap_cells);
}

Frame Classify::sketch() {
  return picture(model_ ? sketch_cells() : heatmap_cells);
}

Frame Classify::picture(int cells) {
  Frame frame;
  frame.step = model_ ? trainee_.step() : 0;
  frame.plots.push_back(flow_plot(cells));
  if (model_) {
    frame.plots.push_back(loss_plot(trainee_));
    frame.metrics = {
        {"test_accuracy", "test accuracy", score_.accuracy, Metric::Format::percent, true},
        number_metric("loss", "loss", trainee_.loss(), true),
        number_metric("test_loss", "test loss", score_.loss, true),
        count_metric("nfe_forward", "evaluations forward", solve_.nfe()),
        count_metric("nfe_backward", "evaluations backward", model_->gradient().nfe_backward()),
        {"state_bytes", "held for the gradient",
         static_cast<double>(model_->gradient().state_bytes()), Metric::Format::bytes, false},
        count_metric("parameters", "parameters", static_cast<double>(trainee_.theta().size())),
    };
  }
  frame.description = describe();
  return frame;
}

Plot Classify::preview(std::string_view parameter, std::string_view choice) const {
  Plot plot;
  plot.id = std::string(choice);
  if (parameter != "data") return plot;
  LabelledPoints points;
  if (const PointSet* set = find_point_set(choice)) {
    Rng rng(0, Trainee::data_stream);
    points = set->make(preview_points, 0.02, rng);
  } else {
    points = own_.points();
  }
  set_axes(plot, view_of(points.x, 1.15), "", "");
  plot.layers.push_back(points_layer(points));
  return plot;
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

}  // namespace

std::unique_ptr<Experiment> make_classify() {
  return std::make_unique<Classify>();
}

}  // namespace neural_ode
