#include "web/ui/plot/handle.h"

#include <algorithm>
#include <cmath>
#include <variant>

#include "web/ui/plot/layers.h"

namespace neural_ode::web {

namespace {

const Layer* find_handle(const HiddenLayers& hidden, const Plot& plot) {
  for (const Layer& layer : plot.layers)
    if (is_handle(layer) && !is_hidden(hidden, plot, layer)) return &layer;
  return nullptr;
}

std::optional<Edit> follow(HandleDrag& drag, std::uint64_t frame, const PlotView& plot_view,
                           const Plot& plot, bool released) {
  std::optional<Edit> edit;
  const ImGuiIO& io = ImGui::GetIO();
  if (!released && (io.MouseDelta.x != 0 || io.MouseDelta.y != 0)) {
    drag.moved = true;
    drag.x = std::clamp(plot_view.x_at(io.MousePos.x), plot.x.minimum, plot.x.maximum);
    drag.y = std::clamp(plot_view.y_at(io.MousePos.y), plot.y.minimum, plot.y.maximum);
  }
  if (drag.moved && (released || frame != drag.told)) {
    edit = Edit{plot.id, Edit::Action::add, drag.x, drag.y, 0, 0};
    drag.told = frame;
  }
  if (!released) return edit;
  if (!drag.moved) drag = {};
  drag.held = false;
  drag.until = frame + 2;  // one may be on its way that does not know yet
  return edit;
}

}  // namespace

bool is_handle(const Layer& layer) {
  const auto* points = std::get_if<Points>(&layer.shape);
  return points && points->handle;
}

std::optional<Edit> drag_handle(Ui& ui, HandleDrag& drag, const HiddenLayers& hidden,
                                std::uint64_t frame, const PlotView& plot_view, const Plot& plot,
                                const Press& press, bool may_grab) {
  const Layer* layer = find_handle(hidden, plot);
  if (!layer) return {};
  const Points& points = std::get<Points>(layer->shape);
  if (points.count() == 0) return {};
  const auto x = static_cast<double>(points.x[0]), y = static_cast<double>(points.y[0]);
  std::optional<Edit> edit;
  const auto ours = [&] { return drag.plot == plot.id; };
  if (ours() && !drag.held && frame >= drag.until) drag = {};
  const auto place = [&] {
    const ImVec2 at = ours() ? plot_view.at(drag.x, drag.y) : plot_view.at(x, y);
    const Rect& area = plot_view.area;
    return ImVec2(std::clamp(at.x, area.x, area.right()), std::clamp(at.y, area.y, area.bottom()));
  };
  const ImVec2 mouse = ImGui::GetIO().MousePos, before = place();
  const float reach = ui.finger() ? 28.0f : 14.0f;
  const bool over =
      press.hovered && std::hypot(mouse.x - before.x, mouse.y - before.y) < reach && may_grab;
  if (press.double_clicked && may_grab) {
    edit = Edit{plot.id, Edit::Action::clear, 0, 0, 0, 0};
    drag = {};
  } else if (over && press.held && ImGui::IsMouseClicked(ImGuiMouseButton_Left)) {
    drag = {plot.id, true, false, x, y};
  }
  if (drag.holds(plot)) edit = follow(drag, frame, plot_view, plot, !press.held);
  const ImVec2 at = place();
  const ImU32 colour = layer_colour(ui.colours(), *layer);
  const float radius = drag.holds(plot) || over ? 8.0f : 6.5f;
  ui.draw()->AddCircleFilled(at, radius, with_alpha(ui.colours().panel, 0.6f), 24);
  ui.draw()->AddCircle(at, radius, colour, 24, 2.5f);
  ui.draw()->AddCircleFilled(at, 2, colour, 12);
  return edit;
}

}  // namespace neural_ode::web
