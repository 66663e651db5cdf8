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
    std::array<double, 8> share;
    return shares(x, y, share);
  }
  void score(double x, double y, double& dx, double& dy) const {
    std::array<double, 8> share;
    shares(x, y, share);
    dx = dy = 0;
    for (int k = 0; k < 8; ++k) {
      const double each = share[static_cast<std::size_t>(k)] / (deviation * deviation);
      dx += each * (radius * math::cos(pi / 4 * k) - x);
      dy += each * (radius * math::sin(pi / 4 * k) - y);
    }
  }
  // log p, and how likely each of the eight is to be where the point is from.
  double shares(double x, double y, std::array<double, 8>& exponent) const {
    double largest = -std::numeric_limits<double>::infinity();
    for (int k = 0; k < 8; ++k) {
      const double dx = (x - radius * math::cos(pi / 4 * k)) / deviation;
      const double dy = (y - radius * math::sin(pi / 4 * k)) / deviation;
      exponent[static_cast<std::size_t>(k)] = -0.5 * (dx * dx + dy * dy);
      largest = std::max(largest, exponent[static_cast<std::size_t>(k)]);
    }
    double sum = 0;
    for (double& each : exponent) {
      each = math::exp(each - largest);
      sum += each;
    }
    for (double& each : exponent) each /= sum;
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
void narrow_score(double x, double y, double& dx, double& dy) {
  narrow.score(x, y, dx, dy);
}
void wide_draw(Rng& rng, double& x, double& y) {
  wide.draw(rng, x, y);
}
double wide_log_prob(double x, double y) {
  return wide.log_prob(x, y);
}

void wide_score(double x, double y, double& dx, double& dy) {
  wide.score(x, y, dx, dy);
}

// The first energy of [rezende2015], a ring of radius 2 of which two arcs that face each other are
// left: p ~ exp(-U),
//   U = ((r - 2) / .4)^2 / 2 - log(exp(-((x - 2) / .6)^2 / 2) + exp(-((x + 2) / .6)^2 / 2)),
// and the logarithm of its integral, by quadrature.
constexpr double crescents_log_mass = 1.877501626105;
double crescents_energy(double x, double y) {
  const double ring = (std::sqrt(x * x + y * y) - 2) / 0.4;
  const double right = (x - 2) / 0.6, left = (x + 2) / 0.6;
  const double nearer = -0.5 * std::min(right * right, left * left);
  const double farther = -0.5 * std::max(right * right, left * left);
  return 0.5 * ring * ring - nearer - math::log1p(math::exp(farther - nearer));
}
double crescents_log_prob(double x, double y) {
  return -crescents_energy(x, y) - crescents_log_mass;
}
void crescents_score(double x, double y, double& dx, double& dy) {
  const double radius = std::sqrt(x * x + y * y);
  const double inwards = radius > 0 ? (2 - radius) / (0.16 * radius) : 0;
  // The share of the right one of both exponentials, whose exponents differ by 4 x / .6^2.
  const double share = math::sigmoid(x * 4 / 0.36);
  dx = inwards * x - (share * (x - 2) + (1 - share) * (x + 2)) / 0.36;
  dy = inwards * y;
}
// By rejection from a square that holds all but 1e-9 of it; exp(-U) has no larger values than 1.
void crescents_draw(Rng& rng, double& x, double& y) {
  do {
    x = rng.uniform(-4.5, 4.5);
    y = rng.uniform(-4.5, 4.5);
  } while (rng.uniform() >= math::exp(-crescents_energy(x, y)));
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
constexpr std::array<PlaneDensity, 10> rows = {{
    {"8gaussians", "8 Gaussians", narrow_draw, narrow_log_prob, 2.8318804, narrow_score},
    {"checkerboard", "Checkerboard", checkerboard_draw, checkerboard_log_prob, 3.4657359027997265},
    {"moons", "Moons", moons_draw, nullptr, unknown},
    {"rings", "Rings", rings_draw, nullptr, unknown},
    {"pinwheel", "Pinwheel", pinwheel_draw, nullptr, unknown},
    {"swiss_roll", "Swiss roll", swiss_roll_draw, nullptr, unknown},
    {"2spirals", "Two spirals", two_spirals_draw, nullptr, unknown},
    {"8gaussians_wide", "8 Gaussians, wide", wide_draw, wide_log_prob, 3.7640903, wide_score},
    {"moons_wide", "Moons, wide", wide_moons_draw, nullptr, unknown},
    {"crescents", "Crescents", crescents_draw, crescents_log_prob, 2.6600125359, crescents_score},
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
