#include "playground/training/loss_plot.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

namespace neural_ode {

Layer curve_layer(const CurveHistory& history, Role role, std::string label) {
  Layer layer;
  layer.kind = LayerKind::curve;
  layer.role = role;
  layer.label = std::move(label);
  layer.x = history.steps();
  layer.y = history.values();
  return layer;
}

Plot loss_plot(const Trainee& trainee) {
  Plot plot;
  plot.id = "loss";
  plot.title = "Loss";
  plot.caption = "training and test loss at each step";
  plot.layers.push_back(curve_layer(trainee.train_curve(), Role::train, "train"));
  plot.layers.push_back(curve_layer(trainee.test_curve(), Role::test, "test"));
  constexpr float smallest = 1e-12F;  // that a logarithmic axis can show
  float low = 1, high = 0;
  for (Layer& layer : plot.layers) {
    for (float& value : layer.y) {
      value = std::max(value, smallest);
      low = high > 0 ? std::min(low, value) : value;
      high = std::max(high, value);
    }
  }
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
