#include "web/ui/plot/layers.h"

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>
#include <vector>

#include "web/ui/plot/trail.h"

namespace neural_ode::web {

namespace {

void polyline(Marks& marks, const std::vector<ImVec2>& points, ImU32 colour, float width,
              bool dashed) {
  if (!dashed) return marks.line(points, colour, width);
  constexpr double on = 5, off = 4;
  constexpr double longest =
      1e4;           // px: beyond it a segment leaves the picture at once, dashes or not
  double phase = 0;  // along the dash pattern
  for (std::size_t i = 1; i < points.size(); ++i) {
    const ImVec2 a = points[i - 1], b = points[i];
    const double length = std::hypot(double{b.x} - double{a.x}, double{b.y} - double{a.y});
    if (!(length < longest)) {
      marks.segment(a, b, colour, width);
      continue;
    }
    const auto along = [&](double at) {
      const auto part = static_cast<float>(at / length);
      return ImVec2(a.x + (b.x - a.x) * part, a.y + (b.y - a.y) * part);
    };
    for (double at = 0; at < length;) {
      const double left = (phase < on ? on : on + off) - phase;
      const double next = std::min(length, at + std::max(left, 1e-3));
      if (phase < on) marks.segment(along(at), along(next), colour, width);
      phase = std::fmod(phase + next - at, on + off);
      at = next;
    }
  }
}

void points(Ui& ui, const PlotView& view, const Layer& layer, const Points& shape) {
  const std::size_t count = shape.count();
  // Points without a class, a series, a value or an accent are evidence, not the figure.
  const bool valued = !shape.value.empty() && shape.value.size() >= count;
  const bool quiet = layer.faint || (shape.group.empty() && layer.series < 0 && !valued &&
                                     layer.role != Role::accent);
  const float radius = layer.faint ? 1.9f : quiet ? 2.1f : 2.8f;
  const ImU32 rim = with_alpha(ui.colours().panel, 0.85f);
  for (std::size_t i = 0; i < count; ++i) {
    const ImVec2 at = view.at(shape.x[i], shape.y[i]);
    if (!view.area.contains(at)) continue;
    const ImU32 ink = valued ? scale_colour(ui.colours(), (shape.value[i] - shape.value_min) /
                                                              (shape.value_max - shape.value_min))
                             : element_colour(ui.colours(), layer, i);
    const ImU32 colour = with_alpha(ink, layer.faint ? 0.5f : quiet ? 0.6f : 0.95f);
    if (!quiet) ui.marks().dot(at, radius + 1, rim);
    ui.marks().dot(at, radius, colour);
  }
}

// A whole path, or the part up to the scrubber's time with a head that leads it.
void paths(Ui& ui, double time, const PlotView& view, const Layer& layer, const Paths& shape) {
  const bool animated = shape.times.size() > 1;
  const float width = layer.faint ? 1.1f : 1.7f;
  std::vector<ImVec2> line;
  std::vector<std::pair<ImVec2, ImU32>> heads;
  const std::size_t path_count = shape.size();
  const bool many = path_count > 24;
  for (std::size_t k = 0; k < path_count; ++k) {
    const ImU32 colour = element_colour(ui.colours(), layer, k);
    trail(view, shape, k, time, line);
    if (line.empty()) continue;
    const float alpha = layer.faint ? 0.4f : many ? 0.5f : 0.95f;
    polyline(ui.marks(), line, with_alpha(colour, alpha), width, layer.dashed);
    if (animated) heads.emplace_back(line.back(), colour);
  }
  for (const auto& [at, colour] : heads) {
    ui.marks().dot(at, 4.6f, ui.colours().panel);
    ui.marks().dot(at, 3.4f, colour);
  }
}

// The quiet field as short arrows of equal size, fainter where it is slow.
void arrows(Ui& ui, const PlotView& view, const Arrows& field, ImU32 colour) {
  const std::size_t count = field.count();
  float fastest = 0;
  for (std::size_t i = 0; i < count; ++i)
    fastest = std::max(fastest, std::hypot(field.u[i], field.v[i]));
  if (!(fastest > 0) || !std::isfinite(fastest)) return;
  const float cell = std::min(view.area.w / static_cast<float>(std::max(field.nx, 1)),
                              view.area.h / static_cast<float>(std::max(field.ny, 1)));
  const float length = 0.52f * cell;
  for (std::size_t i = 0; i < count; ++i) {
    const float speed = std::hypot(field.u[i], field.v[i]);
    if (!(speed > 0)) continue;
    const ImVec2 at = view.at(field.x[i], field.y[i]);
    const float strength = 0.14f + 0.3f * std::sqrt(speed / fastest);
    const ImVec2 way{field.u[i] / speed, -field.v[i] / speed};
    const ImVec2 tip{at.x + way.x * length / 2, at.y + way.y * length / 2};
    const ImVec2 tail{at.x - way.x * length / 2, at.y - way.y * length / 2};
    const ImU32 ink = with_alpha(colour, strength);
    ui.marks().segment(tail, tip, ink, 1.2f);
    const float head = 0.32f * length;
    for (float side : {1.0f, -1.0f})
      ui.marks().segment(tip,
                         {tip.x - head * (way.x + side * 0.6f * way.y),
                          tip.y - head * (way.y - side * 0.6f * way.x)},
                         ink, 1.2f);
  }
}

void curve(Ui& ui, const PlotView& view, const Layer& layer, const Curve& shape) {
  std::vector<ImVec2> line;
  const ImU32 colour = with_alpha(layer_colour(ui.colours(), layer), layer.faint ? 0.55f : 1.0f);
  const auto has_place = [&](std::size_t i) {
    return std::isfinite(shape.x[i]) && std::isfinite(shape.y[i]) &&
           (!view.log_y || shape.y[i] > 0);
  };
  for (std::size_t i = 0; i < shape.count(); ++i) {
    if (has_place(i)) {
      line.push_back(view.at(shape.x[i], shape.y[i]));
      continue;
    }
    polyline(ui.marks(), line, colour, 1.6f, layer.dashed);  // a gap where a value is missing
    line.clear();
  }
  polyline(ui.marks(), line, colour, 1.6f, layer.dashed);
  constexpr float mark_room = 8;
  if (layer.series < 0 || layer.faint ||
      mark_room * static_cast<float>(shape.count()) > view.area.w)
    return;
  for (std::size_t i = 0; i < shape.count(); ++i)
    if (has_place(i)) ui.marks().dot(view.at(shape.x[i], shape.y[i]), 2.6f, colour);
}

void band(Ui& ui, const PlotView& view, const Layer& layer, const Band& shape) {
  const ImU32 colour = with_alpha(role_colour(ui.colours(), layer.role), 0.16f);
  // Smoothed edges of neighbours would show as stripes.
  const ImDrawListFlags flags =
      std::exchange(ui.draw()->Flags, ui.draw()->Flags & ~ImDrawListFlags_AntiAliasedFill);
  for (std::size_t i = 1; i < shape.count(); ++i)
    ui.draw()->AddQuadFilled(view.at(shape.x[i - 1], shape.low[i - 1]),
                             view.at(shape.x[i], shape.low[i]), view.at(shape.x[i], shape.high[i]),
                             view.at(shape.x[i - 1], shape.high[i - 1]), colour);
  ui.draw()->Flags = flags;
}

void histogram(Ui& ui, const PlotView& view, const Layer& layer, const Histogram& shape) {
  const ImU32 colour = with_alpha(role_colour(ui.colours(), layer.role), 0.7f);
  for (std::size_t i = 0; i < shape.count(); ++i)
    ui.draw()->AddRectFilled(view.at(shape.edges[i], shape.counts[i]),
                             view.at(shape.edges[i + 1], 0), colour);
}

// The learnt field streams; the true one stands. Without motion both stand.
void field(Ui& ui, LayerContext& context, const PlotView& view, const Layer& layer,
           const Arrows& shape, const std::string& key) {
  if (layer.role == Role::model && context.streams)
    return context.particles[key].draw(ui, view, shape, context.dt, ui.colours().class_a);
  arrows(ui, view, shape, layer_colour(ui.colours(), layer));
}

Heatmap as_heatmap(const Image& image) {
  Heatmap heatmap;
  static_cast<Grid&>(heatmap) = image;
  return heatmap;
}

}  // namespace

ImU32 element_colour(const Theme& theme, const Layer& layer, std::size_t element) {
  const std::vector<std::uint32_t>& group = groups_of(layer);
  return element < group.size() ? class_colour(theme, group[element]) : layer_colour(theme, layer);
}

ImU32 layer_colour(const Theme& theme, const Layer& layer) {
  // The true field is scenery; the true motion is the figure.
  if (std::holds_alternative<Arrows>(layer.shape) && layer.role != Role::model) return theme.muted;
  if (layer.series >= 0) return series_colour(theme, layer.series);
  return role_colour(theme, layer.role);
}

void draw_layer(Ui& ui, LayerContext& context, const PlotView& view, const Layer& layer,
                const std::string& key) {
  const Shape* shape = &layer.shape;
  if (const auto* heatmap = std::get_if<Heatmap>(shape))
    return context.heatmaps.draw(ui, view, *heatmap, key, context.version, context.time);
  if (const auto* image = std::get_if<Image>(shape))
    return context.heatmaps.draw(ui, view, as_heatmap(*image), key, context.version, context.time);
  if (const auto* given = std::get_if<Band>(shape)) return band(ui, view, layer, *given);
  if (const auto* given = std::get_if<Histogram>(shape)) return histogram(ui, view, layer, *given);
  if (const auto* given = std::get_if<Points>(shape)) points(ui, view, layer, *given);
  if (const auto* given = std::get_if<Paths>(shape)) paths(ui, context.time, view, layer, *given);
  if (const auto* given = std::get_if<Arrows>(shape)) field(ui, context, view, layer, *given, key);
  if (const auto* given = std::get_if<Curve>(shape)) curve(ui, view, layer, *given);
  ui.marks().draw(ui.draw());
}

}  // namespace neural_ode::web
