// Explicit Runge-Kutta methods as data that validates itself at compile time.
#pragma once

#include <span>
#include <string_view>

namespace neural_ode {

struct ButcherTableau;  // by the ode floor: name, order, stages, a, b, c, b_error, dense output, fsal, citation

const ButcherTableau* find_method(std::string_view name);  // null when unknown
std::span<const ButcherTableau* const> methods();          // euler, midpoint, heun, rk4, dopri5, tsit5

}  // namespace neural_ode
