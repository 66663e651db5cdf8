// Names of the activations that core/kernels.h computes.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "engine/core/kernels.h"

namespace neural_ode {

std::string_view activation_name(Activation activation);
std::optional<Activation> find_activation(std::string_view name);
std::span<const std::string_view> activation_names();  // in the order of the enum

// False for relu (s'' = 0 almost everywhere), which therefore cannot train a trace.
bool has_second_derivative(Activation activation);

// True for tanh, s' = (1 - h)(1 + h), and relu, s' = 1 where h > 0: the image h is all that a
// pullback has to keep.
bool slope_from_image(Activation activation);

}  // namespace neural_ode
