// What data sets promise of themselves: shares, ranges and the width of their noise, each from
// moments or distances that were worked out by hand.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <string>
#include <vector>

#include "engine/data/labelled_points.h"
#include "engine/data/mechanical_systems.h"
#include "engine/data/plane_densities.h"
#include "engine/data/series.h"
#include "engine/data/trajectories.h"
#include "engine/fields/systems.h"

using namespace neural_ode;

namespace {

constexpr double pi = 3.14159265358979323846;

Matrix<double> draws(const char* name, int count, std::uint64_t seed = 5) {
  Rng rng(seed);
  return draw_points(*find_plane_density(name), count, 0, rng);
}

// doctest's own epsilon is of 1 + |value|, which lets half the noise pass.
doctest::Approx near(double value, double share) {
  return doctest::Approx(value).epsilon(share).scale(0);
}

struct Spread {
  double sum = 0, squares = 0;
  int count = 0;
  void add(double value) {
    sum += value;
    squares += value * value;
    ++count;
  }
  double mean() const { return sum / count; }
  double deviation() const { return std::sqrt(squares / count - mean() * mean()); }
};

double mean_square(const Matrix<double>& points) {
  return points.squaredNorm() / double(points.cols());
}

}  // namespace

TEST_CASE("moons: two half circles of equal share, noise of 0.1 before they are doubled") {
  const Matrix<double> points = draws("moons", 400000);
  Spread outer, inner;
  for (Index i = 0; i < points.cols(); ++i) {
    const double x = (points(0, i) + 1) / 2, y = (points(1, i) + 0.2) / 2;
    // Parts of the half circles that are far from the other one, by their angle.
    const double a = std::atan2(y, x), b = std::atan2(0.5 - y, 1 - x);
    if (a > 2 && a < 3 && std::hypot(x, y) > 0.5) outer.add(std::hypot(x, y));
    if (b > 2 && b < 3 && std::hypot(1 - x, 0.5 - y) > 0.5) inner.add(std::hypot(1 - x, 0.5 - y));
  }
  for (const Spread& arc : {outer, inner}) {
    CHECK(arc.mean() == near(1.005, 0.005));
    CHECK(arc.deviation() == near(0.1, 0.03));
    CHECK(arc.count == near(200000 / pi, 0.03));
  }
}

TEST_CASE("rings: four circles of equal share, noise of 0.24") {
  const Matrix<double> points = draws("rings", 1000000);
  // E r^2 = 9 (1 + 4 + 9 + 16) / 64 + 2 noise^2
  const double noise = std::sqrt((mean_square(points) - 9 * 30 / 64.0) / 2);
  CHECK(noise == near(0.24, 0.05));
  CHECK(points.rowwise().mean().norm() < 0.01);
}

TEST_CASE("pinwheel: five arms of equal share, 0.3 along and 0.1 across") {
  const Matrix<double> points = draws("pinwheel", 200000) / 2;
  CHECK(mean_square(points) == near(1 + 0.09 + 0.01, 0.01));
  Spread across, along;
  int arms[5] = {};
  for (Index i = 0; i < points.cols(); ++i) {
    const double r = points.col(i).norm();
    const double angle = -std::atan2(points(1, i), points(0, i));  // the arms turn the other way
    double forward = r;
    double miss = 0;
    for (int k = 0; k < 20; ++k) {
      // How far the unbent point is from the nearest arm.
      const double unbent = 5 * (angle - 0.25 * std::exp(forward)) / (2 * pi);
      miss = 2 * pi / 5 * (std::round(unbent) - unbent);
      if (k == 19) ++arms[(static_cast<int>(std::round(unbent)) + 10) % 5];
      forward = r * std::cos(miss);
    }
    along.add(forward);
    if (r > 0.7) across.add(r * std::sin(miss));
  }
  CHECK(along.mean() == near(1, 0.01));
  CHECK(along.deviation() == near(0.3, 0.03));
  CHECK(across.deviation() == near(0.1, 0.03));
  for (const int arm : arms) CHECK(arm == near(40000, 0.03));
}

