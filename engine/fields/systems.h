// Built-in vector fields, the ground truth of experiments. Adding one: a formula in
// system_formulas.h and a row in systems.cpp.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <string_view>

#include "engine/core/types.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

struct SystemParameter {
  std::string_view name;  // "mu"
  double value;           // by default
};

struct System {
  std::string_view name;   // "van_der_pol"
  std::string_view label;  // "Van der Pol oscillator"
  int dim;                 // <= 4
  std::span<const SystemParameter> parameters;
  // A first look: from y0 (its first `dim` entries) at t = 0 to t_end.
  std::array<double, 4> y0;
  double t_end;
  // About how far from the origin further trajectories of a planar system start; 0 where states
  // around the origin make no sense.
  double reach;
  std::unique_ptr<VectorField<double>> (*make_field)(Vector<double> theta);

  // The field whose theta are these values, one for each parameter; none: the default values.
  std::unique_ptr<VectorField<double>> make(std::span<const double> values = {}) const;
};

std::span<const System> systems();
const System* find_system(std::string_view name);

}  // namespace neural_ode
