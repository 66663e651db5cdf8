// Built-in vector fields, the ground truth of experiments. Adding one: a class and a row in
// systems.cpp.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>

#include "engine/core/types.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

struct System {
  std::string_view name;   // "spiral"
  std::string_view label;  // "Linear spiral"
  int dim;
  std::array<double, 2> first_state;  // where its first trajectory starts
  double reach;                       // about how far from the origin further ones start
  std::unique_ptr<VectorField<double>> (*make)();
};

std::span<const System> systems();  // spiral, cubic_spiral, two_attractors
const System* find_system(std::string_view name);

}  // namespace neural_ode
