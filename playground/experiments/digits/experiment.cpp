#include "playground/experiments/digits/experiment.h"
#include "playground/training/loss_plot.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/math.h"
#include "engine/models/ode_net.h"
#include "engine/nn/losses.h"
#include "playground/experiments/digits/picture.h"
#include "playground/picture/plots.h"
#include "playground/training/rows.h"
#include "playground/training/trainee.h"

namespace neural_ode {
namespace {

constexpr char name[] = "digits";
constexpr double pixel_mean = 0.1307, pixel_deviation = 0.3081;  // of MNIST
constexpr std::int64_t steps_between_tests = 25;
constexpr int quick_test = 256;   // images, between the ends of epochs
constexpr int test_chunk = 128;   // images solved together
constexpr int study_images = 16;  // at several tolerances
constexpr double study_tolerances[] = {1e-1, 1e-2, 1e-3, 1e-4, 1e-5};
constexpr double reference_tolerance = 1e-7;
constexpr std::uint64_t first_epoch_stream = 1000;  // generators of the orders of epochs
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

struct Preset {
  const char* name;
  int channels, train, test;  // images; 0: all
};
constexpr Preset presets[] = {{"page", 16, 5000, 1000}, {"full", 64, 0, 0}};

ExperimentInfo make_info() {
  ExperimentInfo info;
  info.name = name;
  info.label = "Digits";
  info.promise = "An ODE in place of a stack of residual blocks reads handwritten digits.";
  info.look_for =
      "Columns hold test digits that the network takes for the same class; framed ones are "
      "mistaken. Draw a digit on the square, or pick one from a column: the bars show what it is "
      "taken for. Watch the number of evaluations grow as training makes the flow more complex.";
  info.default_steps = 780;
  info.suggestions = {
      {"The residual network", {{"model", "resnet"}}},
      {"Backsolve: the adjoint of the paper", {{"gradient", "backsolve"}}},
      {"As in the paper: Dormand-Prince at 1e-3", {{"solver", "dopri5"}, {"tolerance", "0.001"}}},
      {"Two Euler steps", {{"solver", "euler"}, {"step_size", "0.5"}}},
  };
  auto& table = info.parameters;
  table.push_back(choice_row(Group::data, "preset", "Preset", {{"page", "Page"}, {"full", "Full"}},
                             "page",
                             "Page: 16 channels and at most 5000 training and 1000 test images. "
                             "Full: 64 channels and all images there are."));
  table.push_back(noise_row(0));
  table.back().help =
      "Standard deviation of the normal noise added to the pixels trained on, of which 0 is paper "
      "and 1 ink.";
  table.push_back(choice_row(Group::model, "model", "Model", {{"ode", "ODE"}, {"resnet", "ResNet"}},
                             "ode",
                             "Between the shrinking convolutions and the read-out: an ODE on "
                             "[0, 1], or residual blocks."));
  table.push_back(integer_row(Group::model, "hidden", "Channels", 0, 128, 0,
                              "Channels of every convolution; 0: those of the preset."));
  table.push_back(shown_for(integer_row(Group::model, "layers", "Residual blocks", 1, 12, 6,
                                        "Blocks of two convolutions; the paper's baseline has 6."),
                            "model", {"resnet"}));
  add_solver_rows(table, "bosh3", 1e-2, 0.25, Methods::explicit_only);
  add_training_rows(table, 0.003, 32, "cosine");
  table.push_back(integer_row(Group::training, "epochs", "Epochs", 1, 100, 5,
                              "How often training goes through all its images; the schedule ends "
                              "with the last."));
  return info;
}

OdeNetSpec spec_of(const Settings& settings, const Preset& preset) {
  OdeNetSpec spec;
  spec.image = {1, digit_side, digit_side};
  const int channels = settings.integer("hidden");
  spec.channels = channels == 0 ? preset.channels : channels;
  spec.classes = digit_classes;
  spec.residual_blocks = settings.choice("model") == "resnet" ? settings.integer("layers") : 0;
  spec.solver = solver_options(settings);
  return spec;
}

// The first `count` images, or all.
LabelledImages first_images(LabelledImages images, int count) {
  if (count == 0 || images.count() <= count) return images;
  const std::size_t size =
      static_cast<std::size_t>(images.height) * static_cast<std::size_t>(images.width);
  images.label = images.label.first(static_cast<std::size_t>(count));
  images.pixels = images.pixels.first(size * static_cast<std::size_t>(count));
  return images;
}

int largest(const Matrix<float>& logits, Index sample) {
  int best = 0;
  for (int k = 1; k < digit_classes; ++k) {
    if (logits(k, sample) > logits(best, sample)) best = k;
  }
  return best;
}

class Digits final : public Experiment {
 public:
  const ExperimentInfo& info() const override { return info_; }
  Status reset(const Settings& settings, std::uint64_t seed) override;
  StepReport step() override;
  Frame frame() override;
  Status edit(const Edit& edit) override;
  Status set_data(std::string_view bytes) override;
  Status provide(std::string bytes) override;
  std::string data_csv() const override { return {}; }
  Plot preview(std::string_view, std::string_view) const override { return {}; }
  std::vector<std::uint8_t> save() const override;
  Status load(std::span<const std::uint8_t> safetensors) override;

