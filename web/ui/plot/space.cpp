#include "web/ui/plot/space.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <variant>
#include <vector>

#include "web/ui/plot/layers.h"
#include "web/ui/plot/trail.h"

namespace neural_ode::web {

namespace {

constexpr double by_itself = 0.14;    // radians a second
constexpr double by_key = 1.5;        // the same, while a key is held
constexpr double by_pointer = 0.008;  // radians a pixel

// A piece of a line, or a dot where a and b are one.
struct Stroke {
  float nearness;
  ImVec2 a, b;
  ImU32 colour;
  float width;
};

// What is far fades into the panel: opaque, so that the joints of the pieces do not show.
ImU32 at_depth(const Theme& colours, ImU32 colour, float nearness) {
  return mix(colours.panel, colour, std::clamp(0.7f + 0.45f * nearness, 0.28f, 1.0f));
}

class Strokes {
 public:
  Strokes(Ui& ui, const PlotView& view, double time)
      : ui_(ui),
        view_(view),
        time_(time),
        size_(std::clamp(std::min(view.area.w, view.area.h) / 400, 0.6f, 1.0f)) {}

  void add(const Layer& layer) {
    const auto* points = std::get_if<Points>(&layer.shape);
    if (points && points->z.size() >= points->count()) add_points(layer, *points);
    const auto* paths = std::get_if<Paths>(&layer.shape);
    if (paths && paths->z.size() >= paths->count()) add_paths(layer, *paths);
  }

  // The far ones first.
  void draw() {
    Marks& marks = ui_.marks();
    std::stable_sort(strokes_.begin(), strokes_.end(),
                     [](const Stroke& a, const Stroke& b) { return a.nearness < b.nearness; });
    for (const Stroke& each : strokes_) {
      if (each.a.x != each.b.x || each.a.y != each.b.y)
        marks.segment(each.a, each.b, each.colour, each.width);
      else
        marks.dot(each.a, each.width, each.colour);
    }
    marks.draw(ui_.draw());
  }

 private:
  void dot(ImVec2 at, float nearness, ImU32 colour, float radius) {
    strokes_.push_back({nearness, at, at, at_depth(ui_.colours(), colour, nearness),
                        radius * size_ * (1 + 0.2f * nearness)});
  }

  void add_points(const Layer& layer, const Points& points) {
    for (std::size_t i = 0; i < points.count(); ++i)
      dot(view_.at(points.x[i], points.y[i]), points.z[i], element_colour(ui_.colours(), layer, i),
          layer.faint ? 1.9f : 2.4f);
  }

  void add_paths(const Layer& layer, const Paths& paths) {
    const std::size_t count = paths.size();
    const float width = size_ * (layer.faint ? 1.1f : count > 24 ? 1.5f : 1.9f);
    for (std::size_t k = 0; k < count; ++k) {
      trail(view_, paths, k, time_, line_, &along_);
      if (line_.empty()) continue;
      const ImU32 colour = element_colour(ui_.colours(), layer, k);
      const std::size_t end = paths.range(k).second;
      const auto depth = [&](float at) {
        const auto i = static_cast<std::size_t>(at);
        const float part = at - static_cast<float>(i);
        return paths.z[i] + part * (paths.z[std::min(i + 1, end - 1)] - paths.z[i]);
      };
      float length = 0;  // px
      for (std::size_t i = 1; i < line_.size(); ++i) {
        length += std::hypot(line_[i].x - line_[i - 1].x, line_[i].y - line_[i - 1].y);
        if (layer.dashed && std::fmod(length, 18.0f) > 10) continue;
        const float nearness = depth((along_[i - 1] + along_[i]) / 2);
        strokes_.push_back(
            {nearness, line_[i - 1], line_[i], at_depth(ui_.colours(), colour, nearness), width});
      }
      if (paths.times.size() > 1) dot(line_.back(), depth(along_.back()), colour, 3.4f);
    }
  }

