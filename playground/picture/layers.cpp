#include "playground/picture/layers.h"

#include <algorithm>
#include <utility>

namespace neural_ode {

std::size_t Vertices::count() const {
  return std::min(x.size(), y.size());
}

void Vertices::append(double at_x, double at_y) {
  x.push_back(static_cast<float>(at_x));
  y.push_back(static_cast<float>(at_y));
}

void SpaceVertices::append(double at_x, double at_y, double at_z) {
  append(at_x, at_y);
  z.push_back(static_cast<float>(at_z));
}

std::size_t Grid::pictures() const {
  const bool covers =
      nx > 0 && ny > 0 && x_range.minimum != x_range.maximum && y_range.minimum != y_range.maximum;
  // One after the other: the product of sizes that lie may be more than a number holds.
  return covers ? z.size() / static_cast<std::size_t>(nx) / static_cast<std::size_t>(ny) : 0;
}

std::size_t Grid::cells() const {
  return pictures() > 0 ? static_cast<std::size_t>(nx) * static_cast<std::size_t>(ny) : 0;
}

void Paths::begin() {
  starts.push_back(static_cast<std::uint32_t>(x.size()));
}

std::size_t Paths::size() const {
  return std::max<std::size_t>(starts.size(), count() > 0 ? 1 : 0);
}

std::pair<std::size_t, std::size_t> Paths::range(std::size_t k) const {
  const std::size_t first = k < starts.size() ? starts[k] : 0;
  const std::size_t last = k + 1 < starts.size() ? starts[k + 1] : count();
  return {std::min(first, count()), std::min(last, count())};
}

std::size_t Arrows::count() const {
  return std::min({x.size(), y.size(), u.size(), v.size()});
}

std::size_t Band::count() const {
  return std::min({x.size(), low.size(), high.size()});
}

void Band::append(double at_x, double from, double to) {
  x.push_back(static_cast<float>(at_x));
  low.push_back(static_cast<float>(from));
  high.push_back(static_cast<float>(to));
}

std::size_t Histogram::count() const {
  return edges.empty() ? 0 : std::min(edges.size() - 1, counts.size());
}

Layer make_layer(Shape shape, Role role, std::string label) {
  Layer layer;
  layer.label = std::move(label);
  layer.role = role;
  layer.shape = std::move(shape);
  return layer;
}

const std::vector<std::uint32_t>& groups_of(const Layer& layer) {
  static const std::vector<std::uint32_t> none;
  if (const auto* points = std::get_if<Points>(&layer.shape)) return points->group;
  if (const auto* paths = std::get_if<Paths>(&layer.shape)) return paths->group;
  return none;
}

}  // namespace neural_ode
