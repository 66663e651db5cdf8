#include "engine/data/plane_densities.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "engine/core/math.h"

namespace neural_ode {

namespace {

constexpr double pi = 3.14159265358979323846;
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
constexpr double log_two_pi = 1.8378770664093454836;

void normal_draw(Rng& rng, double& x, double& y) {
  x = rng.normal();
  y = rng.normal();
}
double normal_log_prob(double x, double y) {
  return -0.5 * (x * x + y * y) - log_two_pi;
}

// Eight equal normal distributions of variance s^2 on a circle of radius r.
struct EightGaussians {
  double radius, deviation;

  void draw(Rng& rng, double& x, double& y) const {
    const double angle = pi / 4 * rng.below(8);
    x = radius * math::cos(angle) + deviation * rng.normal();
    y = radius * math::sin(angle) + deviation * rng.normal();
  }
  double log_prob(double x, double y) const {
    std::array<double, 8> exponent;
    double largest = -std::numeric_limits<double>::infinity();
    for (int k = 0; k < 8; ++k) {
      const double dx = (x - radius * math::cos(pi / 4 * k)) / deviation;
      const double dy = (y - radius * math::sin(pi / 4 * k)) / deviation;
      exponent[static_cast<std::size_t>(k)] = -0.5 * (dx * dx + dy * dy);
      largest = std::max(largest, exponent[static_cast<std::size_t>(k)]);
    }
    double sum = 0;
    for (const double each : exponent) sum += math::exp(each - largest);
    return largest + math::log(sum / 8) - log_two_pi - 2 * math::log(deviation);
  }
};

// Radius 4 and deviation 1/2, divided by sqrt 2 (by 1.414 in [grathwohl2019]).
constexpr EightGaussians narrow = {4 / 1.414, 0.5 / 1.414};
// Variance sqrt(.1) [tong2024].
constexpr EightGaussians wide = {5, 0.56234132519034908};

void narrow_draw(Rng& rng, double& x, double& y) {
  narrow.draw(rng, x, y);
}
double narrow_log_prob(double x, double y) {
  return narrow.log_prob(x, y);
}
void wide_draw(Rng& rng, double& x, double& y) {
  wide.draw(rng, x, y);
}
double wide_log_prob(double x, double y) {
  return wide.log_prob(x, y);
}

// Squares of side 2 in [-4, 4]^2, every other one.
void checkerboard_draw(Rng& rng, double& x, double& y) {
  const double column = rng.uniform(-2, 2);
  const double row = rng.uniform() - 2.0 * rng.below(2);
  x = 2 * column;
  y = 2 * (row + (static_cast<int>(std::floor(column)) % 2 == 0 ? 0 : 1));
}
double checkerboard_log_prob(double x, double y) {
  const bool inside = std::abs(x) < 4 && std::abs(y) < 4;
  const bool dark =
      (static_cast<int>(std::floor(x / 2)) + static_cast<int>(std::floor(y / 2))) % 2 == 0;
  return inside && dark ? -math::log(32) : -std::numeric_limits<double>::infinity();
}

// A half circle about the origin and one about (1, 1/2), which reach into each other.
void half_circles(Rng& rng, double& x, double& y) {
  const bool inner = rng.below(2) == 1;
  const double angle = pi * rng.uniform();
  x = math::cos(angle);
  y = math::sin(angle);
  if (inner) {
    x = 1 - x;
    y = 0.5 - y;
  }
}
void moons_draw(Rng& rng, double& x, double& y) {
  half_circles(rng, x, y);
  x = 2 * (x + 0.1 * rng.normal()) - 1;
  y = 2 * (y + 0.1 * rng.normal()) - 0.2;
}
// Shifted along the diagonal by a uniform length.
void wide_moons_draw(Rng& rng, double& x, double& y) {
  half_circles(rng, x, y);
  const double shift = 0.2 * rng.uniform();
  x = 3 * (x + shift) - 1;
  y = 3 * (y + shift) - 1;
}

void rings_draw(Rng& rng, double& x, double& y) {
  const double radius = 0.25 * (1 + rng.below(4));
  const double angle = 2 * pi * rng.uniform();
  x = 3 * (radius * math::cos(angle) + 0.08 * rng.normal());
  y = 3 * (radius * math::sin(angle) + 0.08 * rng.normal());
}

// Five arms, turned the more the farther out.
void pinwheel_draw(Rng& rng, double& x, double& y) {
  const double along = 1 + 0.3 * rng.normal(), across = 0.1 * rng.normal();
  const double angle = 2 * pi / 5 * rng.below(5) + 0.25 * math::exp(along);
  const double c = math::cos(angle), s = math::sin(angle);
  x = 2 * (along * c + across * s);
  y = 2 * (across * c - along * s);
}

void swiss_roll_draw(Rng& rng, double& x, double& y) {
  const double t = 1.5 * pi * (1 + 2 * rng.uniform());
  x = (t * math::cos(t) + rng.normal()) / 5;
  y = (t * math::sin(t) + rng.normal()) / 5;
}

void two_spirals_draw(Rng& rng, double& x, double& y) {
  const double sign = rng.below(2) == 0 ? 1 : -1;
  const double t = 3 * pi * std::sqrt(rng.uniform());
  x = sign * (0.5 * rng.uniform() - t * math::cos(t)) / 3 + 0.1 * rng.normal();
  y = sign * (0.5 * rng.uniform() + t * math::sin(t)) / 3 + 0.1 * rng.normal();
}

// Entropies of the mixtures by quadrature; without overlap they would be log 8 + 1 + log 2 pi s^2.
constexpr std::array<PlaneDensity, 9> rows = {{
    {"8gaussians", "8 Gaussians", narrow_draw, narrow_log_prob, 2.8318804},
    {"checkerboard", "Checkerboard", checkerboard_draw, checkerboard_log_prob, 3.4657359027997265},
    {"moons", "Moons", moons_draw, nullptr, unknown},
    {"rings", "Rings", rings_draw, nullptr, unknown},
    {"pinwheel", "Pinwheel", pinwheel_draw, nullptr, unknown},
    {"swiss_roll", "Swiss roll", swiss_roll_draw, nullptr, unknown},
    {"2spirals", "Two spirals", two_spirals_draw, nullptr, unknown},
    {"8gaussians_wide", "8 Gaussians, wide", wide_draw, wide_log_prob, 3.7640903},
    {"moons_wide", "Moons, wide", wide_moons_draw, nullptr, unknown},
}};

constexpr PlaneDensity normal = {"normal", "Standard normal", normal_draw, normal_log_prob,
                                 1 + log_two_pi};

}  // namespace

std::span<const PlaneDensity> plane_densities() {
  return rows;
}

const PlaneDensity* find_plane_density(std::string_view name) {
  for (const PlaneDensity& row : rows) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

const PlaneDensity& standard_normal() {
  return normal;
}

void draw_points(const PlaneDensity& density, double noise, Rng& rng, MatrixOut<double> points) {
  for (Index i = 0; i < points.cols(); ++i) {
    density.draw(rng, points(0, i), points(1, i));
    // Without noise the generator is left where it is.
    if (noise > 0) {
      points(0, i) += noise * rng.normal();
      points(1, i) += noise * rng.normal();
    }
  }
}

Matrix<double> draw_points(const PlaneDensity& density, Index count, double noise, Rng& rng) {
  Matrix<double> points(2, count);
  draw_points(density, noise, rng, points);
  return points;
}

}  // namespace neural_ode
