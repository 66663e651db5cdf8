#include "web/app/tables/class_filter.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

using namespace neural_ode;
using namespace neural_ode::web;

using Values = std::vector<float>;
using Counts = std::vector<std::uint32_t>;

TEST_CASE("class filter: points of a hidden class go, with all that belongs to them") {
  Layer layer;
  layer.kind = LayerKind::points;
  layer.x = {1, 2, 3, 4};
  layer.y = {5, 6, 7, 8};
  layer.z = {9, 10, 11, 12};
  layer.group = {0, 1, 1, 0};
  const Layer b = of_classes(layer, {false, true});
  CHECK(b.x == Values{2, 3});
  CHECK(b.y == Values{6, 7});
  CHECK(b.z == Values{10, 11});
  CHECK(b.group == Counts{1, 1});
  CHECK(of_classes(layer, {true, false}).x == Values{1, 4});
  CHECK(of_classes(layer, {false, false}).x.empty());
  CHECK(of_classes(layer, {true, true}).x == layer.x);
}

TEST_CASE("class filter: whole paths of a hidden class go, and the shared times stay") {
  Layer layer;
  layer.kind = LayerKind::paths;
  layer.x = {1, 2, 3, 4, 5, 6};
  layer.y = {0, 0, 1, 1, 2, 2};
  layer.starts = {0, 2, 4};
  layer.times = {0, 1};
  layer.group = {1, 0, 1};
  const Layer b = of_classes(layer, {false, true});
  CHECK(b.x == Values{1, 2, 5, 6});
  CHECK(b.y == Values{0, 0, 2, 2});
  CHECK(b.starts == Counts{0, 2});
  CHECK(b.group == Counts{1, 1});
  CHECK(b.times == layer.times);
  const Layer a = of_classes(layer, {true, false});
  CHECK(a.x == Values{3, 4});
  CHECK(a.starts == Counts{0});
}

TEST_CASE("class filter: what has no class stays") {
  Layer layer;
  layer.kind = LayerKind::points;
  layer.x = layer.y = {1, 2};
  CHECK(of_classes(layer, {false, false}).x == layer.x);
  layer.group = {1};
  CHECK(of_classes(layer, {true, false}).x == Values{2});
  CHECK(of_classes(layer, {true, false}).group.empty());
  layer.kind = LayerKind::curve;
  layer.group = {0, 0};
  CHECK(of_classes(layer, {false, false}).x == layer.x);
}
