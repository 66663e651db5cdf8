// Two-dimensional densities to learn. Adding one: a function and a row in plane_densities.cpp.
#pragma once

#include <span>
#include <string_view>

#include "engine/core/rng.h"
#include "engine/core/types.h"

namespace neural_ode {

struct PlaneDensity {
  std::string_view name;   // "8gaussians"
  std::string_view label;  // "8 Gaussians"
  // Draws one point.
  void (*draw)(Rng& rng, double& x, double& y);
  // log p(x, y) in nats, minus infinity outside the support; null where there is no closed form.
  double (*log_prob)(double x, double y);
  // E[-log p] in nats: no model has a smaller negative log-likelihood. NaN where unknown.
  double entropy;
  // The gradient of log p (the score); null where log_prob is, or is not differentiable.
  void (*score)(double x, double y, double& dx, double& dy) = nullptr;
};

// 8gaussians, checkerboard, moons, rings, pinwheel, swiss_roll, 2spirals as in [grathwohl2019];
// 8gaussians_wide and moons_wide, the pair of [tong2024]; crescents, known by its energy
// [rezende2015].
std::span<const PlaneDensity> plane_densities();
const PlaneDensity* find_plane_density(std::string_view name);  // null when unknown
const PlaneDensity& standard_normal();  // N(0, I), "normal"; not in the list

// Draws a point for every column of `points` (2 x N), each coordinate jittered by N(0, noise^2).
void draw_points(const PlaneDensity& density, double noise, Rng& rng, MatrixOut<double> points);
// The same, 2 x count.
Matrix<double> draw_points(const PlaneDensity& density, Index count, double noise, Rng& rng);

}  // namespace neural_ode
