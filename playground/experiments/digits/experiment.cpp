#include "playground/experiments/digits/experiment.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "playground/experiments/digits/picture.h"
#include "playground/experiments/digits/run.h"
#include "playground/training/training_experiment.h"

namespace neural_ode::digits {

namespace {

constexpr int quick_test = 256;                     // images, between the ends of epochs
constexpr std::uint64_t first_epoch_stream = 1000;  // generators of the orders of epochs

// The first `count` images, or all.
LabelledImages first_images(LabelledImages images, int count) {
  if (count == 0 || images.count() <= count) return images;
  const std::size_t size =
      static_cast<std::size_t>(images.height) * static_cast<std::size_t>(images.width);
  images.label = images.label.first(static_cast<std::size_t>(count));
  images.pixels = images.pixels.first(size * static_cast<std::size_t>(count));
  return images;
}

// Keeps what there was when the bytes are refused.
Status read_images(std::string bytes, DigitImages& to) {
  auto images = DigitImages::read(std::move(bytes));
  if (!images) return Error{images.error()};
  to = std::move(images.value());
  return {};
}

class Digits final : public TrainingExperiment {
 public:
  Digits() : TrainingExperiment({.every = 25}) {}

  const ExperimentInfo& info() const override { return info_; }
  Frame frame() override {
    return run_.model ? picture(run_, pad_, trainee(), solve()) : empty_picture(missing_);
  }
  Status edit(const Edit& edit) override;
  std::size_t edits() const override { return pad_.edits(); }
  Result<std::string> set_data(std::string_view bytes) override {
    if (Status status = read_images(std::string(bytes), own_); !status)
      return Error{status.error()};
    return std::string();
  }
  Status provide(std::string bytes) override { return read_images(std::move(bytes), provided_); }
  std::string data_csv() const override { return {}; }
  Plot preview(std::string_view, std::string_view) const override { return {}; }

 private:
  Result<Beginning> prepare(std::uint64_t seed) override;
  Status take_images();
  void draw_batch();
  double loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) override;
  void accepted() override;
  bool at_end_of_epoch() const { return trainee().step() % run_.steps_per_epoch == 0; }
  // Besides, at the end of every epoch.
  std::int64_t steps_between_scores() const override {
    return at_end_of_epoch() ? run_.steps_per_epoch : TrainingExperiment::steps_between_scores();
  }
  double score() override;
  void record_scores(double test_loss) override;
  std::string obstacle() const override { return missing_; }

  ExperimentInfo info_ = digits_info();  // the course of the last reset
  DigitImages own_, provided_;
  std::string missing_ = "this run has not begun";  // why there is no model
  Run run_;
  std::uint64_t seed_ = 0;
  std::vector<int> order_;  // of the training images in epoch order_epoch_
  std::int64_t order_epoch_ = -1;
  std::vector<int> which_;
  Matrix<float> batch_x_;  // 784 x B
  std::vector<int> batch_label_;
  DigitPad pad_;
};

Status Digits::edit(const Edit& edit) {
  const bool places = edit.action == Edit::Action::add || edit.action == Edit::Action::remove;
  const bool on_pad = edit.x >= 0 && edit.x <= digit_side && edit.y >= 0 && edit.y <= digit_side;
  if (!places || on_pad || edit.goes_on) {
    return pad_.edit(edit);
  }
  const int image = DigitBoard::image_at(run_.scores.guesses, edit.x, edit.y);
  if (image < 0) return Error{"draw on the square from 0 to 28, or pick a digit of a column"};
  pad_.show(digit_image(run_.test, image));
  return {};
}

// Images and options; why there are none.
Status Digits::take_images() {
  run_.images = own_.empty() ? provided_ : own_;
  if (run_.images.empty()) {
    return Error{
        "there are no images to train on: the page fetches its own; at the command line give the "
        "folder of the four MNIST files (--data FOLDER)"};
  }
  auto read = read_options(settings());
  if (!read) return Error{read.error()};
  run_.options = std::move(read.value());
  run_.train = first_images(run_.images.train(), run_.options.train);
  run_.test = first_images(run_.images.test(), run_.options.test);
  return {};
}

Result<Beginning> Digits::prepare(std::uint64_t seed) {
  run_ = {};
  if (Status status = take_images(); !status) {
    missing_ = status.error();
    return Error{missing_};
  }
  run_.model = std::make_unique<Run::Model>(run_.options.spec);
  const Index batch = std::min<Index>(run_.options.batch, run_.train.count());
  batch_x_.resize(digit_side * digit_side, batch);
  batch_label_.resize(static_cast<std::size_t>(batch));
  which_.resize(static_cast<std::size_t>(batch));
  seed_ = seed;
  order_epoch_ = -1;
  run_.steps_per_epoch = run_.train.count() / batch;
  info_.default_steps = run_.options.epochs * run_.steps_per_epoch;
  Rng weights(seed, Trainee::weight_stream);
  return Beginning{run_.model->layout(), run_.model->initialize(weights)};
}

// Every epoch goes through all images in an order of its own, which follows from the seed and the
// epoch alone, so that a run that was saved need not keep it. What is left over at the end of an
// epoch, less than a batch, is left out.
void Digits::draw_batch() {
  const std::int64_t step = trainee().step(), epoch = step / run_.steps_per_epoch;
  if (epoch != order_epoch_) {
    order_.resize(static_cast<std::size_t>(run_.train.count()));
    std::iota(order_.begin(), order_.end(), 0);
    Rng(seed_, first_epoch_stream + static_cast<std::uint64_t>(epoch)).shuffle(order_);
    order_epoch_ = epoch;
  }
  const auto first = static_cast<std::size_t>(step % run_.steps_per_epoch * batch_x_.cols());
  for (std::size_t i = 0; i < which_.size(); ++i) {
    which_[i] = order_[first + i];
    batch_label_[i] = run_.train.label[static_cast<std::size_t>(which_[i])];
  }
  standardized_images<float>(run_.train, which_, pixel_mean, pixel_deviation, batch_x_);
  const double noise = run_.options.noise / pixel_deviation;
  if (noise == 0) return;
  for (Index i = 0; i < batch_x_.size(); ++i)
    batch_x_.data()[i] += static_cast<float>(noise * rng().normal());
}

double Digits::loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) {
  draw_batch();
  double loss = 0;
  solve = run_.model->loss_and_gradient(theta(), batch_x_, batch_label_, loss, theta_bar);
  return loss;
}

void Digits::accepted() {
  if (!run_.options.is_ode()) return;
  trainee().record(nfe_curve, static_cast<double>(solve().nfe()));
  trainee().record(nvjp_curve, static_cast<double>(run_.model->nvjp()));
}

double Digits::score() {
  const bool all = at_end_of_epoch() && trainee().step() > 0;
  run_.scores = digits::score(run_, theta(), all ? run_.test.count() : quick_test);
  return run_.scores.loss;
}

void Digits::record_scores(double test_loss) {
  trainee().record_test(test_loss);
  if (std::isfinite(run_.scores.accuracy)) trainee().record(accuracy_curve, run_.scores.accuracy);
}

}  // namespace

}  // namespace neural_ode::digits

namespace neural_ode {

std::unique_ptr<Experiment> make_digits() {
  return std::make_unique<digits::Digits>();
}

}  // namespace neural_ode
