// The picture of `digits`: the board, the plots made of what a run has measured, and the numbers.
#include <array>
#include <cmath>
#include <string>

#include "engine/core/math.h"
#include "playground/experiments/digits/picture.h"
#include "playground/picture/plots.h"
#include "playground/training/loss_plot.h"

namespace neural_ode::digits {

namespace {

// What the network makes of an image.
struct Reading {
  std::array<double, digit_classes> probability{};
  int guess = -1;
  Count nfe = 0;
};

// What the network makes of the pad, or of the first test image while nothing is on it.
Reading read_pad(const Run& run, const DigitPad& pad, const Vector<float>& theta) {
  const DigitImage seen = pad.empty() ? digit_image(run.test, 0) : pad.prepared();
  Matrix<float> x(digit_side * digit_side, 1), logits(digit_classes, 1);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    x(static_cast<Index>(i), 0) =
        static_cast<float>((static_cast<double>(seen[i]) - pixel_mean) / pixel_deviation);
  }
  const SolveReport& report = run.model->predict(theta, x, logits);
  Reading reading;
  reading.nfe = report.nfe();
  if (!report.succeeded()) return reading;
  reading.guess = largest(logits, 0);
  double sum = 0;
  for (std::size_t k = 0; k < reading.probability.size(); ++k) {
    reading.probability[k] = math::exp(static_cast<double>(logits(static_cast<Index>(k), 0)) -
                                       static_cast<double>(logits(reading.guess, 0)));
    sum += reading.probability[k];
  }
  for (double& each : reading.probability) each /= sum;
  return reading;
}

std::string board_caption(const Run& run, const DigitPad& pad, const Reading& reading) {
  if (reading.guess < 0) return "the network has no answer: its solve failed";
  const double share = reading.probability[static_cast<std::size_t>(reading.guess)];
  return std::string(pad.empty() ? "a test digit, " : "your digit, ") + "taken for " +
         std::to_string(reading.guess) + " (" +
         std::to_string(static_cast<int>(std::lround(100 * share))) + " %)" +
         (!run.options.is_ode() ? std::string()
                                : " after " + std::to_string(reading.nfe) + " evaluations of f") +
         "; below, test digits by what they are taken for";
}

std::string describe(const Run& run, const Trainee& trainee, const std::string& caption) {
  std::string text =
      "A square to draw a digit on, and ten columns of test digits by the class that "
      "the network takes them for. After " +
      std::to_string(trainee.step()) + " steps ";
  if (std::isfinite(run.scores.accuracy)) {
    text += std::to_string(static_cast<int>(std::lround(run.scores.accuracy * 100))) +
            " percent of the test digits are read correctly. ";
  }
  return text + "The digit on the square is " + caption + ".";
}

}  // namespace

Frame empty_picture(const std::string& missing) {
  Frame frame;
  frame.plots.push_back(empty_board(missing));
  frame.description = "No digits: " + missing + ".";
  return frame;
}

Frame picture(const Run& run, const DigitPad& pad, const Trainee& trainee,
              const SolveReport& solve) {
  Frame frame;
  frame.step = trainee.step();
  const Reading reading = read_pad(run, pad, trainee.theta());
  const std::string caption = board_caption(run, pad, reading);
  const DigitImage shown = pad.empty() ? digit_image(run.test, 0) : pad.image();
  frame.plots.push_back(
      board_plot({run.train, run.test, run.scores.guesses, shown, reading.probability}, caption));
  frame.plots.push_back(loss_plot(trainee));
  frame.plots.push_back(accuracy_plot(trainee));
  const bool ode = run.options.is_ode();
  if (ode) {
    frame.plots.push_back(nfe_plot(trainee));
    if (!run.scores.tolerance_costs.empty())
      frame.plots.push_back(tolerance_plot(run.scores.tolerance_costs));
    frame.plots.push_back(directions_plot(trainee));
  }
  frame.plots.push_back(confusion_plot(run.scores.guesses));
  frame.metrics = {
      {"test_accuracy", "test accuracy", run.scores.accuracy, Metric::Format::percent, true},
      number_metric("loss", "loss", trainee.loss(), true),
      number_metric("test_loss", "test loss", run.scores.loss, true),
      count_metric("nfe_forward", "evaluations forward", solve.nfe()),
      count_metric("nfe_mean", "evaluations of the mean image", solve.mean_nfe()),
      count_metric("nfe_backward", "evaluations backward", ode ? run.model->nfe_backward() : 0),
      count_metric("nvjp", "vector-Jacobian products", ode ? run.model->nvjp() : 0),
      {"state_bytes", "held for the gradient",
       ode ? static_cast<double>(run.model->state_bytes()) : 0, Metric::Format::bytes, false},
      count_metric("parameters", "parameters", static_cast<double>(trainee.theta().size())),
      number_metric("epoch", "epochs done",
                    static_cast<double>(trainee.step()) / static_cast<double>(run.steps_per_epoch),
                    false),
      count_metric("training_images", "training images", run.train.count()),
      count_metric("tested_images", "images tested",
                   static_cast<double>(run.scores.guesses.guess.size())),
      count_metric("digit", "your digit", pad.empty() ? unknown : reading.guess),
      count_metric("digit_nfe", "its evaluations",
                   pad.empty() ? unknown : static_cast<double>(reading.nfe)),
  };
  frame.description = describe(run, trainee, caption);
  return frame;
}

}  // namespace neural_ode::digits
