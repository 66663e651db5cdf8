// Singly diagonally implicit Runge-Kutta methods with an explicit first stage, for stiff fields.
#pragma once

#include "engine/ode/tableau.h"

namespace neural_ode::tableaux {

// The error estimate is the distance to the trapezoidal rule with the same slopes.
constexpr ButcherTableau implicit_euler = {.name = "implicit_euler",
                                           .label = "Implicit Euler 1(2)",
                                           .citation = "hairer1996",
                                           .order = 1,
                                           .stages = 2,
                                           .a = {{}, {0, 1}},
                                           .b = {0, 1},
                                           .c = {0, 1},
                                           .embedded_order = 2,
                                           .b_error = {-0.5, 0.5},
                                           .fsal = true};

// Keeps quadratic invariants of the field, such as the norm under an antisymmetric matrix.
constexpr ButcherTableau implicit_midpoint = closed({.name = "implicit_midpoint",
                                                     .label = "Implicit midpoint",
                                                     .citation = "hairer1996",
                                                     .order = 2,
                                                     .stages = 2,
                                                     .a = {{}, {0, 0.5}},
                                                     .b = {0, 1},
                                                     .c = {0, 0.5}});

constexpr ButcherTableau trapezoid = {.name = "trapezoid",
                                      .label = "Trapezoidal rule 2(1)",
                                      .citation = "hairer1996",
                                      .order = 2,
                                      .stages = 2,
                                      .a = {{}, {0.5, 0.5}},
                                      .b = {0.5, 0.5},
                                      .c = {0, 1},
                                      .embedded_order = 1,
                                      .b_error = {-0.5, 0.5},
                                      .fsal = true};

// Written by its gamma, the root of 6 x^3 - 18 x^2 + 9 x - 1 that makes it L-stable.
constexpr ButcherTableau make_kvaerno3() {
  constexpr double g = 0.43586652150845899942;
  constexpr double a31 = (-4 * g * g + 6 * g - 1) / (4 * g), a32 = (1 - 2 * g) / (4 * g);
  constexpr double b1 = (6 * g - 1) / (12 * g), b2 = -1 / ((24 * g - 12) * g),
                   b3 = (-6 * g * g + 6 * g - 1) / (6 * g - 3);
  return {.name = "kvaerno3",
          .label = "Kvaerno 3(2)",
          .citation = "kvaerno2004",
          .order = 3,
          .stages = 4,
          .a = {{}, {g, g}, {a31, a32, g}, {b1, b2, b3, g}},
          .b = {b1, b2, b3, g},
          .c = {0, 2 * g, 1, 1},
          .embedded_order = 2,
          .b_error = {b1 - a31, b2 - a32, b3 - g, g},
          .fsal = true};
}
constexpr ButcherTableau kvaerno3 = make_kvaerno3();

// The implicit half of the additive method ARK5(4)8L[2]SA; all its stages lie within the step.
constexpr ButcherTableau kencarp5 = {
    .name = "kencarp5",
    .label = "Kennedy-Carpenter 5(4)",
    .citation = "kennedy2003",
    .order = 5,
    .stages = 8,
    .a = {{},
          {0.205, 0.205},
          {41.0 / 400, -567603406766.0 / 11931857230679, 0.205},
          {683785636431.0 / 9252920307686, 0, -110385047103.0 / 1367015193373, 0.205},
          {3016520224154.0 / 10081342136671, 0, 30586259806659.0 / 12414158314087,
           -22760509404356.0 / 11113319521817, 0.205},
          {218866479029.0 / 1489978393911, 0, 638256894668.0 / 5436446318841,
           -1179710474555.0 / 5321154724896, -60928119172.0 / 8023461067671, 0.205},
          {1020004230633.0 / 5715676835656, 0, 25762820946817.0 / 25263940353407,
           -2161375909145.0 / 9755907335909, -211217309593.0 / 5846859502534,
           -4269925059573.0 / 7827059040749, 0.205},
          {-872700587467.0 / 9133579230613, 0, 0, 22348218063261.0 / 9555858737531,
           -1143369518992.0 / 8141816002931, -39379526789629.0 / 19018526304540,
           32727382324388.0 / 42900044865799, 0.205}},
    .b = {-872700587467.0 / 9133579230613, 0, 0, 22348218063261.0 / 9555858737531,
          -1143369518992.0 / 8141816002931, -39379526789629.0 / 19018526304540,
          32727382324388.0 / 42900044865799, 0.205},
    .c = {0, 0.41, 2935347310677.0 / 11292855782101, 1426016391358.0 / 7196633302097, 0.92, 0.24,
          0.6, 1},
    .embedded_order = 4,
    .b_error = {-872700587467.0 / 9133579230613 + 975461918565.0 / 9796059967033, 0, 0,
                22348218063261.0 / 9555858737531 - 78070527104295.0 / 32432590147079,
                -1143369518992.0 / 8141816002931 + 548382580838.0 / 3424219808633,
                -39379526789629.0 / 19018526304540 + 33438840321285.0 / 15594753105479,
                32727382324388.0 / 42900044865799 - 3629800801594.0 / 4656183773603,
                0.205 - 4035322873751.0 / 18575991585200},
    .fsal = true};

// Its third stage lies 0.23 h beyond the step: at the end of the interval kencarp5 takes over.
constexpr ButcherTableau kvaerno5 = {
    .name = "kvaerno5",
    .label = "Kvaerno 5(4)",
    .citation = "kvaerno2004",
    .order = 5,
    .stages = 7,
    .a = {{},
          {0.26, 0.26},
          {0.13, 0.84033320996790809, 0.26},
          {0.22371961478320505, 0.47675532319799699, -0.06470895363112615, 0.26},
          {0.16648564323248321, 0.10450018841591720, 0.03631482272098715, -0.13090704451073998,
           0.26},
          {0.13855640231268224, 0, -0.04245337201752043, 0.02446657898003141, 0.61943039072480676,
           0.26},
          {0.13659751177640291, 0, -0.05496908796538376, -0.04118626728321046, 0.62993304899016403,
           0.06962479448202728, 0.26}},
    .b = {0.13659751177640291, 0, -0.05496908796538376, -0.04118626728321046, 0.62993304899016403,
          0.06962479448202728, 0.26},
    .c = {0, 0.52, 1.230333209967908, 0.8957659843500759, 0.43639360985864756, 1, 1},
    .embedded_order = 4,
    .b_error = {0.13659751177640291 - 0.13855640231268224, 0,
                -0.05496908796538376 + 0.04245337201752043,
                -0.04118626728321046 - 0.02446657898003141,
                0.62993304899016403 - 0.61943039072480676, 0.06962479448202728 - 0.26, 0.26},
    .fsal = true,
    .substitute = &kencarp5};

}  // namespace neural_ode::tableaux