TEST_CASE("swiss roll: from 3 pi/2 to 9 pi/2 evenly, noise of 1 before it is divided by five") {
  const Matrix<double> points = draws("swiss_roll", 1000000);
  // E t^2 over the interval is 9.75 pi^2.
  const double noise = std::sqrt((25 * mean_square(points) - 9.75 * pi * pi) / 2);
  CHECK(noise == near(1, 0.05));
  double farthest = 0;
  for (Index i = 0; i < points.cols(); ++i) farthest = std::max(farthest, points.col(i).norm());
  CHECK(farthest > 4.5 * pi / 5);
  CHECK(farthest < (4.5 * pi + 6) / 5);
}

TEST_CASE("two spirals: half a turn apart, of equal share, noise of 0.1 about a stripe") {
  const Matrix<double> points = draws("2spirals", 200000);
  // Arm s: s (-t cos t, t sin t) / 3 about s (1, 1) / 12, displaced by a uniform square of side 1/6
  // and the noise: across the arm a deviation of sqrt(1 / (36 * 12) + 0.1^2).
  Spread across;
  int first = 0;
  for (Index i = 0; i < points.cols(); ++i) {
    if (points.col(i).norm() < 1.4 || points.col(i).norm() > 2.5) continue;
    double nearest = 1e9;
    bool is_first = false;
    for (const double sign : {1.0, -1.0}) {
      const double x = sign * points(0, i) - 1.0 / 12, y = sign * points(1, i) - 1.0 / 12;
      const double r = std::hypot(x, y), turn = pi - std::atan2(y, x);
      const double t = turn + 2 * pi * std::round((3 * r - turn) / (2 * pi));
      const double miss = (r - t / 3) / std::sqrt(1 + 1 / (9 * r * r));
      if (std::abs(miss) < std::abs(nearest)) {
        nearest = miss;
        is_first = sign > 0;
      }
    }
    across.add(nearest);
    first += is_first;
  }
  CHECK(across.count > 50000);
  CHECK(across.deviation() == near(std::sqrt(1 / 432.0 + 0.01), 0.04));
  CHECK(first == near(across.count / 2.0, 0.03));
}

TEST_CASE("wide moons: shifted along the diagonal by up to 0.6, the half circles of equal share") {
  const Matrix<double> points = draws("moons_wide", 1000000);
  // Means of (1/2, 1/4) and half the shift 0.2, times three, less one.
  CHECK(points.row(0).mean() == near(3 * 0.6 - 1, 0.01));
  CHECK(points.row(1).mean() == near(3 * 0.35 - 1, 0.1));
}

TEST_CASE("eight Gaussians: of equal share, each as wide as published") {
  struct Ring {
    const char* name;
    double radius, deviation;
  };
  for (const Ring& ring : {Ring{"8gaussians", 4 / 1.414, 0.5 / 1.414},
                           Ring{"8gaussians_wide", 5, std::sqrt(std::sqrt(0.1))}}) {
    CAPTURE(std::string(ring.name));
    const Matrix<double> points = draws(ring.name, 200000);
    CHECK(mean_square(points) - ring.radius * ring.radius ==
          near(2 * ring.deviation * ring.deviation, 0.1));
    int shares[8] = {};
    for (Index i = 0; i < points.cols(); ++i) {
      const double sector = std::atan2(points(1, i), points(0, i)) / (pi / 4);
      ++shares[(static_cast<int>(std::round(sector)) + 8) % 8];
    }
    for (const int share : shares) CHECK(share == near(25000, 0.03));
  }
}

TEST_CASE("plane densities: noise widens each coordinate by the stated deviation") {
  for (const PlaneDensity& density : plane_densities()) {
    CAPTURE(std::string(density.name));
    Rng a(8), b(9);
    const double clean = mean_square(draw_points(density, 400000, 0, a));
    const double noisy = mean_square(draw_points(density, 400000, 2, b));
    CHECK(std::sqrt((noisy - clean) / 2) == near(2, 0.02));
  }
}

