// Multistep and symplectic methods, in steps of equal length.
#pragma once

#include "engine/ode/methods/explicit.h"

namespace neural_ode::tableaux {

// Predict with Adams-Bashforth, evaluate, correct with Adams-Moulton, evaluate (PECE). rk4 takes
// the first three steps between two output times.
constexpr ButcherTableau abm4 = closed({.name = "abm4",
                                        .label = "Adams-Bashforth-Moulton 4",
                                        .citation = "hairer1993",
                                        .order = 4,
                                        .stages = 2,
                                        .a = {{}, {55.0 / 24}},
                                        .b = {19.0 / 24, 9.0 / 24},
                                        .c = {0, 1},
                                        .past = 3,
                                        .a_past = {{}, {-59.0 / 24, 37.0 / 24, -9.0 / 24}},
                                        .b_past = {-5.0 / 24, 1.0 / 24},
                                        .substitute = &rk4});

// For separable fields dq/dt = u(p), dp/dt = v(q), with y = (q, p). First p by v(q), then q by
// u(new p).
constexpr ButcherTableau semi_implicit_euler = closed({.name = "semi_implicit_euler",
                                                       .label = "Semi-implicit Euler",
                                                       .citation = "hairer2006",
                                                       .order = 1,
                                                       .stages = 2,
                                                       .b = {0, 1},
                                                       .c = {0, 1},
                                                       .partitioned = true,
                                                       .a2 = {{}, {1}},
                                                       .b2 = {1, 0}});

// Half a step of p, a step of q, half a step of p (Stoermer-Verlet).
constexpr ButcherTableau leapfrog = closed({.name = "leapfrog",
                                            .label = "Leapfrog",
                                            .citation = "hairer2006",
                                            .order = 2,
                                            .stages = 3,
                                            .a = {{}, {}, {0, 1}},
                                            .b = {0, 1, 0},
                                            .c = {0, 0.5, 1},
                                            .partitioned = true,
                                            .a2 = {{}, {0.5}, {0.5}},
                                            .b2 = {0.5, 0, 0.5}});

}  // namespace neural_ode::tableaux
