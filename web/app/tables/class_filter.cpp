#include "web/app/tables/class_filter.h"

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace neural_ode::web {

namespace {

// A point is an element of one vertex.
std::vector<std::uint32_t> starts_of(const Layer& layer) {
  if (layer.kind == LayerKind::paths)
    return layer.starts.empty() ? std::vector<std::uint32_t>{0} : layer.starts;
  std::vector<std::uint32_t> starts(layer.x.size());
  for (std::size_t i = 0; i < starts.size(); ++i) starts[i] = static_cast<std::uint32_t>(i);
  return starts;
}

}  // namespace

Layer of_classes(const Layer& layer, const ShownClasses& shown) {
  const bool has_classes = layer.kind == LayerKind::points || layer.kind == LayerKind::paths;
  if (!has_classes || layer.group.empty()) return layer;
  Layer kept = layer;
  const std::vector<std::uint32_t> starts = starts_of(layer);
  kept.starts.clear();
  kept.group.clear();
  std::vector<std::size_t> vertices;
  for (std::size_t k = 0; k < starts.size(); ++k) {
    const bool classed = k < layer.group.size();
    if (classed && layer.group[k] < shown.size() && !shown[layer.group[k]]) continue;
    if (classed) kept.group.push_back(layer.group[k]);
    if (layer.kind == LayerKind::paths)
      kept.starts.push_back(static_cast<std::uint32_t>(vertices.size()));
    const std::size_t end = k + 1 < starts.size() ? starts[k + 1] : layer.x.size();
    for (std::size_t i = starts[k]; i < end; ++i) vertices.push_back(i);
  }
  for (std::vector<float>* values : {&kept.x, &kept.y, &kept.z, &kept.u, &kept.v}) {
    if (values->size() < layer.x.size()) continue;  // not one for each vertex
    std::vector<float> chosen;
    chosen.reserve(vertices.size());
    for (const std::size_t i : vertices) chosen.push_back((*values)[i]);
    *values = std::move(chosen);
  }
  return kept;
}

}  // namespace neural_ode::web
