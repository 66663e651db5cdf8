#include "web/app/tables/class_filter.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <variant>
#include <vector>

using namespace neural_ode;
using namespace neural_ode::web;

using Values = std::vector<float>;
using Counts = std::vector<std::uint32_t>;

namespace {

// What is left of it.
template <class Type>
Type left_of(const Type& shape, const ShownClasses& shown) {
  return std::get<Type>(of_classes(make_layer(shape), shown).shape);
}

}  // namespace

TEST_CASE("class filter: points of a hidden class go, with all that belongs to them") {
  Points points;
  points.x = {1, 2, 3, 4};
  points.y = {5, 6, 7, 8};
  points.value = {9, 10, 11, 12};
  points.group = {0, 1, 1, 0};
  const Points b = left_of(points, {false, true});
  CHECK(b.x == Values{2, 3});
  CHECK(b.y == Values{6, 7});
  CHECK(b.value == Values{10, 11});
  CHECK(b.z.empty());
  CHECK(b.group == Counts{1, 1});
  CHECK(left_of(points, {true, false}).x == Values{1, 4});
  CHECK(left_of(points, {false, false}).x.empty());
  CHECK(left_of(points, {true, true}).x == points.x);
}

TEST_CASE("class filter: whole paths of a hidden class go, and the shared times stay") {
  Paths paths;
  paths.x = {1, 2, 3, 4, 5, 6};
  paths.y = {0, 0, 1, 1, 2, 2};
  paths.starts = {0, 2, 4};
  paths.times = {0, 1};
  paths.group = {1, 0, 1};
  const Paths b = left_of(paths, {false, true});
  CHECK(b.x == Values{1, 2, 5, 6});
  CHECK(b.y == Values{0, 0, 2, 2});
  CHECK(b.starts == Counts{0, 2});
  CHECK(b.group == Counts{1, 1});
  CHECK(b.times == paths.times);
  const Paths a = left_of(paths, {true, false});
  CHECK(a.x == Values{3, 4});
  CHECK(a.starts == Counts{0});
}

TEST_CASE("class filter: paths that begin beyond the last vertex have none") {
  Paths paths;
  paths.x = paths.y = {1, 2};
  paths.starts = {0, 9};
  paths.group = {0, 1};
  CHECK(left_of(paths, {true, false}).x == Values{1, 2});
  CHECK(left_of(paths, {false, true}).x.empty());
}

TEST_CASE("class filter: what has no class stays") {
  Points points;
  points.x = points.y = {1, 2};
  CHECK(left_of(points, {false, false}).x == points.x);
  points.group = {1};
  CHECK(left_of(points, {true, false}).x == Values{2});
  CHECK(left_of(points, {true, false}).group.empty());
  Curve curve;
  curve.x = curve.y = {1, 2};
  CHECK(left_of(curve, {false, false}).x == curve.x);
}
