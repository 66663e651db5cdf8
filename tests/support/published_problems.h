// Initial value problems of the literature with their end states. Where there is no closed form
// these come from an independent long-double integrator at tolerance 1e-15.
#pragma once

#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "engine/ode/formula_field.h"
#include "tests/support/methods.h"

namespace neural_ode::testing {

struct PublishedProblem {
  const char* name = nullptr;
  std::unique_ptr<VectorField<double>> field;
  Matrix<double> y0;
  double t1 = 0;
  Matrix<double> end;  // y(t1)

  Matrix<double> times() const { return column({0, t1}); }
};

// From t = 0.
template <int D, class Formula>
PublishedProblem problem(const char* name, Formula formula, Matrix<double> y0, double t1,
                         Matrix<double> end) {
  PublishedProblem made;
  made.name = name;
  made.field = std::make_unique<FormulaField<double, D, 0, Formula>>(std::move(formula));
  made.y0 = std::move(y0);
  made.t1 = t1;
  made.end = std::move(end);
  return made;
}

// Kepler's problem as positions and velocities, from the point nearest to the focus.
inline PublishedProblem kepler(const char* name, double eccentricity, Matrix<double> end) {
  return problem<4>(
      name,
      [](auto, const auto* y, const auto*, auto* dy) {
        const auto square = y[0] * y[0] + y[1] * y[1];
        const auto cube = square * math::sqrt(square);
        dy[0] = y[2];
        dy[1] = y[3];
        dy[2] = -y[0] / cube;
        dy[3] = -y[1] / cube;
      },
      column({1 - eccentricity, 0, 0, std::sqrt((1 + eccentricity) / (1 - eccentricity))}), 20,
      std::move(end));
}

inline PublishedProblem van_der_pol(const char* name, double mu, double t1, Matrix<double> end) {
  return problem<2>(
      name,
      [mu](auto, const auto* y, const auto*, auto* dy) {
        dy[0] = y[1];
        dy[1] = mu * (1.0 - y[0] * y[0]) * y[1] - y[0];
      },
      column({2, 0}), t1, std::move(end));
}

// The test set of T. E. Hull, W. H. Enright, B. M. Fellen, A. E. Sedgwick, Comparing Numerical
// Methods for Ordinary Differential Equations, SIAM J. Numer. Anal. 9(4), 1972, to x = 20.
inline std::vector<PublishedProblem> detest() {
  std::vector<PublishedProblem> set;
  constexpr double end = 20;
  set.push_back(problem<1>(
      "A1, decay", [](auto, const auto* y, const auto*, auto* dy) { dy[0] = -y[0]; }, column({1}),
      end, column({2.061153622e-9})));
  set.push_back(problem<1>(
      "A2, Riccati",
      [](auto, const auto* y, const auto*, auto* dy) { dy[0] = -0.5 * y[0] * y[0] * y[0]; },
      column({1}), end, column({0.218217890236})));
  set.push_back(problem<1>(
      "A3, oscillating rate",
      [](auto t, const auto* y, const auto*, auto* dy) { dy[0] = y[0] * math::cos(t); },
      column({1}), end, column({2.491650271850})));
  set.push_back(problem<1>(
      "A4, logistic curve",
      [](auto, const auto* y, const auto*, auto* dy) { dy[0] = 0.25 * y[0] * (1.0 - y[0] / 20.0); },
      column({1}), end, column({17.73016648131})));
  set.push_back(problem<1>(
      "A5, spiral curve",
      [](auto t, const auto* y, const auto*, auto* dy) { dy[0] = (y[0] - t) / (y[0] + t); },
      column({4}), end, column({-0.788782668896})));
  set.push_back(problem<2>(
      "B1, two conflicting populations",
      [](auto, const auto* y, const auto*, auto* dy) {
        dy[0] = 2.0 * (y[0] - y[0] * y[1]);
        dy[1] = -(y[1] - y[0] * y[1]);
      },
      column({1, 3}), end, column({0.676187600858, 0.186081609964})));
  set.push_back(problem<3>(
      "B3, nonlinear chemical reaction",
      [](auto, const auto* y, const auto*, auto* dy) {
        dy[0] = -y[0];
        dy[1] = y[0] - y[1] * y[1];
        dy[2] = y[1] * y[1];
      },
      column({1, 0, 0}), end, column({2.0611536e-9, 0.0525722802205, 0.947427717718})));
  set.push_back(problem<3>(
      "B4, surface of a torus",
      [](auto, const auto* y, const auto*, auto* dy) {
        const auto radius = math::sqrt(y[0] * y[0] + y[1] * y[1]);
        dy[0] = -y[1] - y[0] * y[2] / radius;
        dy[1] = y[0] - y[1] * y[2] / radius;
        dy[2] = y[0] / radius;
      },
      column({3, 0, 0}), end, column({0.982695092801, 2.19844708169, 0.912945250728})));
  set.push_back(problem<3>(
      "B5, rigid body without forces",
      [](auto, const auto* y, const auto*, auto* dy) {
        dy[0] = y[1] * y[2];
        dy[1] = -y[0] * y[2];
        dy[2] = -0.51 * y[0] * y[1];
      },
      column({0, 1, 1}), end, column({-0.939657079873, -0.342117775400, 0.741412659620})));
  set.push_back(kepler("D1, orbit of eccentricity .1", 0.1,
                       column({0.219883535201, 0.942707684634, -0.978765984106, 0.328797799096})));
  set.push_back(
      kepler("D5, orbit of eccentricity .9", 0.9,
             column({-1.295266250988, 0.400393896379, -0.677539092471, -0.127083815428})));
  set.push_back(van_der_pol("E2, van der Pol", 1, end, column({2.008149762175, -0.0425088752732})));
  set.push_back(problem<2>(
      "E5, pursuit",
      [](auto t, const auto* y, const auto*, auto* dy) {
        dy[0] = y[1];
        dy[1] = math::sqrt(1.0 + y[1] * y[1]) / (25.0 - t);
      },
      column({0, 0}), end, column({14.11797390543, 2.4})));
  return set;
}

inline PublishedProblem lotka_volterra() {
  return problem<2>(
      "Lotka-Volterra",
      [](auto, const auto* y, const auto*, auto* dy) {
        dy[0] = 1.5 * y[0] - y[0] * y[1];
        dy[1] = -3.0 * y[1] + y[0] * y[1];
      },
      column({1, 1}), 10, column({1.026344767575, 0.909691078136}));
}

inline PublishedProblem lorenz() {
  return problem<3>(
      "Lorenz",
      [](auto, const auto* y, const auto*, auto* dy) {
        dy[0] = 10.0 * (y[1] - y[0]);
        dy[1] = y[0] * (28.0 - y[2]) - y[1];
        dy[2] = y[0] * y[1] - 8.0 / 3.0 * y[2];
      },
      column({1, 1, 1}), 1, column({-9.378570010925, -8.357033788427, 29.362325337363}));
}

inline PublishedProblem robertson() {
  return problem<3>(
      "Robertson",
      [](auto, const auto* y, const auto*, auto* dy) {
        const auto first = 0.04 * y[0], second = 3e7 * y[1] * y[1], third = 1e4 * y[1] * y[2];
        dy[0] = third - first;
        dy[1] = first - second - third;
        dy[2] = second;
      },
      column({1, 0, 0}), 0.4, column({0.985172113861, 3.386395378978e-5, 0.014794022185}));
}

inline PublishedProblem stiff_van_der_pol() {
  return van_der_pol("van der Pol, mu = 100", 100, 200,
                     column({1.718587208019, -8.796821912417e-3}));
}

}  // namespace neural_ode::testing
