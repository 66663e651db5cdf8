// What training has come to, as a plot.
#pragma once

#include "playground/picture/frame.h"
#include "playground/training/trainee.h"

namespace neural_ode {

// Training and test loss against steps, on a logarithmic axis.
Plot loss_plot(const Trainee& trainee);

}  // namespace neural_ode
