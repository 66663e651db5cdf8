#include "web/ui/panels/drawing_tools.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "web/ui/toolkit/controls.h"

namespace neural_ode::web {

namespace {

void edit(View& view, const Edit& done) {
  view.session.edit(done);
  view.state.drawn_on = done.plot;
  if (done.action != Edit::Action::add) return view.state.ink.clear();
  // While it runs, a frame may be on its way that does not know of it yet.
  const std::uint64_t until = view.session.frame_number() + (view.session.running() ? 2 : 1);
  view.state.ink.push_back({done.x, done.y, done.label, done.goes_on, until});
}

// Finer than any hand, where a pixel is so much, and short in a link.
double to_grid(double value, double pixel) {
  const double scale = std::pow(10.0, std::ceil(-std::log10(0.25 * pixel)));
  return std::isfinite(scale) && scale > 0 ? std::round(value * scale) / scale : value;
}

// What one press does to a plot: points here and there, or along a way.
struct Hand {
  View& view;
  const PlotView& plot_view;
  const Plot& plot;
  bool erases;

  double pixel() const {
    return (plot_view.x1 - plot_view.x0) / static_cast<double>(plot_view.area.w);
  }
  void put(double x, double y, int label, bool goes_on) const {
    constexpr double reach = 14;  // px
    const double pixel_y = (plot_view.y1 - plot_view.y0) / static_cast<double>(plot_view.area.h);
    edit(view, {plot.id, erases ? Edit::Action::remove : Edit::Action::add, to_grid(x, pixel()),
                to_grid(y, pixel_y), label, reach * pixel(), goes_on});
  }
  // The class of a point; 1: it begins another trajectory.
  int label(bool begins) const {
    if (plot.drawing == Plot::Drawing::classes) return view.state.brush == Brush::class_b ? 1 : 0;
    return begins && plot.drawing == Plot::Drawing::trajectories ? 1 : 0;
  }
};

// Points at equal distances along the way of the pointer, however fast it moves.
void draw_along(const Hand& hand, ImVec2 from, ImVec2 to) {
  constexpr float gap = 12;  // px
  State& state = hand.view.state;
  const PlotView& plot_view = hand.plot_view;
  if (!state.stroke) {
    state.stroke = {plot_view.x_at(from.x), plot_view.y_at(from.y)};
    hand.put((*state.stroke)[0], (*state.stroke)[1], hand.label(true), false);
    state.another = false;
  }
  ImVec2 end = plot_view.at((*state.stroke)[0], (*state.stroke)[1]);
  float far = std::hypot(to.x - end.x, to.y - end.y);
  for (; far >= gap; far -= gap) {
    end.x += (to.x - end.x) * gap / far;
    end.y += (to.y - end.y) * gap / far;
    state.stroke = {plot_view.x_at(end.x), plot_view.y_at(end.y)};
    hand.put((*state.stroke)[0], (*state.stroke)[1], hand.label(false), true);
  }
}

void draw_on_pad(const Hand& hand, const Press& press, double x, double y) {
  constexpr double eraser = 2;  // pixels of the pad
  const ImVec2 moved = ImGui::GetIO().MouseDelta;
  const bool begins = press.held && ImGui::IsMouseClicked(ImGuiMouseButton_Left);
  if (!begins && !(press.held && (moved.x != 0 || moved.y != 0))) return;
  edit(hand.view, {hand.plot.id, hand.erases ? Edit::Action::remove : Edit::Action::add, x, y, 0,
                   eraser, !begins});
}

}  // namespace

bool is_pad(const Plot& plot) {
  return plot.drawing == Plot::Drawing::pad;
}

bool can_draw(const View& view, const Plot& plot) {
  if (plot.drawing == Plot::Drawing::none || view.options.lock) return false;
  if (is_pad(plot)) return true;
  return view.session.settings().find("data") >= 0 &&
         view.session.settings().choice("data") == "own";
}

void draw_tools(View& view, const Rect& area, const Plot& plot) {
  Ui& ui = view.ui;
  const float size = ui.touch() ? 44.0f : 30.0f;
  const bool classes = plot.drawing == Plot::Drawing::classes, pad = is_pad(plot);
  const bool trajectories = plot.drawing == Plot::Drawing::trajectories;
  struct Tool {
    const char* id;
    const char* label;
    Icon icon;
    int brush;  // -1: an action
  };
  const Tool tools[] = {
      {"brush.a",
       classes        ? "Draw points of class A"
       : trajectories ? "Draw a trajectory"
       : pad          ? "Draw"
                      : "Draw points",
       Icon::none, 0},
      {"brush.b", "Draw points of class B", Icon::none, 1},
      {"brush.new", "Begin another trajectory", Icon::plus, -1},
      {"brush.erase", pad ? "Erase" : "Erase the nearest point", Icon::eraser, 2},
      {"edit.undo", "Undo", Icon::undo, -1},
      {"edit.clear", pad ? "Clear the square" : "Remove all points", Icon::close, -1},
      {"edit.csv", "Paste or load CSV", Icon::data, -1},
      {"edit.whole", "Show the whole picture", Icon::expand, -1}};
  float x = area.x + 14;
  const float y = area.bottom() - size - 28;
  for (const Tool& tool : tools) {
    if (!classes && tool.brush == 1) continue;
    const std::string_view id = tool.id;
    if (!trajectories && id == "brush.new") continue;
    if (pad && id == "edit.csv") continue;
    if (id == "edit.whole" && view.state.windows[plot.id].whole()) continue;
    const Rect place{x, y, size, size};
    x += size + 6;
    const bool selected = tool.brush >= 0 ? static_cast<int>(view.state.brush) == tool.brush
                                          : id == "brush.new" && view.state.another;
    if (button(ui, place, id, tool.label,
               {ButtonStyle::raised, tool.icon, true, selected, false})) {
      if (tool.brush >= 0) {
        view.state.brush = static_cast<Brush>(tool.brush);
      } else if (id == "brush.new") {
        view.state.another = !view.state.another;
      } else if (id == "edit.undo") {
        view.session.undo();
        view.state.ink.clear();
      } else if (id == "edit.clear") {
        edit(view, {plot.id, Edit::Action::clear, 0, 0, 0, 0});
      } else if (id == "edit.csv") {
        view.act("open_data");
      } else {
        view.state.windows.erase(plot.id);
      }
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
          at, 4,
          class_colour(ui.colours(), plot.drawing == Plot::Drawing::classes
                                         ? static_cast<unsigned>(ink[i].label)
                                         : 0u),
          16);
    } else {
      ui.draw()->AddCircleFilled(at, width / 2, ui.colours().text, 16);
      if (i > 0 && ink[i].goes_on) ui.draw()->AddLine(last, at, ui.colours().text, width);
    }
    last = at;
  }
}

