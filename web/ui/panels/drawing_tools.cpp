#include "web/ui/panels/drawing_tools.h"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "web/ui/toolkit/controls.h"

namespace neural_ode::web {

namespace {

constexpr int most_trajectories = 64;  // what playground/own_data/own_trajectories.cpp numbers

void edit(View& view, const Edit& done) {
  view.session.edit(done);
  if (done.action != Edit::Action::add) return view.state.ink.clear();
  // While it runs, a frame may be on its way that does not know of it yet.
  const std::uint64_t until = view.session.frame_number() + (view.session.running() ? 2 : 1);
  view.state.ink.push_back({done.x, done.y, done.label, until});
}

}  // namespace

bool can_draw(const View& view, const Plot& plot) {
  if (!plot.editable || view.options.lock) return false;
  if (is_pad(plot)) return true;
  return view.session.settings().find("data") >= 0 &&
         view.session.settings().choice("data") == "own";
}

void draw_tools(View& view, const Rect& area, const Plot& plot) {
  Ui& ui = view.ui;
  const float size = ui.touch() ? 44.0f : 30.0f;
  const bool classes = plot.id == "flow", pad = is_pad(plot);
  struct Tool {
    const char* id;
    const char* label;
    Icon icon;
    int brush;  // -1: an action
  };
  const Tool tools[] = {
      {"brush.a",
       classes ? "Draw points of class A"
       : pad   ? "Draw"
               : "Draw a trajectory",
       Icon::none, 0},
      {"brush.b", "Draw points of class B", Icon::none, 1},
      {"brush.new", "Begin another trajectory", Icon::plus, -1},
      {"brush.erase", pad ? "Erase" : "Erase the nearest point", Icon::eraser, 2},
      {"edit.undo", "Undo the last edit", Icon::undo, -1},
      {"edit.clear", pad ? "Clear the square" : "Remove all points", Icon::close, -1},
      {"edit.csv", "Paste or load CSV", Icon::data, -1}};
  float x = area.x + 14;
  const float y = area.bottom() - size - 28;
  for (const Tool& tool : tools) {
    if (!classes && tool.brush == 1) continue;
    if ((classes || pad) && std::string_view(tool.id) == "brush.new") continue;
    if (pad && std::string_view(tool.id) == "edit.csv") continue;
    const Rect place{x, y, size, size};
    x += size + 6;
    const bool selected = tool.brush >= 0 && static_cast<int>(view.state.brush) == tool.brush;
    if (button(ui, place, tool.id, tool.label,
               {ButtonStyle::raised, tool.icon, true, selected, false})) {
      const std::string_view id = tool.id;
      if (tool.brush >= 0)
        view.state.brush = static_cast<Brush>(tool.brush);
      else if (id == "brush.new")
        view.state.trajectory = std::min(view.state.trajectory + 1, most_trajectories - 1);
      else if (id == "edit.csv")
        view.act("open_data");
      else
        edit(view,
             {plot.id, id == "edit.undo" ? Edit::Action::undo : Edit::Action::clear, 0, 0, 0, 0});
    }
    if (tool.brush == 0 || tool.brush == 1)
      ui.draw()->AddCircleFilled(place.centre(), 5.5f,
                                 class_colour(ui.colours(), static_cast<unsigned>(tool.brush)));
  }
}

void draw_ink(View& view, const PlotView& plot_view, const Plot& plot) {
  Ui& ui = view.ui;
  std::vector<State::Ink>& ink = view.state.ink;
  const std::uint64_t frame = view.session.frame_number();
  std::erase_if(ink, [&](const State::Ink& each) { return frame >= each.until; });
  constexpr double brush = 2.4;  // pixels of the pad
  const auto width = static_cast<float>(brush * static_cast<double>(plot_view.area.w) /
                                        (plot_view.x1 - plot_view.x0));
  ImVec2 last;
  for (std::size_t i = 0; i < ink.size(); ++i) {
    const ImVec2 at = plot_view.at(ink[i].x, ink[i].y);
    if (!is_pad(plot)) {
      ui.draw()->AddCircleFilled(
          at, 4, class_colour(ui.colours(), static_cast<unsigned>(ink[i].label)), 16);
    } else {
      ui.draw()->AddCircleFilled(at, width / 2, ui.colours().text, 16);
      if (i > 0 && ink[i].label == 1) ui.draw()->AddLine(last, at, ui.colours().text, width);
    }
    last = at;
  }
}

void draw_on(View& view, const Press& press, const PlotView& plot_view, const Plot& plot, double x,
             double y) {
  const bool erase =
      view.state.brush == Brush::eraser || ImGui::GetIO().KeyShift || press.secondary;
  if (is_pad(plot)) {
    constexpr double eraser = 2;  // pixels of the pad
    const ImVec2 moved = ImGui::GetIO().MouseDelta;
    const bool begins = press.held && ImGui::IsMouseClicked(ImGuiMouseButton_Left);
    if (!begins && !(press.held && (moved.x != 0 || moved.y != 0))) return;
    edit(view,
         {plot.id, erase ? Edit::Action::remove : Edit::Action::add, x, y, begins ? 0 : 1, eraser});
    return;
  }
  const bool tapped = press.clicked && !(view.ui.finger() && view.ui.drag() != Ui::Drag::none);
  if (!tapped && !press.secondary) return;
  if (press.secondary) view.ui.ignore_press();
  const double reach = 14 * (plot_view.x1 - plot_view.x0) / static_cast<double>(plot_view.area.w);
  edit(view,
       {plot.id, erase ? Edit::Action::remove : Edit::Action::add, x, y,
        plot.id == "flow" ? (view.state.brush == Brush::class_b ? 1 : 0) : view.state.trajectory,
        reach});
}

}  // namespace neural_ode::web
