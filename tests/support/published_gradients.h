// Gradients of the literature's first examples, by an independent long-double integrator at
// tolerance 1e-15 and checked there by differences.
#pragma once

#include <utility>

#include "engine/ode/formula_field.h"
#include "tests/support/methods.h"

namespace neural_ode::testing {

// L = sum y(t1).
struct PublishedGradient {
  const char* name;
  Matrix<double> y0;
  double t0, t1;
  Matrix<double> end;     // y(t1)
  Matrix<double> y0_bar;  // D x 1
  Matrix<double> a_bar;   // dL/dA, row by row
};

// y' = A y, theta = A row by row.
template <class Scalar>
auto damped_rotation() {
  return formula_field<Scalar, 2, 4>(
      [](auto, const auto* y, const auto* p, auto* dy) {
        dy[0] = p[0] * y[0] + p[1] * y[1];
        dy[1] = p[2] * y[0] + p[3] * y[1];
      },
      column<Scalar>({0.1, -1, 1, -0.1}));
}

inline PublishedGradient damped_rotation_gradient() {
  return {"damped rotation",
          column({0.9, 5.4}),
          0.3,
          9.5,
          column({-2.295253432998, -5.106255145280}),
          column({-0.6676975398005, -1.259366813418}),
          column({-36.15602511588, -13.58741440614, 15.28174005332, -31.93785380429})};
}

// The row y' = (y^3) A, y^3 entry by entry.
template <class Scalar>
auto cubic_spiral() {
  return formula_field<Scalar, 2, 4>(
      [](auto, const auto* y, const auto* p, auto* dy) {
        const auto u = y[0] * y[0] * y[0], v = y[1] * y[1] * y[1];
        dy[0] = u * p[0] + v * p[2];
        dy[1] = u * p[1] + v * p[3];
      },
      column<Scalar>({-0.1, 2, -2, -0.1}));
}

inline PublishedGradient cubic_spiral_gradient() {
  return {"cubic spiral",
          column({2, 0}),
          0,
          1,
          column({0.709261743253, -1.504108457840}),
          column({7.426385508954, 0.860307329588}),
          column({10.55882983735, 3.270801859689, -1.684767958005, 10.31447785406})};
}

}  // namespace neural_ode::testing
