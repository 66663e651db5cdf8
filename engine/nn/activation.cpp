#include "engine/nn/activation.h"

#include <array>
#include <cstddef>

namespace neural_ode {
namespace {

constexpr std::array<std::string_view, 7> names = {"identity", "tanh",    "softplus", "elu",
                                                   "silu",     "sigmoid", "relu"};

}  // namespace

std::string_view activation_name(Activation activation) {
  return names[static_cast<std::size_t>(activation)];
}

std::optional<Activation> find_activation(std::string_view name) {
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Activation>(i);
  }
  return std::nullopt;
}

std::span<const std::string_view> activation_names() {
  return names;
}

bool has_second_derivative(Activation activation) {
  return activation != Activation::relu;
}

bool slope_from_image(Activation activation) {
  return activation == Activation::tanh || activation == Activation::relu;
}

}  // namespace neural_ode
