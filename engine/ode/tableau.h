// Explicit Runge-Kutta methods as data that validates itself at compile time (ode/tableau_check.h).
// Adding one: a constexpr table, a static_assert and a row in tableau.cpp.
#pragma once

#include <span>
#include <string_view>

namespace neural_ode {

// One step from (t, y) with step h, s stages:
//   k_i = f(t + c_i h, y + h sum_{j<i} a_ij k_j),   y1 = y + h sum_i b_i k_i,
//   error estimate  h sum_i b_error_i k_i,   dense output  y(t + x h) = y + h sum_i b_i(x) k_i.
struct ButcherTableau {
  static constexpr int max_stages = 7;
  static constexpr int dense_degree = 4;

  std::string_view name;      // "dopri5"
  std::string_view label;     // "Dormand-Prince 5(4)"
  std::string_view citation;  // key in docs/references.md
  int order = 0;
  int stages = 0;
  double a[max_stages][max_stages] = {};
  double b[max_stages] = {};
  double c[max_stages] = {};

  // b minus the weights of the embedded method of this order; 0: there is none.
  int embedded_order = 0;
  double b_error[max_stages] = {};
  // The last row of a is b: the last stage is the first one of the next step.
  bool fsal = false;
  // b_i(x) = sum_j dense[i][j] x^(j+1), of this order for every x in [0, 1]; 0: there is none.
  int dense_order = 0;
  double dense[max_stages][dense_degree] = {};

  // Chooses its own steps: it needs all three of an estimate, its last stage and a dense output.
  constexpr bool adaptive() const { return embedded_order > 0 && fsal && dense_order > 0; }
  // Stages that y1 depends on.
  constexpr int solution_stages() const { return fsal ? stages - 1 : stages; }
  // Writes b_i(x) for all stages.
  constexpr void dense_weights(double x, double* weights) const {
    for (int i = 0; i < stages; ++i) {
      double value = 0;
      for (int j = dense_degree - 1; j >= 0; --j) value = (value + dense[i][j]) * x;
      weights[i] = value;
    }
  }
};

const ButcherTableau* find_method(std::string_view name);  // null when unknown
std::span<const ButcherTableau* const> methods();  // euler, midpoint, heun, rk4, dopri5, tsit5

}  // namespace neural_ode
