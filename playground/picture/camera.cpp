#include "playground/picture/camera.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "engine/core/math.h"

namespace neural_ode {

namespace {

double in_box(const Axis& axis, double value) {
  const double half = (axis.maximum - axis.minimum) / 2;
  return half > 0 ? (value - axis.minimum) / half - 1 : 0;
}

double nearest_to_zero(const Axis& axis) {
  return std::clamp(0.0, axis.minimum, std::max(axis.minimum, axis.maximum));
}

void add_line(Paths& lines, const SeenPoint& from, const SeenPoint& to) {
  lines.begin();
  for (const SeenPoint& end : {from, to}) lines.append(end.x, end.y, end.nearness);
}

// Null: nothing of it is in space.
SpaceVertices* space_vertices(Shape& shape) {
  if (auto* points = std::get_if<Points>(&shape)) return points;
  if (auto* paths = std::get_if<Paths>(&shape)) return paths;
  return std::get_if<Polygon>(&shape);
}

}  // namespace

Projection::Projection(const Plot& plot, const Camera& camera)
    : plot_(plot),
      sin_azimuth_(math::sin(camera.azimuth)),
      cos_azimuth_(math::cos(camera.azimuth)),
      sin_elevation_(math::sin(camera.elevation)),
      cos_elevation_(math::cos(camera.elevation)) {}

SeenPoint Projection::at(double x, double y, double z) const {
  const double u = in_box(plot_.x, x), v = in_box(plot_.y, y), up = in_box(plot_.z, z);
  const double away = v * cos_azimuth_ - u * sin_azimuth_;
  return {u * cos_azimuth_ + v * sin_azimuth_, up * cos_elevation_ + away * sin_elevation_,
          up * sin_elevation_ - away * cos_elevation_};
}

double ground_spacing(const Plot& plot) {
  constexpr double lines = 10;
  const double wanted =
      std::max(plot.x.maximum - plot.x.minimum, plot.y.maximum - plot.y.minimum) / lines;
  if (!(wanted > 1e-30 && wanted < 1e30)) return 1;
  double power = 1;
  while (power > wanted) power /= 10;
  while (10 * power <= wanted) power *= 10;
  for (const double factor : {1.0, 2.0, 5.0})
    if (wanted <= factor * power * (1 + 1e-9)) return factor * power;
  return 10 * power;
}

Paths ground_lines(const Plot& plot) {
  Paths lines;
  const double step = ground_spacing(plot), z = nearest_to_zero(plot.z);
  constexpr int most = 200;  // in one direction, of a box that is much longer than wide
  for (const bool across : {false, true}) {
    const Axis &along = across ? plot.y : plot.x, &other = across ? plot.x : plot.y;
    const double first = std::ceil(along.minimum / step);
    for (int k = 0; k < most && (first + k) * step <= along.maximum; ++k) {
      const double at = (first + k) * step;
      if (across) {
        add_line(lines, {other.minimum, at, z}, {other.maximum, at, z});
      } else {
        add_line(lines, {at, other.minimum, z}, {at, other.maximum, z});
      }
    }
  }
  return lines;
}

Paths space_axes(const Plot& plot) {
  Paths lines;
  const double x = nearest_to_zero(plot.x), y = nearest_to_zero(plot.y),
               z = nearest_to_zero(plot.z);
  add_line(lines, {plot.x.minimum, y, z}, {plot.x.maximum, y, z});
  add_line(lines, {x, plot.y.minimum, z}, {x, plot.y.maximum, z});
  add_line(lines, {x, y, plot.z.minimum}, {x, y, plot.z.maximum});
  return lines;
}

void project(SpaceVertices& vertices, const Projection& projection) {
  const std::size_t count = std::min(vertices.count(), vertices.z.size());
  for (std::size_t i = 0; i < count; ++i) {
    const SeenPoint seen =
        projection.at(static_cast<double>(vertices.x[i]), static_cast<double>(vertices.y[i]),
                      static_cast<double>(vertices.z[i]));
    vertices.x[i] = static_cast<float>(seen.x);
    vertices.y[i] = static_cast<float>(seen.y);
    vertices.z[i] = static_cast<float>(seen.nearness);
  }
}

Layer projected(const Layer& layer, const Projection& projection) {
  Layer flat = layer;
  if (SpaceVertices* vertices = space_vertices(flat.shape)) project(*vertices, projection);
  return flat;
}

Plot projected(const Plot& plot, const Camera& camera) {
  const Projection projection(plot, camera);
  Plot flat = plot;
  flat.spatial = false;
  flat.equal_aspect = true;
  flat.x = {plot.x.label, -seen_half, seen_half};
  flat.y = {plot.y.label, -seen_half, seen_half};
  for (Layer& layer : flat.layers) layer = projected(layer, projection);
  return flat;
}

}  // namespace neural_ode
