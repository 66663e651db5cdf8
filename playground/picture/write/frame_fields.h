// What plots and their parts have, by its names in JSON: one description for writing and reading.
// Those of a layer are one flat object, whatever its kind; words are in a blob in this order.
#pragma once

#include <array>
#include <concepts>
#include <string_view>
#include <type_traits>
#include <variant>

#include "playground/picture/frame.h"

namespace neural_ode::frame_fields {

inline constexpr std::array<std::string_view, 8> role_names = {
    "neutral", "class_a", "class_b", "truth", "model", "train", "test", "accent"};
inline constexpr std::array<std::string_view, 5> format_names = {"number", "percent", "count",
                                                                 "milliseconds", "bytes"};
constexpr const auto& names_of(Role) {
  return role_names;
}
inline constexpr std::array<std::string_view, 5> drawing_names = {"none", "points", "classes",
                                                                  "trajectories", "pad"};
constexpr const auto& names_of(Metric::Format) {
  return format_names;
}
constexpr const auto& names_of(Plot::Drawing) {
  return drawing_names;
}

struct Kind {
  std::string_view name;
  Shape (*make)();
};
template <class Type>
constexpr Kind kind(std::string_view name) {
  return {name, [] { return Shape(Type()); }};
}
// In the order of Shape. In a spatial plot a band is a polygon.
inline constexpr std::array kinds = {
    kind<Points>("points"), kind<Paths>("paths"),         kind<Curve>("curve"),
    kind<Band>("band"),     kind<Arrows>("arrows"),       kind<Heatmap>("heatmap"),
    kind<Image>("image"),   kind<Histogram>("histogram"), kind<Polygon>("band")};
static_assert(kinds.size() == std::variant_size_v<Shape>);

// --- what each thing has: `field` is called with a name and the place of the value

template <class Given, class Type>
concept Is = std::same_as<std::remove_const_t<Given>, Type>;

void describe(auto& field, Is<Axis> auto& axis) {
  field("label", axis.label);
  field("minimum", axis.minimum);
  field("maximum", axis.maximum);
  field("logarithmic", axis.logarithmic);
}

void describe(auto& field, Is<Metric> auto& metric) {
  field("name", metric.name);
  field("label", metric.label);
  field("value", metric.value);
  field("format", metric.format);
  field("headline", metric.headline);
}

void describe(auto& field, Is<Plot> auto& plot) {
  field("id", plot.id);
  field("title", plot.title);
  field("caption", plot.caption);
  field("x", plot.x);
  field("y", plot.y);
  field("z", plot.z);
  field("equal_aspect", plot.equal_aspect);
  field("spatial", plot.spatial);
  field("legend_beside", plot.legend_beside);
  field("drawing", plot.drawing);
  field("t_begin", plot.t_begin);
  field("t_end", plot.t_end);
}

void describe(auto& field, Is<Layer> auto& layer) {
  field("label", layer.label);
  field("heading", layer.heading);
  field("role", layer.role);
  field("series", layer.series);
  field("dashed", layer.dashed);
  field("faint", layer.faint);
}

void describe(auto& field, Is<Points> auto& points) {
  field("x", points.x);
  field("y", points.y);
  field("z", field.spatial ? points.z : points.value);
  field("z_min", points.value_min);
  field("z_max", points.value_max);
  field("group", points.group);
  field("handle", points.handle);
}

void describe(auto& field, Is<Paths> auto& paths) {
  field("x", paths.x);
  field("y", paths.y);
  field("z", paths.z);
  field("times", paths.times);
  field("starts", paths.starts);
  field("group", paths.group);
  field("smooth", paths.smooth);
}

void describe(auto& field, Is<Curve> auto& curve) {
  field("x", curve.x);
  field("y", curve.y);
}

void describe(auto& field, Is<Band> auto& band) {
  field("x", band.x);
  field("y", band.low);
  field("z", band.high);
}

void describe(auto& field, Is<Arrows> auto& arrows) {
  field("nx", arrows.nx);
  field("ny", arrows.ny);
  field("x", arrows.x);
  field("y", arrows.y);
  field("u", arrows.u);
  field("v", arrows.v);
}

void describe_grid(auto& field, auto& grid) {
  field("nx", grid.nx);
  field("ny", grid.ny);
  field("x", grid.x_range);
  field("y", grid.y_range);
  field("z", grid.z);
}

void describe(auto& field, Is<Heatmap> auto& heatmap) {
  describe_grid(field, heatmap);
  field("times", heatmap.times);
  field("z_min", heatmap.z_min);
  field("z_max", heatmap.z_max);
  field("diverging", heatmap.diverging);
}

void describe(auto& field, Is<Image> auto& image) {
  describe_grid(field, image);
}

void describe(auto& field, Is<Histogram> auto& histogram) {
  field("x", histogram.edges);
  field("y", histogram.counts);
}

void describe(auto& field, Is<Polygon> auto& polygon) {
  field("x", polygon.x);
  field("y", polygon.y);
  field("z", polygon.z);
}

}  // namespace neural_ode::frame_fields