 private:
  using Model = OdeNet<float>;

  std::int64_t steps_per_epoch() const { return train_.count() / batch_x_.cols(); }
  bool at_end_of_epoch() const { return trainee_.step() % steps_per_epoch() == 0; }
  void draw_batch();
  // The loss and the guesses of the first `count` test images.
  void test(int count);
  void test_as_due();
  void study_tolerance();
  void read_pad();
  std::string board_caption() const;
  std::string describe() const;

  ExperimentInfo info_ = digits_info();
  DigitImages own_, provided_, images_;
  LabelledImages train_, test_;
  Settings settings_;
  std::uint64_t seed_ = 0;
  std::string missing_ = "this run has not begun";  // why there is no model
  OdeNetSpec spec_;
  std::unique_ptr<Model> model_;  // null: the last reset failed
  Trainee trainee_;
  std::vector<int> order_;  // of the training images in epoch order_epoch_
  std::int64_t order_epoch_ = -1;
  std::vector<int> which_;
  Matrix<float> batch_x_;  // 784 x B
  std::vector<int> batch_label_;

  DigitGuesses guesses_;
  double test_loss_ = unknown, accuracy_ = unknown;
  double nfe_forward_ = 0, mean_nfe_ = 0;
  CurveHistory accuracy_curve_, forward_curve_, backward_curve_;
  std::vector<ToleranceCost> tolerance_costs_;

