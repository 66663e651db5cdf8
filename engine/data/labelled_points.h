// Sets of points of two classes. Adding one: a function and a row in labelled_points.cpp.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/core/rng.h"
#include "engine/core/types.h"

namespace neural_ode {

struct LabelledPoints {
  Matrix<double> x;        // D x N
  std::vector<int> label;  // N, 0 or 1
  Index size() const { return x.cols(); }
};

struct PointSet {
  std::string_view name;   // "spirals"
  std::string_view label;  // "Two spirals"
  Index dim;               // D
  // `count` points, classes as equal as can be, jittered by N(0, noise^2) in each coordinate; they
  // fill about [-1, 1]^D.
  LabelledPoints (*make)(int count, double noise, Rng& rng);
};

std::span<const PointSet> point_sets();  // spirals ... blobs, in the plane; one_dimensional
const PointSet* find_point_set(std::string_view name);  // null when unknown

// A random part of about `fraction` of each class for testing, the rest for training.
struct Split {
  LabelledPoints train, test;
};
Split split(const LabelledPoints& all, double fraction, Rng& rng);

}  // namespace neural_ode