  Ui& ui_;
  const PlotView& view_;
  double time_;
  float size_;  // of dots and lines: less in a small picture
  std::vector<Stroke> strokes_;
  std::vector<ImVec2> line_;
  std::vector<float> along_;
};

void draw_scenery(Ui& ui, const PlotView& view, const Plot& plot, const Projection& projection) {
  const Theme& colours = ui.colours();
  const auto lines = [&](Paths& paths, ImU32 colour) {
    project(paths, projection);
    for (std::size_t i = 0; i + 1 < paths.count(); i += 2)
      ui.draw()->AddLine(view.at(paths.x[i], paths.y[i]), view.at(paths.x[i + 1], paths.y[i + 1]),
                         colour);
  };
  Paths ground = ground_lines(plot), axes = space_axes(plot);
  lines(ground, with_alpha(colours.text, 0.09f));
  lines(axes, with_alpha(colours.muted, 0.55f));
  const Axis* names[] = {&plot.x, &plot.y, &plot.z};
  for (std::size_t d = 0; d < 3; ++d) {
    const ImVec2 end = view.at(1.07 * static_cast<double>(axes.x[2 * d + 1]),
                               1.07 * static_cast<double>(axes.y[2 * d + 1]));
    ui.text(Face::small, end.x, end.y, colours.muted, names[d]->label, Align::centre);
  }
  if (view.area.w < 400) return;
  char text[64];
  std::snprintf(text, sizeof text, "drag to turn; ground lines every %g", ground_spacing(plot));
  ui.text(Face::small, view.area.right() - 14, view.area.bottom() - 16, colours.muted, text,
          Align::right);
}

void draw_polygon(Ui& ui, const PlotView& view, const Layer& layer, const Polygon& polygon) {
  std::vector<ImVec2> corners;
  for (std::size_t i = 0; i < polygon.count(); ++i)
    corners.push_back(view.at(polygon.x[i], polygon.y[i]));
  const auto count = static_cast<int>(corners.size());
  const ImU32 colour = layer_colour(ui.colours(), layer);
  ui.draw()->AddConvexPolyFilled(corners.data(), count, with_alpha(colour, 0.08f));
  ui.draw()->AddPolyline(corners.data(), count, with_alpha(colour, 0.35f), ImDrawFlags_Closed, 1);
}

bool turn_by_keys(Camera& camera) {
  const double step = by_key * std::min(static_cast<double>(ImGui::GetIO().DeltaTime), 0.05);
  const double before = camera.azimuth + camera.elevation;
  const struct {
    ImGuiKey key;
    double azimuth, elevation;
  } arrows[] = {{ImGuiKey_LeftArrow, step, 0},
                {ImGuiKey_RightArrow, -step, 0},
                {ImGuiKey_UpArrow, 0, step},
                {ImGuiKey_DownArrow, 0, -step}};
  for (const auto& each : arrows) {
    // Else they would go from control to control.
    ImGui::SetKeyOwner(each.key, ImGui::GetItemID());
    if (!ImGui::IsKeyDown(each.key)) continue;
    camera.azimuth += each.azimuth;
    camera.elevation += each.elevation;
  }
  return camera.azimuth + camera.elevation != before;
}

}  // namespace

PlotView fit_space(const Rect& area) {
  Plot shape;
  shape.equal_aspect = true;
  for (Axis* axis : {&shape.x, &shape.y}) {
    axis->minimum = -seen_half;
    axis->maximum = seen_half;
  }
  return fit(shape, area);
}

void draw_space(Ui& ui, const PlotView& plot_view, const Plot& plot, const Camera& camera,
                double time, const HiddenLayers& hidden) {
  const Projection projection(plot, camera);
  draw_scenery(ui, plot_view, plot, projection);
  Strokes strokes(ui, plot_view, time);
  Layer room;
  for (const Layer& each : plot.layers) {
    const Layer* layer = visible_part(hidden, plot, each, room);
    if (!layer) continue;
    const Layer seen = projected(*layer, projection);
    if (const auto* polygon = std::get_if<Polygon>(&seen.shape))
      draw_polygon(ui, plot_view, seen, *polygon);
    else
      strokes.add(seen);
  }
  strokes.draw();
}

void turn_space(Ui& ui, Orbit& orbit, const Press& press, const Turning& turning) {
  const ImGuiIO& io = ImGui::GetIO();
  Camera& camera = orbit.camera;
  if (press.double_clicked) orbit = {};
  // A finger that taps wavers; in a panel one that goes up or down scrolls.
  const bool moves = !ui.finger() || ui.drag() == Ui::Drag::slide ||
                     (turning.keys && ui.drag() == Ui::Drag::scroll);
  if (press.held && moves && (io.MouseDelta.x != 0 || io.MouseDelta.y != 0)) {
    camera.azimuth -= by_pointer * static_cast<double>(io.MouseDelta.x);
    camera.elevation += by_pointer * static_cast<double>(io.MouseDelta.y);
    orbit.touched = true;
  }
  // Who goes from control to control by the arrows must not be caught here: then it takes Shift.
  const bool ours = press.hovered || (press.focused && (!io.NavVisible || io.KeyShift));
  if (turning.keys && ours && !io.WantTextInput && turn_by_keys(camera)) {
    orbit.touched = true;
    ui.keep_animating();
  }
  if (!orbit.touched && !press.held) camera.azimuth += by_itself * turning.seconds;
  camera.elevation = std::clamp(camera.elevation, -most_elevation, most_elevation);
}

}  // namespace neural_ode::web
