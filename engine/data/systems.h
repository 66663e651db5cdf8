// Built-in vector fields, the ground truth of experiments. Adding one: a class and a row in systems.cpp.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "engine/core/types.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

struct System {
  std::string_view name;                 // "spiral"
  std::string_view label;                // "Linear spiral"
  int dim;
  std::unique_ptr<VectorField<double>> (*make)();
};

std::span<const System> systems();  // spiral, cubic_spiral, two_attractors
const System* find_system(std::string_view name);

}  // namespace neural_ode
