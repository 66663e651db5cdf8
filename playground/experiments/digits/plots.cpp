// The plots of `digits` made of what a run has measured.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "engine/train/curve_history.h"
#include "playground/experiments/digits/picture.h"
#include "playground/picture/plots.h"
#include "playground/training/loss_plot.h"

namespace neural_ode::digits {

namespace {

constexpr float smallest = 1e-8F;  // that a logarithmic axis shows

// Axis limits around positive values.
void fit_axis(Axis& axis, const std::vector<float>& values) {
  if (values.empty()) return;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (axis.logarithmic) {
    axis.minimum = static_cast<double>(*low) / 1.5;
    axis.maximum = static_cast<double>(*high) * 1.5;
  } else {
    axis.minimum = 0;
    axis.maximum = std::max(static_cast<double>(*high) * 1.15, 1.0);
  }
}

// One curve over training for each entry.
struct NamedHistory {
  const CurveHistory& history;
  Role role;
  std::string label;
};

Plot history_plot(std::string id, std::string title, std::string caption, std::string axis,
                  const std::vector<NamedHistory>& histories, bool share) {
  Plot plot;
  plot.id = std::move(id);
  plot.title = std::move(title);
  plot.caption = std::move(caption);
  plot.x = {"step", 0, 10};
  plot.y = {std::move(axis), 0, 1};
  std::vector<float> all;
  for (const NamedHistory& each : histories) {
    Curve curve = curve_of(each.history);
    all.insert(all.end(), curve.y.begin(), curve.y.end());
    for (const float step : curve.x)
      plot.x.maximum = std::max(plot.x.maximum, static_cast<double>(step));
    plot.layers.push_back(make_layer(std::move(curve), each.role, each.label));
  }
  if (!share) fit_axis(plot.y, all);
  return plot;
}

}  // namespace

Plot confusion_plot(const DigitGuesses& guesses) {
  Plot plot;
  plot.id = "confusion";
  plot.title = "Taken for";
  plot.caption = "of the test images of a digit (row), the share taken for each digit (column)";
  plot.x = {"taken for", -0.5, digit_classes - 0.5};
  plot.y = {"digit", -0.5, digit_classes - 0.5};
  Heatmap shares =
      sheet(digit_classes, digit_classes, -0.5, digit_classes - 0.5, -0.5, digit_classes - 0.5);
  std::array<float, digit_classes> total{};
  for (std::size_t i = 0; i < guesses.guess.size(); ++i) {
    const auto truth = static_cast<std::size_t>(guesses.truth[i]);
    total[truth] += 1;
    shares.z[truth * digit_classes + static_cast<std::size_t>(guesses.guess[i])] += 1;
  }
  for (std::size_t i = 0; i < shares.z.size(); ++i)
    shares.z[i] /= std::max(total[i / digit_classes], 1.0F);
  plot.layers.push_back(make_layer(std::move(shares)));
  return plot;
}

Plot accuracy_plot(const Trainee& trainee) {
  return history_plot("accuracy", "Accuracy", "share of test digits read correctly", "accuracy",
                      {{trainee.curve(accuracy_curve), Role::test, "test"}}, true);
}

Plot nfe_plot(const Trainee& trainee) {
  return history_plot("nfe", "Evaluations", "of f in a step, of its slowest image", "evaluations",
                      {{trainee.curve(nfe_curve), Role::model, "forward"},
                       {trainee.curve(nvjp_curve), Role::class_b, "backward"}},
                      false);
}

Plot tolerance_plot(const std::vector<ToleranceCost>& costs) {
  Plot plot;
  plot.id = "tolerance";
  plot.title = "Evaluations against accuracy";
  plot.caption =
      "the same test images at tolerances from 0.1 to 1e-5: evaluations of f, and the "
      "largest error of a logit";
  plot.x = {"error", 1e-6, 1, true};
  plot.y = {"evaluations", 0, 1};
  Curve curve;
  for (const ToleranceCost& cost : costs) {
    curve.x.push_back(std::max(static_cast<float>(cost.error), smallest));
    curve.y.push_back(static_cast<float>(cost.nfe));
  }
  fit_axis(plot.x, curve.x);
  fit_axis(plot.y, curve.y);
  plot.layers.push_back(make_layer(std::move(curve), Role::model));
  plot.layers.back().series = 0;
  return plot;
}

Plot directions_plot(const Trainee& trainee) {
  Plot plot;
  plot.id = "directions";
  plot.title = "Backward against forward";
  plot.caption = "vector-Jacobian products of a step against its evaluations; the line: as many";
  plot.x = {"forward", 0, 1};
  plot.y = {"backward", 0, 1};
  Points steps;
  steps.x = trainee.curve(nfe_curve).values();
  steps.y = trainee.curve(nvjp_curve).values();
  fit_axis(plot.x, steps.x);
  fit_axis(plot.y, steps.y);
  const double most = plot.x.maximum = plot.y.maximum = std::max(plot.x.maximum, plot.y.maximum);
  plot.layers.push_back(line_layer("", 0, 0, most, most));
  plot.layers.push_back(make_layer(std::move(steps), Role::model));
  return plot;
}

}  // namespace neural_ode::digits
