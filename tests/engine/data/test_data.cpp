#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/data/labelled_points.h"
#include "engine/data/trajectories.h"
#include "engine/fields/systems.h"

using namespace neural_ode;

namespace {

int count_of(const LabelledPoints& points, int label) {
  int count = 0;
  for (int each : points.label) count += each == label;
  return count;
}

double radius(const LabelledPoints& points, Index i) {
  return std::hypot(points.x(0, i), points.x(1, i));
}

}  // namespace

TEST_CASE("every point set: equal classes, about the unit square, the same seed the same points") {
  for (const PointSet& set : point_sets()) {
    CAPTURE(std::string(set.name));
    Rng rng(7), again(7), other(8);
    const LabelledPoints points = set.make(400, 0.05, rng);
    CHECK(points.size() == 400);
    CHECK(count_of(points, 0) == 200);
    CHECK(count_of(points, 1) == 200);
    CHECK(points.x.cwiseAbs().maxCoeff() < 1.4);
    CHECK(points.x.cwiseAbs().maxCoeff() > 0.5);
    CHECK(points.x == set.make(400, 0.05, again).x);
    CHECK_FALSE((points.x == set.make(400, 0.05, other).x));
  }
}

TEST_CASE("every point set: noise is a normal displacement of the stated width") {
  for (const PointSet& set : point_sets()) {
    CAPTURE(std::string(set.name));
    // The same seed draws the same noise numbers, so the displacement is in proportion to the
    // width.
    Rng none(3), small(3), large(3);
    const Matrix<double> clean = set.make(1000, 0, none).x;
    const Matrix<double> one = set.make(1000, 0.01, small).x - clean;
    const Matrix<double> ten = set.make(1000, 0.1, large).x - clean;
    CHECK((ten - 10 * one).cwiseAbs().maxCoeff() < 1e-12);
    CHECK(std::sqrt(one.squaredNorm() / double(one.size())) ==
          doctest::Approx(0.01).epsilon(0.05).scale(0));
  }
}

TEST_CASE("every point set: found by its name, of the dimension that it says") {
  for (const PointSet& set : point_sets()) {
    CAPTURE(std::string(set.name));
    Rng rng(7);
    CHECK(find_point_set(set.name) == &set);
    CHECK(set.make(10, 0.1, rng).x.rows() == set.dim);
    CHECK(set.dim == (set.name == "one_dimensional" ? 1 : 2));
  }
  CHECK(find_point_set("spiral") == nullptr);
}

TEST_CASE("rings: without noise a disc of radius 1/3 and a ring from 2/3 to 1") {
  Rng rng(1);
  const LabelledPoints points = find_point_set("rings")->make(500, 0, rng);
  for (Index i = 0; i < points.size(); ++i) {
    const double r = radius(points, i);
    if (points.label[std::size_t(i)] == 0)
      CHECK(r <= 1.0 / 3 + 1e-12);
    else
      CHECK((r >= 2.0 / 3 - 1e-12 && r <= 1 + 1e-12));
  }
}

TEST_CASE("spirals: without noise the arms are each other's half turn and never touch") {
  Rng rng(1);
  const LabelledPoints points = find_point_set("spirals")->make(600, 0, rng);
  double nearest = 10;
  for (Index i = 0; i < points.size(); ++i)
    for (Index j = 0; j < i; ++j)
      if (points.label[std::size_t(i)] != points.label[std::size_t(j)])
        nearest = std::min(nearest, (points.x.col(i) - points.x.col(j)).norm());
  CHECK(nearest > 0.05);
}

TEST_CASE("xor: the class is the sign of the product") {
  Rng rng(1);
  const LabelledPoints points = find_point_set("xor")->make(300, 0, rng);
  for (Index i = 0; i < points.size(); ++i)
    CHECK((points.x(0, i) * points.x(1, i) > 0) == (points.label[std::size_t(i)] == 0));
}

TEST_CASE("pinwheel: unbent, the blades are three fifths of six sectors, of each class in turn") {
  Rng rng(1);
  const LabelledPoints points = find_point_set("pinwheel")->make(600, 0, rng);
  int found[6] = {};
  for (Index i = 0; i < points.size(); ++i) {
    const double r = radius(points, i);
    CHECK((r >= 0.1 - 1e-12 && r <= 1 + 1e-12));
    const double unbent = std::atan2(points.x(1, i), points.x(0, i)) - 1.5 * r;
    const double sectors = unbent / std::acos(0.5) + 12;  // of 60 degrees; positive
    const int whole = static_cast<int>(sectors + 1e-9);
    CHECK(sectors - whole < 0.6 + 1e-9);
    CHECK(whole % 2 == points.label[std::size_t(i)]);
    ++found[whole % 6];
  }
  for (const int count : found) CHECK(count > 60);
}

TEST_CASE("split: the stated part of each class, every point once") {
  Rng rng(5);
  const LabelledPoints all = find_point_set("moons")->make(200, 0.1, rng);
  const Split parts = split(all, 0.25, rng);
  CHECK(count_of(parts.test, 0) == 25);
  CHECK(count_of(parts.test, 1) == 25);
  CHECK(parts.train.size() == 150);
  const double total = parts.train.x.sum() + parts.test.x.sum();
  CHECK(total == doctest::Approx(all.x.sum()).epsilon(1e-12));
}

TEST_CASE("trajectories: the linear spiral follows its closed form") {
  Rng rng(1);
  const TrajectorySet set = make_trajectories("spiral", 3, 50, 10, 0, rng);
  REQUIRE(set.exact.size() == 3);
  for (const Trajectory& trajectory : set.exact)
    for (std::size_t i = 0; i < trajectory.times.size(); ++i) {
      const double t = trajectory.times[i], decay = std::exp(-0.1 * t);
      const double x0 = trajectory.y(0, 0), y0 = trajectory.y(1, 0);
      const double x = decay * (std::cos(t) * x0 - std::sin(t) * y0);
      const double y = decay * (std::sin(t) * x0 + std::cos(t) * y0);
      CHECK(std::abs(trajectory.y(0, Index(i)) - x) < 1e-8);
      CHECK(std::abs(trajectory.y(1, Index(i)) - y) < 1e-8);
    }
  CHECK(set.exact[0].y(0, 0) == 0.6);
  CHECK(set.exact[0].times.back() == 10);
}

TEST_CASE("trajectories: every planar system with a reach stays finite, and noise has its width") {
  for (const System& system : systems()) {
    if (system.reach == 0) continue;
    REQUIRE(system.dim == 2);
    CAPTURE(std::string(system.name));
    Rng rng(2);
    const TrajectorySet set = make_trajectories(system.name, 4, 200, 25, 0.05, rng);
    double sum = 0;
    Index count = 0;
    for (std::size_t k = 0; k < set.exact.size(); ++k) {
      CHECK(set.exact[k].y.allFinite());
      sum += (set.observed[k].y - set.exact[k].y).squaredNorm();
      count += set.exact[k].y.size();
    }
    CHECK(std::sqrt(sum / double(count)) == doctest::Approx(0.05).epsilon(0.06).scale(0));
  }
}
