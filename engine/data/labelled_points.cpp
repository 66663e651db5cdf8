#include "engine/data/labelled_points.h"

#include <algorithm>
#include <cmath>

#include "engine/core/math.h"

namespace neural_ode {

namespace {

constexpr double pi = 3.14159265358979323846;

// Point i of `count` belongs to class i % 2 and is number i / 2 of it.
template <class Place>
LabelledPoints make_points(int count, double noise, Rng& rng, Place place) {
  LabelledPoints points;
  points.x.resize(2, count);
  points.label.resize(std::size_t(count));
  for (int i = 0; i < count; ++i) {
    const int label = i % 2;
    double x = 0, y = 0;
    place(label, rng, x, y);
    points.x(0, i) = x + noise * rng.normal();
    points.x(1, i) = y + noise * rng.normal();
    points.label[std::size_t(i)] = label;
  }
  return points;
}

// r = theta / theta_max, one and a quarter turns; the second arm is the first turned by half a
// turn.
LabelledPoints spirals(int count, double noise, Rng& rng) {
  constexpr double turns = 1.25, inner = 0.1;
  return make_points(count, noise, rng, [](int label, Rng& random, double& x, double& y) {
    // The square root spreads the points evenly along the arm, whose length grows like r^2.
    const double r = inner + (1 - inner) * std::sqrt(random.uniform());
    const double angle = 2 * pi * turns * r + (label == 0 ? 0 : pi);
    x = r * math::cos(angle);
    y = r * math::sin(angle);
  });
}

// A disc inside a ring: radii [0, .5] and [1, 1.5] of [dupont2019], scaled by 2/3 into the unit
// disc.
LabelledPoints rings(int count, double noise, Rng& rng) {
  return make_points(count, noise, rng, [](int label, Rng& random, double& x, double& y) {
    const double inner = label == 0 ? 0.0 : 1.0;
    const double radius = (inner + 0.5 * random.uniform()) / 1.5;
    const double angle = 2 * pi * random.uniform();
    x = radius * math::cos(angle);
    y = radius * math::sin(angle);
  });
}

// Two half circles that reach into each other.
LabelledPoints moons(int count, double noise, Rng& rng) {
  return make_points(count, noise, rng, [](int label, Rng& random, double& x, double& y) {
    constexpr double scale = 0.62;
    const double angle = pi * random.uniform();
    const double sign = label == 0 ? 1 : -1;
    x = scale * (sign * math::cos(angle) - sign * 0.5);
    y = scale * (sign * math::sin(angle) - sign * 0.25);
  });
}

// Class A where x and y have the same sign; a narrow gap along the axes.
LabelledPoints exclusive_or(int count, double noise, Rng& rng) {
  return make_points(count, noise, rng, [](int label, Rng& random, double& x, double& y) {
    constexpr double gap = 0.08;
    const double quadrant = random.uniform() < 0.5 ? 1 : -1;
    x = quadrant * random.uniform(gap, 1);
    y = (label == 0 ? quadrant : -quadrant) * random.uniform(gap, 1);
  });
}

// Six blades, all bent the same way, in turn of one class and of the other.
LabelledPoints pinwheel(int count, double noise, Rng& rng) {
  return make_points(count, noise, rng, [](int label, Rng& random, double& x, double& y) {
    constexpr double sector = pi / 3, width = 0.6, bend = 1.5, inner = 0.1;
    const double blade = 2.0 * random.below(3) + label;
    const double r = inner + (1 - inner) * std::sqrt(random.uniform());
    const double angle = sector * (blade + width * random.uniform()) + bend * r;
    x = r * math::cos(angle);
    y = r * math::sin(angle);
  });
}

// One round cluster per class.
LabelledPoints blobs(int count, double noise, Rng& rng) {
  return make_points(count, noise, rng, [](int label, Rng& random, double& x, double& y) {
    constexpr double centre = 0.5, spread = 0.16;
    const double sign = label == 0 ? -1 : 1;
    x = sign * centre + spread * random.normal();
    y = sign * centre + spread * random.normal();
  });
}

// Points about -1 (label 0) and 1 (label 1) on a line, from which g(-1) = 1, g(1) = -1 is to be learned:
// no flow of the line itself turns it around [dupont2019].
LabelledPoints flipped_line(int count, double noise, Rng& rng) {
  LabelledPoints points{Matrix<double>(1, count), {}};
  for (int i = 0; i < count; ++i) {
    points.x(0, i) = (i % 2 == 0 ? -1 : 1) + noise * rng.normal();
    points.label.push_back(i % 2);
  }
  return points;
}

constexpr PointSet rows[] = {
    {"spirals", "Two spirals", 2, spirals},
    {"rings", "Disc in a ring", 2, rings},
    {"moons", "Two moons", 2, moons},
    {"xor", "Exclusive or", 2, exclusive_or},
    {"pinwheel", "Pinwheel", 2, pinwheel},
    {"blobs", "Two blobs", 2, blobs},
    {"one_dimensional", "A line turned around", 1, flipped_line},
};

LabelledPoints select(const LabelledPoints& all, const std::vector<int>& columns) {
  LabelledPoints part;
  part.x.resize(all.x.rows(), Index(columns.size()));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    part.x.col(Index(i)) = all.x.col(columns[i]);
    part.label.push_back(all.label[std::size_t(columns[i])]);
  }
  return part;
}

}  // namespace

std::span<const PointSet> point_sets() {
  return rows;
}

const PointSet* find_point_set(std::string_view name) {
  for (const PointSet& row : rows)
    if (row.name == name) return &row;
  return nullptr;
}

Split split(const LabelledPoints& all, double fraction, Rng& rng) {
  std::vector<int> train, test;
  for (int label : {0, 1}) {
    std::vector<int> columns;
    for (std::size_t i = 0; i < all.label.size(); ++i)
      if (all.label[i] == label) columns.push_back(int(i));
    rng.shuffle(columns);
    const auto cut = columns.begin() + std::lround(fraction * double(columns.size()));
    test.insert(test.end(), columns.begin(), cut);
    train.insert(train.end(), cut, columns.end());
  }
  return {select(all, train), select(all, test)};
}

}  // namespace neural_ode
