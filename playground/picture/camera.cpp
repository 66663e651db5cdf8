#include "playground/picture/camera.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

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

void add_line(Layer& layer, const SeenPoint& from, const SeenPoint& to) {
  layer.starts.push_back(static_cast<std::uint32_t>(layer.x.size()));
  for (const SeenPoint& end : {from, to}) {
    layer.x.push_back(static_cast<float>(end.x));
    layer.y.push_back(static_cast<float>(end.y));
    layer.z.push_back(static_cast<float>(end.nearness));
  }
}

Layer scenery() {
  Layer layer;
  layer.kind = LayerKind::paths;
  layer.role = Role::neutral;
  layer.faint = true;
  return layer;
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

Layer ground_lines(const Plot& plot) {
  Layer layer = scenery();
  const double step = ground_spacing(plot), z = nearest_to_zero(plot.z);
  constexpr int most = 200;  // in one direction, of a box that is much longer than wide
  for (const bool across : {false, true}) {
    const Axis &along = across ? plot.y : plot.x, &other = across ? plot.x : plot.y;
    const double first = std::ceil(along.minimum / step);
    for (int k = 0; k < most && (first + k) * step <= along.maximum; ++k) {
      const double at = (first + k) * step;
      if (across) {
        add_line(layer, {other.minimum, at, z}, {other.maximum, at, z});
      } else {
        add_line(layer, {at, other.minimum, z}, {at, other.maximum, z});
      }
    }
  }
  return layer;
}

Layer space_axes(const Plot& plot) {
  Layer layer = scenery();
  const double x = nearest_to_zero(plot.x), y = nearest_to_zero(plot.y),
               z = nearest_to_zero(plot.z);
  add_line(layer, {plot.x.minimum, y, z}, {plot.x.maximum, y, z});
  add_line(layer, {x, plot.y.minimum, z}, {x, plot.y.maximum, z});
  add_line(layer, {x, y, plot.z.minimum}, {x, y, plot.z.maximum});
  return layer;
}

Layer projected(const Layer& layer, const Projection& projection) {
  Layer flat = layer;
  for (std::size_t i = 0; i < std::min({flat.x.size(), flat.y.size(), flat.z.size()}); ++i) {
    const SeenPoint seen =
        projection.at(static_cast<double>(flat.x[i]), static_cast<double>(flat.y[i]),
                      static_cast<double>(flat.z[i]));
    flat.x[i] = static_cast<float>(seen.x);
    flat.y[i] = static_cast<float>(seen.y);
    flat.z[i] = static_cast<float>(seen.nearness);
  }
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
