#include "web/app/tables/class_filter.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

namespace neural_ode::web {

namespace {

// The numbers of these vertices, where there is one for each of `count`.
void choose(std::vector<float>& values, std::size_t count,
            const std::vector<std::size_t>& vertices) {
  if (values.size() < count) return;
  std::vector<float> chosen;
  chosen.reserve(vertices.size());
  for (const std::size_t i : vertices) chosen.push_back(values[i]);
  values = std::move(chosen);
}

bool is_shown(const std::vector<std::uint32_t>& group, std::size_t element,
              const ShownClasses& shown) {
  return element >= group.size() || group[element] >= shown.size() || shown[group[element]];
}

Points of_classes(const Points& points, const ShownClasses& shown) {
  Points kept = points;
  kept.group.clear();
  std::vector<std::size_t> vertices;
  for (std::size_t i = 0; i < points.count(); ++i) {
    if (!is_shown(points.group, i, shown)) continue;
    if (i < points.group.size()) kept.group.push_back(points.group[i]);
    vertices.push_back(i);
  }
  for (std::vector<float>* values : {&kept.x, &kept.y, &kept.z, &kept.value})
    choose(*values, points.count(), vertices);
  return kept;
}

Paths of_classes(const Paths& paths, const ShownClasses& shown) {
  Paths kept = paths;
  kept.starts.clear();
  kept.group.clear();
  std::vector<std::size_t> vertices;
  for (std::size_t k = 0; k < paths.size(); ++k) {
    if (!is_shown(paths.group, k, shown)) continue;
    if (k < paths.group.size()) kept.group.push_back(paths.group[k]);
    kept.starts.push_back(static_cast<std::uint32_t>(vertices.size()));
    const auto [begin, end] = paths.range(k);
    for (std::size_t i = begin; i < end; ++i) vertices.push_back(i);
  }
  for (std::vector<float>* values : {&kept.x, &kept.y, &kept.z})
    choose(*values, paths.count(), vertices);
  return kept;
}

}  // namespace

Layer of_classes(const Layer& layer, const ShownClasses& shown) {
  if (groups_of(layer).empty()) return layer;
  Layer kept = layer;
  if (auto* points = std::get_if<Points>(&kept.shape)) *points = of_classes(*points, shown);
  if (auto* paths = std::get_if<Paths>(&kept.shape)) *paths = of_classes(*paths, shown);
  return kept;
}

}  // namespace neural_ode::web
