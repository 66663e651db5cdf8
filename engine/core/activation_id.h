// The activations there are; nn/activation.h names them.
#pragma once

namespace neural_ode {

enum class Activation { identity, tanh, softplus, elu, silu, sigmoid, relu };

}  // namespace neural_ode
