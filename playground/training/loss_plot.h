// What training has come to, as a plot.
#pragma once

#include <string>

#include "engine/train/curve_history.h"
#include "playground/picture/frame.h"
#include "playground/training/trainee.h"

namespace neural_ode {

// Against steps.
Curve curve_of(const CurveHistory& history);
Layer curve_layer(const CurveHistory& history, Role role, std::string label);

// Training and test loss against steps, on a logarithmic axis.
Plot loss_plot(const Trainee& trainee);

}  // namespace neural_ode
