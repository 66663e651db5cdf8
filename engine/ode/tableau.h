// One-step methods as data that validates itself at compile time (ode/tableau_check.h): explicit
// and diagonally implicit Runge-Kutta, partitioned (symplectic) and multistep. Adding one: a
// constexpr table in ode/methods/ and a row in tableau.cpp.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

namespace neural_ode {

// One step from (t, y) with step h and s stages:
//   Y_i = y + h sum_{j<=i} a_ij k_j,   k_i = f(t + c_i h, Y_i),   y1 = Y_{s-1} = y + h sum_i b_i
//   k_i.
// The first stage is f(t, y) and the last row of A is b, so that the last stage of a step is the
// first of the next one. A method that is not made like that has a last stage added by `closed`,
// which costs nothing but at a rejection.
struct ButcherTableau {
  static constexpr int max_stages = 14;
  static constexpr int dense_degree = 6;
  static constexpr int max_past = 3;

  std::string_view name;      // "dopri5"
  std::string_view label;     // "Dormand-Prince 5(4)"
  std::string_view citation;  // key in docs/reference/references.md
  int order = 0;
  int stages = 0;
  double a[max_stages][max_stages] =
      {};  // lower triangular; a row with a diagonal entry is implicit
  double b[max_stages] = {};
  double c[max_stages] = {};

  // Error estimate h sum_i b_error_i k_i: b minus the weights of an embedded method of this order;
  // 0: there is none.
  int embedded_order = 0;
  double b_error[max_stages] = {};
  bool fsal = false;  // the last row of A is b by the method's own design
  // y(t + x h) = y + h sum_i b_i(x) k_i, b_i(x) = sum_j dense[i][j] x^(j+1), of this order for
  // every x in [0, 1]; 0: the cubic Hermite interpolant of both ends.
  int dense_order = 0;
  double dense[max_stages][dense_degree] = {};

  // Partitioned: the second half of the components is combined with these instead of a and b.
  bool partitioned = false;
  double a2[max_stages][max_stages] = {};
  double b2[max_stages] = {};

  // Multistep: stages and y1 also use the first stages of `past` earlier steps of the same length,
  // latest first.
  int past = 0;
  double a_past[max_stages][max_past] = {};
  double b_past[max_past] = {};

  // Takes the steps that this method cannot: without enough past, or the last one when a c_i beyond
  // 1 would leave the interval.
  const ButcherTableau* substitute = nullptr;

  constexpr bool adaptive() const { return embedded_order > 0; }
  constexpr bool implicit(int stage) const { return a[stage][stage] != 0; }
  constexpr bool implicit() const {
    for (int i = 0; i < stages; ++i) {
      if (implicit(i)) return true;
    }
    return false;
  }
  // The first stage that y1 depends on: 1 when f(t, y) serves nothing but the error estimate and
  // dense output.
  constexpr int first_stage() const {
    for (int i = 0; i < stages; ++i) {
      if (a[i][0] != 0 || a2[i][0] != 0) return 0;
    }
    return 1;
  }
  // Without the last one that `closed` adds.
  constexpr int published_stages() const { return fsal ? stages : stages - 1; }
  // Evaluations of f in a step of fixed length, for an implicit stage one per Newton iteration.
  constexpr int evaluations() const {
    return stages - first_stage() - (implicit(stages - 1) ? 0 : 1);
  }
  constexpr int interpolant_order() const {
    return dense_order > 0 ? dense_order : std::min(order, 3);
  }
  constexpr int interpolant_degree() const {
    int degree = 3;
    for (int i = 0; i < stages; ++i) {
      for (int j = degree; j < dense_degree; ++j) {
        if (dense[i][j] != 0) degree = j + 1;
      }
    }
    return degree;
  }
  constexpr double latest_stage() const {
    double latest = 0;
    for (int i = 0; i < stages; ++i) latest = std::max(latest, c[i]);
    return latest;
  }

  // y(t + x h) = y + rise (y1 - y) + h sum_i weights_i k_i; returns rise.
  constexpr double dense_weights(double x, double* weights) const {
    for (int i = 0; i < stages; ++i) {
      double value = 0;
      for (int j = dense_degree - 1; j >= 0; --j) value = (value + dense[i][j]) * x;
      weights[i] = value;
    }
    if (dense_order > 0) return 0;
    const double rise = x * x * (3 - 2 * x);
    weights[0] = x * (1 - x) * (1 - x);
    weights[stages - 1] = x * x * (x - 1);
    return rise;
  }
};

// The method with f(t + h, y1) as a last stage.
constexpr ButcherTableau closed(ButcherTableau method) {
  const int last = method.stages++;
  for (int j = 0; j < last; ++j) {
    method.a[last][j] = method.b[j];
    method.a2[last][j] = method.b2[j];
  }
  for (int m = 0; m < method.past; ++m) method.a_past[last][m] = method.b_past[m];
  method.c[last] = 1;
  return method;
}

const ButcherTableau* find_method(std::string_view name);  // null when unknown
std::span<const ButcherTableau* const> methods();          // explicit ones first, by order

}  // namespace neural_ode
