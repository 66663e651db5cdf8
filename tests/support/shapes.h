// What a layer is made of, for tests that look into pictures.
#pragma once

#include <doctest/doctest.h>

#include <string_view>
#include <variant>
#include <vector>

#include "playground/picture/frame.h"

namespace neural_ode::testing {

// The test ends where it is something else.
template <class Type>
const Type& shape_of(const Layer& layer) {
  const Type* shape = std::get_if<Type>(&layer.shape);
  CAPTURE(layer.label);
  REQUIRE(shape != nullptr);
  return *shape;
}

// Null: the plot has no such layer.
inline const Layer* find_layer(const Plot& plot, std::string_view label) {
  for (const Layer& layer : plot.layers)
    if (layer.label == label) return &layer;
  return nullptr;
}

using Lists = std::vector<const std::vector<float>*>;
// All its numbers.
inline Lists numbers_of(const Layer& layer) {
  struct {
    Lists operator()(const Points& p) const { return {&p.x, &p.y, &p.z, &p.value}; }
    Lists operator()(const Paths& p) const { return {&p.x, &p.y, &p.z, &p.times}; }
    Lists operator()(const Curve& c) const { return {&c.x, &c.y}; }
    Lists operator()(const Band& b) const { return {&b.x, &b.low, &b.high}; }
    Lists operator()(const Arrows& a) const { return {&a.x, &a.y, &a.u, &a.v}; }
    Lists operator()(const Heatmap& h) const { return {&h.z, &h.times}; }
    Lists operator()(const Image& i) const { return {&i.z}; }
    Lists operator()(const Histogram& h) const { return {&h.edges, &h.counts}; }
    Lists operator()(const Polygon& p) const { return {&p.x, &p.y, &p.z}; }
  } numbers;
  return std::visit(numbers, layer.shape);
}

}  // namespace neural_ode::testing