TEST_CASE("point sets: the inner widths of blobs and xor") {
  Rng rng(6);
  const LabelledPoints blobs = find_point_set("blobs")->make(100000, 0, rng);
  Spread spread[2];
  for (Index i = 0; i < blobs.size(); ++i) {
    for (Index d = 0; d < 2; ++d) spread[blobs.label[std::size_t(i)]].add(blobs.x(d, i));
  }
  for (const int label : {0, 1}) {
    CHECK(spread[label].mean() == near(label == 0 ? -0.5 : 0.5, 0.01));
    CHECK(spread[label].deviation() == near(0.16, 0.02));
  }
  const LabelledPoints squares = find_point_set("xor")->make(100000, 0, rng);
  CHECK(squares.x.cwiseAbs().minCoeff() >= 0.08);
  CHECK(squares.x.cwiseAbs().minCoeff() < 0.081);
  CHECK(squares.x.cwiseAbs().mean() == near(0.54, 0.01));
  CHECK(squares.x.cwiseAbs().maxCoeff() <= 1);
}

TEST_CASE("trajectories: the first from the system's own state, others within its reach") {
  for (const System& system : systems()) {
    if (system.reach == 0) continue;
    CAPTURE(std::string(system.name));
    Rng rng(3), again(3);
    const TrajectorySet set = make_trajectories(system.name, 60, 3, 0.1, 0, rng);
    REQUIRE(set.exact.size() == 60);
    CHECK(set.exact[0].y(0, 0) == system.y0[0]);
    CHECK(set.exact[0].y(1, 0) == system.y0[1]);
    double least = 1e9, most = 0;
    for (std::size_t k = 1; k < set.exact.size(); ++k) {
      const double r = set.exact[k].y.col(0).norm() / system.reach;
      least = std::min(least, r);
      most = std::max(most, r);
      CHECK(set.observed[k].y == set.exact[k].y);
    }
    CHECK(least >= 0.4 - 1e-12);
    CHECK(least < 0.5);
    CHECK(most <= 1 + 1e-12);
    CHECK(most > 0.9);
    CHECK(make_trajectories(system.name, 60, 3, 0.1, 0, again).exact[7].y == set.exact[7].y);
  }
}

TEST_CASE("mechanical systems: states are drawn from the stated ranges, on both sides alike") {
  struct Range {
    const char* name;
    double low, high;
  };
  for (const Range& range : {Range{"pendulum", 0.4, 2.4}, Range{"double_well", 0.3, 1.7}}) {
    Rng rng(2);
    const Matrix<double> y = draw_states(*find_mechanical_system(range.name), 4000, rng);
    const auto q = y.row(0).cwiseAbs();
    CHECK(q.minCoeff() >= range.low);
    CHECK(q.maxCoeff() < range.high);
    CHECK(q.mean() == near((range.low + range.high) / 2, 0.03));
    CHECK((y.row(0).array() > 0).count() == near(2000, 0.06));
    CHECK(y.row(1).cwiseAbs().maxCoeff() == 0);
  }
  // Kepler: half axis 1, so an energy of -1/2; the eccentricity, 1 less the distance, below .5.
  Rng rng(2);
  const MechanicalSystem& kepler = *find_mechanical_system("kepler");
  const Matrix<double> y = draw_states(kepler, 4000, rng);
  Spread eccentricity;
  for (Index k = 0; k < y.cols(); ++k) {
    CHECK(kepler.energy(y.col(k).data(), nullptr) == near(-0.5, 1e-12));
    eccentricity.add(1 - y.col(k).head(2).norm());
    CHECK(std::abs(y.col(k).head(2).dot(y.col(k).tail(2))) < 1e-12);  // nearest to the sun
  }
  CHECK(eccentricity.mean() == near(0.25, 0.03));
  CHECK(eccentricity.deviation() == near(0.5 / std::sqrt(12), 0.03));
}

TEST_CASE("series: spirals lie on the published curves, every other one clockwise") {
  Rng rng(4);
  const SeriesFamily& family = *find_series_family("spirals");
  CHECK(family.noise == 0.3);
  const std::vector<double> times = family.make_times(rng);
  for (const bool held_out : {true, false}) {
    const SeriesSet set = family.make(times, 400, held_out, rng);
    REQUIRE(set.exact.size() == 400);
    CHECK(set.window == 100);
    int incomplete = 0;
    for (std::size_t k = 0; k < set.exact.size(); ++k) {
      CHECK(set.hidden[k] == double(k % 2));
      const double centre = k % 2 == 0 ? -5 : 5;
      for (Index i = 0; i < 200; ++i) {
        const double x = set.exact[k](0, i) - centre, y = set.exact[k](1, i);
        if (std::isnan(x)) {
          CHECK(i >= 100);
          ++incomplete;
          break;
        }
        const double r = std::hypot(x, y), angle = k % 2 == 0 ? 15 / r : r / 0.3;
        CHECK(std::abs(std::polar(r, angle) - std::complex(x, y)) < 1e-9);
      }
    }
    CHECK((incomplete > 0) == !held_out);
  }
}