  DigitPad pad_;
  std::array<double, digit_classes> pad_probability_{};
  int pad_guess_ = -1, pad_nfe_ = 0;
};

Status Digits::set_data(std::string_view bytes) {
  auto images = DigitImages::read(std::string(bytes));
  if (!images) return Error{images.error()};
  own_ = std::move(images.value());
  return {};
}

Status Digits::reset(const Settings& settings, std::uint64_t seed) {
  settings_ = settings;
  seed_ = seed;
  model_.reset();
  guesses_ = {};
  images_ = own_.empty() ? provided_ : own_;
  const auto refuse = [this](std::string why) {
    missing_ = why;
    return Error{std::move(why)};
  };
  if (images_.empty()) {
    return refuse(
        "there are no images to train on: the page fetches its own; at the command line give the "
        "folder of the four MNIST files (--data FOLDER)");
  }
  const Preset& preset = presets[static_cast<std::size_t>(settings.number("preset"))];
  train_ = first_images(images_.train(), preset.train);
  test_ = first_images(images_.test(), preset.test);

  spec_ = spec_of(settings, preset);
  const auto strategy = gradient_strategy(settings, spec_.solver);
  if (!strategy) return refuse(strategy.error());
  spec_.gradient = strategy.value();
  model_ = std::make_unique<Model>(spec_);
  const Index batch = std::min<Index>(settings.integer("batch"), train_.count());
  batch_x_.resize(digit_side * digit_side, batch);
  batch_label_.resize(static_cast<std::size_t>(batch));
  which_.resize(static_cast<std::size_t>(batch));
  order_epoch_ = -1;
  info_.default_steps = settings.integer("epochs") * steps_per_epoch();
  Rng weights(seed, Trainee::weight_stream);
  trainee_.start(settings, seed, info_.default_steps, model_->layout(),
                 model_->initialize(weights));
  for (CurveHistory* each : {&accuracy_curve_, &forward_curve_, &backward_curve_}) each->clear();
  tolerance_costs_.clear();
  nfe_forward_ = mean_nfe_ = 0;
  test(quick_test);
  trainee_.record_test(test_loss_);
  return {};
}

// Every epoch goes through all images in an order of its own, which follows from the seed and the
// epoch alone, so that a run that was saved need not keep it. What is left over at the end of an
// epoch, less than a batch, is left out.
void Digits::draw_batch() {
  const std::int64_t epoch = trainee_.step() / steps_per_epoch();
  if (epoch != order_epoch_) {
    order_.resize(static_cast<std::size_t>(train_.count()));
    std::iota(order_.begin(), order_.end(), 0);
    Rng(seed_, first_epoch_stream + static_cast<std::uint64_t>(epoch)).shuffle(order_);
    order_epoch_ = epoch;
  }
  const auto first =
      static_cast<std::size_t>(trainee_.step() % steps_per_epoch() * batch_x_.cols());
  for (std::size_t i = 0; i < which_.size(); ++i) {
    which_[i] = order_[first + i];
    batch_label_[i] = train_.label[static_cast<std::size_t>(which_[i])];
  }
  standardized_images<float>(train_, which_, pixel_mean, pixel_deviation, batch_x_);
  const double noise = settings_.number("noise") / pixel_deviation;
  if (noise == 0) return;
  for (Index i = 0; i < batch_x_.size(); ++i)
    batch_x_.data()[i] += static_cast<float>(noise * trainee_.rng().normal());
}

StepReport Digits::step() {
  if (!model_) return {false, 0, unknown, missing_};
  trainee_.begin();
  draw_batch();
  double loss = 0;
  const SolveReport& solve = model_->loss_and_gradient(trainee_.theta(), batch_x_, batch_label_,
                                                       loss, trainee_.theta_bar());
  const StepReport report = trainee_.finish(loss, solve);
  if (!report.ok) return report;
  nfe_forward_ = solve.nfe();
  mean_nfe_ = solve.mean_nfe();
  forward_curve_.add(report.step, nfe_forward_);
  backward_curve_.add(report.step, model_->nvjp());
  if (at_end_of_epoch() || report.step % steps_between_tests == 0) {
    test_as_due();
    trainee_.record_test(test_loss_);
  }
  return report;
}

void Digits::test_as_due() {
  test(at_end_of_epoch() && trainee_.step() > 0 ? test_.count() : quick_test);
}

void Digits::test(int count) {
  count = std::min(count, test_.count());
  guesses_ = {};
  double loss = 0;
  int correct = 0;
  bool ok = true;
  Matrix<float> x, logits, unused;
  std::vector<int> which;
  for (int first = 0; first < count; first += test_chunk) {
    const int size = std::min(test_chunk, count - first);
    which.resize(static_cast<std::size_t>(size));
    std::iota(which.begin(), which.end(), first);
    x.resize(digit_side * digit_side, size);
    logits.resize(digit_classes, size);
    standardized_images<float>(test_, which, pixel_mean, pixel_deviation, x);
    ok = model_->predict(trainee_.theta(), x, logits).succeeded() && ok;
    std::vector<int> truth(static_cast<std::size_t>(size));
    for (int i = 0; i < size; ++i) {
      const int label = test_.label[static_cast<std::size_t>(first + i)];
      truth[static_cast<std::size_t>(i)] = label;
      guesses_.truth.push_back(label);
      guesses_.guess.push_back(largest(logits, i));
      correct += guesses_.guess.back() == label;
    }
    loss += size * softmax_cross_entropy<float>(logits, truth, 1, unused);
  }
  test_loss_ = ok ? loss / count : unknown;
  accuracy_ = ok ? static_cast<double>(correct) / count : unknown;
  if (ok) accuracy_curve_.add(trainee_.step(), accuracy_);
  study_tolerance();
}

void Digits::study_tolerance() {
  tolerance_costs_.clear();
  if (spec_.residual_blocks > 0 || !spec_.solver.adaptive()) return;
  const int size = std::min(study_images, test_.count());
  std::vector<int> which(static_cast<std::size_t>(size));
  std::iota(which.begin(), which.end(), 0);
  Matrix<float> x(digit_side * digit_side, size), exact(digit_classes, size), logits = exact;
  standardized_images<float>(test_, which, pixel_mean, pixel_deviation, x);
  const auto solve = [&](double tolerance, Matrix<float>& to) {
    OdeNetSpec spec = spec_;
    spec.solver.rtol = spec.solver.atol = tolerance;
    return Model(spec).predict(trainee_.theta(), x, to);
  };
  if (!solve(reference_tolerance, exact).succeeded()) return;
  for (const double tolerance : study_tolerances) {
    const SolveReport report = solve(tolerance, logits);
    if (!report.succeeded()) continue;
    double error = 0;
    for (Index i = 0; i < logits.size(); ++i) {
      error = std::max(error, std::abs(static_cast<double>(logits.data()[i]) -
                                       static_cast<double>(exact.data()[i])));
    }
    tolerance_costs_.push_back({tolerance, report.mean_nfe(), error});
  }
}

Status Digits::edit(const Edit& edit) {
  const bool places = edit.action == Edit::Action::add || edit.action == Edit::Action::remove;
  const bool on_pad = edit.x >= 0 && edit.x <= digit_side && edit.y >= 0 && edit.y <= digit_side;
  if (!places || on_pad || (edit.action == Edit::Action::add && edit.label == 1)) {
    return pad_.edit(edit);
  }
  const int image = DigitBoard::image_at(guesses_, edit.x, edit.y);
  if (image < 0) return Error{"draw on the square from 0 to 28, or pick a digit of a column"};
  pad_.show(digit_image(test_, image));
  return {};
}

// What the network makes of the pad, or of the first test image while nothing is on it.
void Digits::read_pad() {
  const DigitImage seen = pad_.empty() ? digit_image(test_, 0) : pad_.prepared();
  Matrix<float> x(digit_side * digit_side, 1), logits(digit_classes, 1);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    x(static_cast<Index>(i), 0) =
        static_cast<float>((static_cast<double>(seen[i]) - pixel_mean) / pixel_deviation);
  }
  const SolveReport& report = model_->predict(trainee_.theta(), x, logits);
  pad_guess_ = -1;
  pad_nfe_ = report.nfe();
  pad_probability_ = {};
  if (!report.succeeded()) return;
  pad_guess_ = largest(logits, 0);
  double sum = 0;
  for (std::size_t k = 0; k < pad_probability_.size(); ++k) {
    pad_probability_[k] = math::exp(static_cast<double>(logits(static_cast<Index>(k), 0)) -
                                    static_cast<double>(logits(pad_guess_, 0)));
    sum += pad_probability_[k];
  }
  for (double& each : pad_probability_) each /= sum;
}

std::string Digits::board_caption() const {
  if (pad_guess_ < 0) return "the network has no answer: its solve failed";
  const double share = pad_probability_[static_cast<std::size_t>(pad_guess_)];
  return std::string(pad_.empty() ? "a test digit, " : "your digit, ") + "taken for " +
         std::to_string(pad_guess_) + " (" +
         std::to_string(static_cast<int>(std::lround(100 * share))) + " %)" +
         (spec_.residual_blocks > 0 ? std::string()
                                    : " after " + std::to_string(pad_nfe_) + " evaluations of f") +
         "; below, test digits by what they are taken for";
}

std::string Digits::describe() const {
  if (!model_) return "No digits: " + missing_ + ".";
  std::string text =
      "A square to draw a digit on, and ten columns of test digits by the class that "
      "the network takes them for. After " +
      std::to_string(trainee_.step()) + " steps ";
  if (std::isfinite(accuracy_)) {
    text += std::to_string(static_cast<int>(std::lround(accuracy_ * 100))) +
            " percent of the test digits are read correctly. ";
  }
  return text + "The digit on the square is " + board_caption() + ".";
}

Frame Digits::frame() {
  Frame frame;
  if (!model_) {
    frame.plots.push_back(empty_board(missing_));
    frame.description = describe();
    return frame;
  }
  frame.step = trainee_.step();
  read_pad();
  const DigitImage shown = pad_.empty() ? digit_image(test_, 0) : pad_.image();
  frame.plots.push_back(
      board_plot({train_, test_, guesses_, shown, pad_probability_}, board_caption()));
  frame.plots.push_back(loss_plot(trainee_));
  frame.plots.push_back(history_plot("accuracy", "Accuracy", "share of test digits read correctly",
                                     "accuracy", {{accuracy_curve_, Role::test, "test"}}, true));
  const bool ode = spec_.residual_blocks == 0;
  if (ode) {
    frame.plots.push_back(history_plot(
        "nfe", "Evaluations", "of f in a step, of its slowest image", "evaluations",
        {{forward_curve_, Role::model, "forward"}, {backward_curve_, Role::class_b, "backward"}},
        false));
    if (!tolerance_costs_.empty()) frame.plots.push_back(tolerance_plot(tolerance_costs_));
    frame.plots.push_back(directions_plot(forward_curve_, backward_curve_));
  }
  frame.plots.push_back(confusion_plot(guesses_));
  frame.metrics = {
      {"test_accuracy", "test accuracy", accuracy_, Metric::Format::percent, true},
      number_metric("loss", "loss", trainee_.loss(), true),
      number_metric("test_loss", "test loss", test_loss_, true),
      count_metric("nfe_forward", "evaluations forward", nfe_forward_),
      count_metric("nfe_mean", "evaluations of the mean image", mean_nfe_),
      count_metric("nfe_backward", "evaluations backward", ode ? model_->nfe_backward() : 0),
      count_metric("nvjp", "vector-Jacobian products", ode ? model_->nvjp() : 0),
      {"state_bytes", "held for the gradient", ode ? static_cast<double>(model_->state_bytes()) : 0,
       Metric::Format::bytes, false},
      count_metric("parameters", "parameters", static_cast<double>(trainee_.theta().size())),
      number_metric("epoch", "epochs done",
                    static_cast<double>(trainee_.step()) / static_cast<double>(steps_per_epoch()),
                    false),
      count_metric("training_images", "training images", train_.count()),
      count_metric("tested_images", "images tested", static_cast<double>(guesses_.guess.size())),
      count_metric("digit", "your digit", pad_.empty() ? unknown : pad_guess_),
      count_metric("digit_nfe", "its evaluations", pad_.empty() ? unknown : pad_nfe_),
  };
  frame.description = describe();
  return frame;
}

std::vector<std::uint8_t> Digits::save() const {
  return model_ ? trainee_.save(name) : std::vector<std::uint8_t>();
}

Status Digits::load(std::span<const std::uint8_t> safetensors) {
  if (!model_) return Error{"there is no run to load into: " + missing_};
  if (Status status = trainee_.load(name, safetensors); !status) return status;
  for (CurveHistory* each : {&accuracy_curve_, &forward_curve_, &backward_curve_}) each->clear();
  nfe_forward_ = mean_nfe_ = 0;
  test_as_due();
  return {};
}

}  // namespace

const ExperimentInfo& digits_info() {
  static const ExperimentInfo info = make_info();
  return info;
}

std::unique_ptr<Experiment> make_digits() {
  return std::make_unique<Digits>();
}

}  // namespace neural_ode
