// Explicit Runge-Kutta methods of low and middle order.
#pragma once

#include "engine/ode/tableau.h"

namespace neural_ode::tableaux {

constexpr ButcherTableau euler = closed({.name = "euler",
                                         .label = "Euler",
                                         .citation = "hairer1993",
                                         .order = 1,
                                         .stages = 1,
                                         .b = {1}});

constexpr ButcherTableau midpoint = closed({.name = "midpoint",
                                            .label = "Midpoint",
                                            .citation = "hairer1993",
                                            .order = 2,
                                            .stages = 2,
                                            .a = {{}, {0.5}},
                                            .b = {0, 1},
                                            .c = {0, 0.5},
                                            .embedded_order = 1,
                                            .b_error = {-1, 1}});

constexpr ButcherTableau heun = closed({.name = "heun",
                                        .label = "Heun 2(1)",
                                        .citation = "hairer1993",
                                        .order = 2,
                                        .stages = 2,
                                        .a = {{}, {1}},
                                        .b = {0.5, 0.5},
                                        .c = {0, 1},
                                        .embedded_order = 1,
                                        .b_error = {-0.5, 0.5}});

constexpr ButcherTableau ralston = closed({.name = "ralston",
                                           .label = "Ralston 2(1)",
                                           .citation = "ralston1962",
                                           .order = 2,
                                           .stages = 2,
                                           .a = {{}, {2.0 / 3}},
                                           .b = {0.25, 0.75},
                                           .c = {0, 2.0 / 3},
                                           .embedded_order = 1,
                                           .b_error = {-0.75, 0.75}});

constexpr ButcherTableau heun3 = closed({.name = "heun3",
                                         .label = "Heun 3",
                                         .citation = "hairer1993",
                                         .order = 3,
                                         .stages = 3,
                                         .a = {{}, {1.0 / 3}, {0, 2.0 / 3}},
                                         .b = {0.25, 0, 0.75},
                                         .c = {0, 1.0 / 3, 2.0 / 3}});

// A step is convex combinations of Euler's steps of the same length, so it stays within every convex
// bound that those keep.
constexpr ButcherTableau ssprk3 = closed({.name = "ssprk3",
                                          .label = "Shu-Osher SSP 3",
                                          .citation = "shu1988",
                                          .order = 3,
                                          .stages = 3,
                                          .a = {{}, {1}, {0.25, 0.25}},
                                          .b = {1.0 / 6, 1.0 / 6, 2.0 / 3},
                                          .c = {0, 1, 0.5}});

constexpr ButcherTableau bosh3 = {
    .name = "bosh3",
    .label = "Bogacki-Shampine 3(2)",
    .citation = "bogacki1989",
    .order = 3,
    .stages = 4,
    .a = {{}, {0.5}, {0, 0.75}, {2.0 / 9, 1.0 / 3, 4.0 / 9}},
    .b = {2.0 / 9, 1.0 / 3, 4.0 / 9, 0},
    .c = {0, 0.5, 0.75, 1},
    .embedded_order = 2,
    .b_error = {2.0 / 9 - 7.0 / 24, 1.0 / 3 - 1.0 / 4, 4.0 / 9 - 1.0 / 3, -1.0 / 8},
    .fsal = true};

constexpr ButcherTableau rk4 = closed({.name = "rk4",
                                       .label = "Classical Runge-Kutta",
                                       .citation = "kutta1901",
                                       .order = 4,
                                       .stages = 4,
                                       .a = {{}, {0.5}, {0, 0.5}, {0, 0, 1}},
                                       .b = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6},
                                       .c = {0, 0.5, 0.5, 1}});

constexpr ButcherTableau rk4_38 = closed({.name = "rk4_38",
                                          .label = "Kutta's 3/8 rule",
                                          .citation = "kutta1901",
                                          .order = 4,
                                          .stages = 4,
                                          .a = {{}, {1.0 / 3}, {-1.0 / 3, 1}, {1, -1, 1}},
                                          .b = {1.0 / 8, 3.0 / 8, 3.0 / 8, 1.0 / 8},
                                          .c = {0, 1.0 / 3, 2.0 / 3, 1}});

// The fourth-order solution is the one propagated, as published; the fifth-order one estimates its
// error.
constexpr ButcherTableau fehlberg45 =
    closed({.name = "fehlberg45",
            .label = "Fehlberg 4(5)",
            .citation = "fehlberg1969",
            .order = 4,
            .stages = 6,
            .a = {{},
                  {1.0 / 4},
                  {3.0 / 32, 9.0 / 32},
                  {1932.0 / 2197, -7200.0 / 2197, 7296.0 / 2197},
                  {439.0 / 216, -8, 3680.0 / 513, -845.0 / 4104},
                  {-8.0 / 27, 2, -3544.0 / 2565, 1859.0 / 4104, -11.0 / 40}},
            .b = {25.0 / 216, 0, 1408.0 / 2565, 2197.0 / 4104, -1.0 / 5, 0},
            .c = {0, 1.0 / 4, 3.0 / 8, 12.0 / 13, 1, 1.0 / 2},
            .embedded_order = 5,
            .b_error = {-1.0 / 360, 0, 128.0 / 4275, 2197.0 / 75240, -1.0 / 50, -2.0 / 55}});

constexpr ButcherTableau cash_karp =
    closed({.name = "cash_karp",
            .label = "Cash-Karp 5(4)",
            .citation = "cash1990",
            .order = 5,
            .stages = 6,
            .a = {{},
                  {1.0 / 5},
                  {3.0 / 40, 9.0 / 40},
                  {3.0 / 10, -9.0 / 10, 6.0 / 5},
                  {-11.0 / 54, 5.0 / 2, -70.0 / 27, 35.0 / 27},
                  {1631.0 / 55296, 175.0 / 512, 575.0 / 13824, 44275.0 / 110592, 253.0 / 4096}},
            .b = {37.0 / 378, 0, 250.0 / 621, 125.0 / 594, 0, 512.0 / 1771},
            .c = {0, 1.0 / 5, 3.0 / 10, 3.0 / 5, 1, 7.0 / 8},
            .embedded_order = 4,
            .b_error = {37.0 / 378 - 2825.0 / 27648, 0, 250.0 / 621 - 18575.0 / 48384,
                        125.0 / 594 - 13525.0 / 55296, -277.0 / 14336, 512.0 / 1771 - 1.0 / 4}});

}  // namespace neural_ode::tableaux
