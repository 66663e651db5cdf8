#include "playground/training/loss_plot.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace neural_ode {

Curve curve_of(const CurveHistory& history) {
  Curve curve;
  curve.x = history.steps();
  curve.y = history.values();
  return curve;
}

Layer curve_layer(const CurveHistory& history, Role role, std::string label) {
  return make_layer(curve_of(history), role, std::move(label));
}

Plot loss_plot(const Trainee& trainee) {
  Plot plot;
  plot.id = "loss";
  plot.title = "Loss";
  plot.caption = "training and test loss at each step";
  Curve train = curve_of(trainee.train_curve()), test = curve_of(trainee.test_curve());
  constexpr float smallest = 1e-12F;  // that a logarithmic axis can show
  float low = 1, high = 0;
  for (Curve* curve : {&train, &test}) {
    for (float& value : curve->y) {
      value = std::max(value, smallest);
      low = high > 0 ? std::min(low, value) : value;
      high = std::max(high, value);
    }
  }
  plot.layers.push_back(make_layer(std::move(train), Role::train, "train"));
  plot.layers.push_back(make_layer(std::move(test), Role::test, "test"));
  if (!(high > 0)) high = low = 1;
  plot.x.label = "step";
  plot.x.maximum = static_cast<double>(std::max<std::int64_t>(trainee.step(), 10));
  plot.y.label = "loss";
  plot.y.logarithmic = true;
  plot.y.minimum = static_cast<double>(low) / 1.3;
  plot.y.maximum = std::max(static_cast<double>(high) * 1.3, plot.y.minimum * 3);
  return plot;
}

}  // namespace neural_ode