TEST_CASE("series: waves have the frequencies, phases, amplitudes and decays that they promise") {
  Rng rng(5);
  const SeriesFamily& periodic = *find_series_family("periodic");
  CHECK(periodic.noise == 0.05);
  Spread share, cosine;
  for (int k = 0; k < 20; ++k) {
    const std::vector<double> times = periodic.make_times(rng);
    REQUIRE(times.size() == 200);
    CHECK(std::is_sorted(times.begin(), times.end()));
    CHECK(times[99] < 5 + 1e-3);
    const SeriesSet set = periodic.make(times, 200, false, rng);
    for (std::size_t s = 0; s < set.exact.size(); ++s) {
      const double w = 2 * pi * (0.4 + 0.4 * set.hidden[s]);
      // y = sin(w t) cos(phi) + cos(w t) sin(phi) at two times gives the phase.
      const double a = w * times[0], b = w * times[1];
      const double y0 = set.exact[s](0, 0), y1 = set.exact[s](0, 1);
      if (std::abs(std::sin(a - b)) < 0.02) continue;
      const double c = (y0 * std::cos(b) - y1 * std::cos(a)) / std::sin(a - b);
      const double d = (y1 * std::sin(a) - y0 * std::sin(b)) / std::sin(a - b);
      CHECK(c * c + d * d == near(1, 1e-6));
      cosine.add(c);
      share.add(set.hidden[s]);
    }
  }
  CHECK(share.mean() == near(0.5, 0.05));
  CHECK(share.deviation() == near(1 / std::sqrt(12), 0.05));
  CHECK(cosine.mean() == near(std::exp(-0.5), 0.05));  // of N(0, 1)

  const SeriesFamily& damped = *find_series_family("damped");
  CHECK(damped.noise == 0.05);
  const std::vector<double> times = damped.make_times(rng);
  const double h = times[1] - times[0];
  CHECK(h == doctest::Approx(0.05));
  const SeriesSet set = damped.make(times, 4000, false, rng);
  Spread decay, rate, amplitude;
  for (std::size_t s = 0; s < set.exact.size(); ++s) {
    const auto y = [&](Index i) { return set.exact[s](0, 4 * i); };
    // y(i + 1) = p y(i) + q y(i - 1), p = 2 e^(-c H) cos(w H), q = -e^(-2 c H), H = 4 h
    const double det = y(1) * y(1) - y(2) * y(0);
    const double p = (y(2) * y(1) - y(3) * y(0)) / det, q = (y(1) * y(3) - y(2) * y(2)) / det;
    const double c = -std::log(-q) / (8 * h), w = std::acos(p / (2 * std::sqrt(-q))) / (4 * h);
    CHECK(w == near(2 + 2 * set.hidden[s], 1e-6));
    decay.add(c);
    rate.add(w);
    // y(0) = A cos(phi), y(1) e^(c H) = A cos(w H + phi)
    const double real = y(0);
    const double imaginary =
        (y(0) * std::cos(4 * w * h) - y(1) * std::exp(4 * c * h)) / std::sin(4 * w * h);
    amplitude.add(std::hypot(real, imaginary));
  }
  CHECK(decay.mean() == near(0.25, 0.02));
  CHECK(decay.deviation() == near(0.3 / std::sqrt(12), 0.05));
  CHECK(rate.mean() == near(3, 0.02));
  CHECK(rate.deviation() == near(2 / std::sqrt(12), 0.05));
  CHECK(amplitude.mean() == near(1, 0.02));
  CHECK(amplitude.deviation() == near(0.6 / std::sqrt(12), 0.05));
}
