#include "web/ui/handle.h"

#include <algorithm>
#include <cmath>

#include "web/ui/view_state.h"

namespace neural_ode::web {

namespace {

const Layer* find_handle(const View& view, const Plot& plot) {
  for (const Layer& layer : plot.layers)
    if (layer.handle && vertex_count(layer) > 0 && !is_hidden(view.state.hidden, plot, layer))
      return &layer;
  return nullptr;
}

void follow(View& view, const PlotView& plot_view, const Plot& plot, bool released) {
  HandleDrag& drag = view.state.handle;
  const ImGuiIO& io = ImGui::GetIO();
  const std::uint64_t frame = view.session.frame_number();
  if (!released && (io.MouseDelta.x != 0 || io.MouseDelta.y != 0)) {
    drag.moved = true;
    drag.x = std::clamp(plot_view.x_at(io.MousePos.x), plot.x.minimum, plot.x.maximum);
    drag.y = std::clamp(plot_view.y_at(io.MousePos.y), plot.y.minimum, plot.y.maximum);
  }
  if (drag.moved && (released || frame != drag.told)) {
    view.session.edit({plot.id, Edit::Action::add, drag.x, drag.y, 0, 0});
    drag.told = frame;
  }
  if (!released) return;
  if (!drag.moved) drag = {};
  drag.held = false;
  drag.until = frame + 2;  // one may be on its way that does not know yet
}

}  // namespace

bool drag_handle(View& view, const PlotView& plot_view, const Plot& plot, const Press& press,
                 bool may_grab) {
  const Layer* layer = find_handle(view, plot);
  if (!layer) return false;
  Ui& ui = view.ui;
  HandleDrag& drag = view.state.handle;
  const auto ours = [&] { return drag.plot == plot.id; };
  if (ours() && !drag.held && view.session.frame_number() >= drag.until) drag = {};
  const auto place = [&] {
    const ImVec2 at =
        ours() ? plot_view.at(drag.x, drag.y)
               : plot_view.at(static_cast<double>(layer->x[0]), static_cast<double>(layer->y[0]));
    const Rect& area = plot_view.area;
    return ImVec2(std::clamp(at.x, area.x, area.right()), std::clamp(at.y, area.y, area.bottom()));
  };
  const ImVec2 mouse = ImGui::GetIO().MousePos, before = place();
  const float reach = ui.finger() ? 28.0f : 14.0f;
  const bool over =
      press.hovered && std::hypot(mouse.x - before.x, mouse.y - before.y) < reach && may_grab;
  if (press.double_clicked && may_grab) {
    view.session.edit({plot.id, Edit::Action::clear, 0, 0, 0, 0});
    drag = {};
  } else if (over && press.held && ImGui::IsMouseClicked(ImGuiMouseButton_Left)) {
    drag = {plot.id, true, false, static_cast<double>(layer->x[0]),
            static_cast<double>(layer->y[0])};
  }
  if (ours() && drag.held) follow(view, plot_view, plot, !press.held);
  const bool held = ours() && drag.held;
  const ImVec2 at = place();
  const ImU32 colour = layer_colour(ui.colours(), *layer);
  const float radius = held || over ? 8.0f : 6.5f;
  ui.draw()->AddCircleFilled(at, radius, with_alpha(ui.colours().panel, 0.6f), 24);
  ui.draw()->AddCircle(at, radius, colour, 24, 2.5f);
  ui.draw()->AddCircleFilled(at, 2, colour, 12);
  return held;
}

}  // namespace neural_ode::web