void draw_on(View& view, const Press& press, const PlotView& plot_view, const Plot& plot) {
  const ImGuiIO& io = ImGui::GetIO();
  const bool erases = view.state.brush == Brush::eraser || io.KeyShift || press.secondary;
  const Hand hand{view, plot_view, plot, erases};
  const double x = plot_view.x_at(io.MousePos.x), y = plot_view.y_at(io.MousePos.y);
  if (is_pad(plot)) return draw_on_pad(hand, press, x, y);
  const bool drags =
      press.held && (view.ui.finger() ? view.ui.drag() != Ui::Drag::none
                                      : ImGui::IsMouseDragging(ImGuiMouseButton_Left));
  if (drags) return draw_along(hand, io.MouseClickedPos[0], io.MousePos);
  const bool drew = std::exchange(view.state.stroke, {}).has_value();
  if (press.secondary) {
    view.ui.ignore_press();
  } else if (!press.clicked || drew || (view.ui.finger() && view.ui.drag() != Ui::Drag::none)) {
    return;
  }
  hand.put(x, y, hand.label(std::exchange(view.state.another, false)), false);
}

void hold_view(State& state, const Plot& plot, const PlotView& fitted) {
  const auto before = std::exchange(state.shown, State::Shown{plot.id, fitted});
  if (state.drawn_on != plot.id || !before || before->plot != plot.id) return;
  const PlotView& old = before->fitted;
  if (old.area.w != fitted.area.w) return;  // of another screen
  const bool same = old.area.h == fitted.area.h && old.x0 == fitted.x0 && old.x1 == fitted.x1 &&
                    old.y0 == fitted.y0 && old.y1 == fitted.y1;
  if (same) return;
  PlotWindow& window = state.windows[plot.id];
  // A scrubber may have come in below it.
  const PlotView seen = grown_to(seen_through(window, old), fitted.area);
  const PlotWindow held = window_onto(seen, fitted);
  // What is of another size, as data of other units are, is not what was drawn on.
  constexpr double most = 8;
  const bool near =
      held.zoom_x < most && held.zoom_y < most && std::abs(held.dx) < 1 && std::abs(held.dy) < 1;
  window = near ? held : PlotWindow();
}

}  // namespace neural_ode::web
