// The picture: plot, title, legend, editing tools and the t-scrubber.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "web/ui/controls.h"
#include "web/ui/format.h"
#include "web/ui/view_state.h"

namespace neural_ode::web {

namespace {

constexpr float corner = 12;

// A clipped rectangle has square corners: cover them with what lies around it.
void round_corners(Ui& ui, const Rect& area, ImU32 around) {
  ImDrawList* draw = ui.draw();
  const float pi = 3.14159265f;
  const struct {
    float x, y, cx, cy, from;
  } corners[] = {{area.x, area.y, area.x + corner, area.y + corner, pi},
                 {area.right(), area.y, area.right() - corner, area.y + corner, 1.5f * pi},
                 {area.right(), area.bottom(), area.right() - corner, area.bottom() - corner, 0},
                 {area.x, area.bottom(), area.x + corner, area.bottom() - corner, 0.5f * pi}};
  for (const auto& each : corners) {
    draw->PathLineTo({each.x, each.y});
    draw->PathArcTo({each.cx, each.cy}, corner, each.from, each.from + 0.5f * pi, 12);
    draw->PathFillConvex(around);
  }
  draw->AddRect(area.min(), area.max(), ui.colours().line, corner);
}

struct LegendEntry {
  std::string text;
  ImU32 colour;
  bool dot, dashed;
};

// What the legend says: layers with a label; the two classes once, however many layers show them.
std::vector<LegendEntry> legend_of(Ui& ui, const Plot& plot) {
  std::vector<LegendEntry> entries;
  bool classes = false;
  for (const Layer& layer : plot.layers) {
    if (layer.kind == LayerKind::heatmap || layer.kind == LayerKind::image) continue;
    if (!layer.group.empty()) {
      if (!classes)
        for (unsigned group : {0u, 1u})
          entries.push_back(
              {group == 0 ? "class A" : "class B", class_colour(ui.colours(), group), true, false});
      classes = true;
    } else if (!layer.label.empty()) {
      entries.push_back({layer.label, layer_colour(ui.colours(), layer),
                         layer.kind == LayerKind::points, layer.dashed});
    }
  }
  return entries;
}

constexpr float legend_gap = 31;  // mark and space before an entry's words

float legend_width(Ui& ui, const std::vector<LegendEntry>& entries) {
  float width = 0;
  for (const LegendEntry& entry : entries)
    width += ui.text_width(Face::small, entry.text) + legend_gap;
  return width;
}

void draw_legend(Ui& ui, const std::vector<LegendEntry>& entries, float right, float y) {
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    right -= ui.text_width(Face::small, entry->text);
    ui.text(Face::small, right, y, ui.colours().muted, entry->text);
    right -= 11;
    if (entry->dot) {
      ui.draw()->AddCircleFilled({right, y}, 4, entry->colour);
    } else {
      ui.draw()->AddRectFilled({right - 8, y - 1.2f},
                               {right - (entry->dashed ? 3.0f : 0.0f), y + 1.2f}, entry->colour, 1);
      ui.draw()->AddRectFilled({right - (entry->dashed ? 1.0f : 2.0f), y - 1.2f},
                               {right + 4, y + 1.2f}, entry->colour, 1);
    }
    right -= 20;
  }
}

constexpr int most_trajectories = 64;  // what engine/experiments/own_trajectories.cpp numbers

// A pad is drawn on with the pointer held, whatever the data.
bool is_pad(const Plot& plot) {
  return plot.id == "digit";
}

bool draws_own(const View& view, const Plot& plot) {
  if (is_pad(plot)) return true;
  return view.session.settings().find("data") >= 0 &&
         view.session.settings().choice("data") == "own";
}

// Class switch, eraser, undo and clear, over the lower left of the plot.
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
        view.session.edit(
            {plot.id, id == "edit.undo" ? Edit::Action::undo : Edit::Action::clear, 0, 0, 0, 0});
    }
    if (tool.brush == 0 || tool.brush == 1)
      ui.draw()->AddCircleFilled(place.centre(), 5.5f,
                                 class_colour(ui.colours(), static_cast<unsigned>(tool.brush)));
  }
}

void handle_pointer(View& view, const PlotView& plot_view, const Plot& plot) {
  Ui& ui = view.ui;
  const Press press = ui.press(plot_view.area, "plot." + plot.id, plot.title, "plot");
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  if (!press.hovered) return;
  const double x = plot_view.x_at(mouse.x), y = plot_view.y_at(mouse.y);
  if (!ui.touch()) {
    char text[64];
    std::snprintf(text, sizeof text, "%.3f, %.3f", x, y);
    const float width = ui.text_width(Face::mono_small, text);
    const Rect box{plot_view.area.right() - width - 26, plot_view.area.bottom() - 52, width + 14,
                   22};
    ui.draw()->AddRectFilled(box.min(), box.max(), with_alpha(ui.colours().panel, 0.8f), 6);
    ui.text(Face::mono_small, box.centre().x, box.centre().y, ui.colours().muted, text,
            Align::centre);
  }
  if (!plot.editable || !draws_own(view, plot) || view.options.lock) return;
  const bool erase = view.state.brush == Brush::eraser || ImGui::GetIO().KeyShift;
  if (is_pad(plot)) {
    constexpr double eraser = 2;  // pixels of the pad
    const ImVec2 moved = ImGui::GetIO().MouseDelta;
    const bool begins = press.held && ImGui::IsMouseClicked(ImGuiMouseButton_Left);
    if (!begins && !(press.held && (moved.x != 0 || moved.y != 0))) return;
    view.session.edit(
        {plot.id, erase ? Edit::Action::remove : Edit::Action::add, x, y, begins ? 0 : 1, eraser});
    return;
  }
  if (!press.clicked) return;
  const double reach = 14 * (plot_view.x1 - plot_view.x0) / static_cast<double>(plot_view.area.w);
  view.session.edit(
      {plot.id, erase ? Edit::Action::remove : Edit::Action::add, x, y,
       plot.id == "flow" ? (view.state.brush == Brush::class_b ? 1 : 0) : view.state.trajectory,
       reach});
}

// The time of the picture: runs round and round while training does, else to the end; or stays
// where it was put.
void advance_time(View& view, const Plot& plot) {
  State& state = view.state;
  if (state.experiment != view.session.experiment().name) {
    state.experiment = view.session.experiment().name;
    state.time_fraction = view.options.reduced_motion ? 1 : 0;
    state.time_playing = !view.options.reduced_motion;
    state.time_asked = false;
  }
  if (time_moves(state, view.session) && plot.t_end > plot.t_begin) {
    constexpr double round = 4.5, rest = 1.2;  // seconds
    const auto dt = static_cast<double>(ImGui::GetIO().DeltaTime);
    if (state.time_fraction < 1) {
      state.time_fraction = std::min(1.0, state.time_fraction + std::min(dt, 0.1) / round);
      state.time_rest = rest;
    } else if ((state.time_rest -= dt) <= 0) {
      state.time_fraction = 0;
    }
    view.ui.keep_animating();
  }
  state.layers.time = plot.t_begin + state.time_fraction * (plot.t_end - plot.t_begin);
}

void draw_scrubber(View& view, const Rect& area) {
  Ui& ui = view.ui;
  State& state = view.state;
  const float y = area.centre().y, size = std::min(area.h, ui.row_height());
  const bool moves = time_moves(state, view.session);
  if (button(ui, {area.x, y - size / 2, size, size}, "time.play", moves ? "Hold t" : "Let t run",
             {ButtonStyle::quiet, moves ? Icon::pause : Icon::play, true, false, false})) {
    state.time_playing = state.time_asked = !moves;
    if (!moves && state.time_fraction >= 1) state.time_fraction = 0;
  }
  ui.text(Face::mono, area.x + size + 8, y, ui.colours().muted, "t");
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", state.layers.time);
  ui.text(Face::mono, area.right() - 2, y, ui.colours().muted, text, Align::right);
  float position = static_cast<float>(state.time_fraction);
  const Rect track{area.x + size + 26, y - size / 2, area.w - size - 26 - 56, size};
  if (slider(ui, track, "time", "t", text, position).changed) {
    state.time_fraction = position;
    state.time_playing = false;
  }
}

// Layers `first` to `last` - 1.
void draw_layers(View& view, const PlotView& plot_view, const Plot& plot, std::size_t first,
                 std::size_t last) {
  for (std::size_t i = first; i < last; ++i)
    draw_layer(view.ui, view.state.layers, plot_view, plot.layers[i], plot.id + std::to_string(i));
}

}  // namespace

bool time_moves(const State& state, const Session& session) {
  return state.time_playing && (state.time_fraction < 1 || state.time_asked || session.running());
}

void draw_hero(View& view, const Rect& area) {
  Ui& ui = view.ui;
  const Frame* frame = view.session.frame();
  const bool animated =
      frame && !frame->plots.empty() && frame->plots[0].t_end > frame->plots[0].t_begin;
  const float scrubber = animated ? ui.row_height() + 8 : 0;
  const Rect box{area.x, area.y, area.w, area.h - scrubber};
  ui.draw()->AddRectFilled(box.min(), box.max(), ui.colours().panel, corner);
  if (!frame || frame->plots.empty()) {
    ui.draw()->AddRect(box.min(), box.max(), ui.colours().line, corner);
    return;
  }
  const Plot& plot = frame->plots[0];
  advance_time(view, plot);
  const PlotView plot_view = fit(plot, box);
  ui.draw()->PushClipRect(box.min(), box.max(), true);
  // The grid lies on a heat map and under everything else.
  const std::size_t ground =
      !plot.layers.empty() && plot.layers[0].kind == LayerKind::heatmap ? 1 : 0;
  draw_layers(view, plot_view, plot, 0, ground);
  draw_axes(ui, plot_view, AxisStyle::inside);
  draw_layers(view, plot_view, plot, ground, plot.layers.size());
  // Words stay legible over whatever is drawn.
  const std::vector<LegendEntry> entries = legend_of(ui, plot);
  const float legend = legend_width(ui, entries);
  const bool stacked = ui.text_width(Face::title, plot.title) + legend + 48 > box.w;
  const float shade = stacked ? 84.0f : 62.0f;
  const ImU32 dense = with_alpha(ui.colours().panel, 0.92f),
              none = with_alpha(ui.colours().panel, 0);
  ui.draw()->AddRectFilledMultiColor(box.min(), {box.right(), box.y + shade}, dense, dense, none,
                                     none);
  ui.fitted_text(Face::title, box.x + 16, box.y + 22, box.w - 32 - (stacked ? 0 : legend),
                 ui.colours().text, plot.title);
  ui.fitted_text(Face::small, box.x + 16, box.y + 43, box.w - 32, ui.colours().muted, plot.caption);
  if (stacked)
    draw_legend(ui, entries, box.x + legend, box.y + 64);
  else
    draw_legend(ui, entries, box.right() - 16, box.y + 22);
  ui.draw()->PopClipRect();
  round_corners(ui, box, ui.colours().background);
  // Tools first: of two areas that overlap, Dear ImGui gives the pointer to the one that was there
  // first.
  if (plot.editable && draws_own(view, plot) && !view.options.lock) draw_tools(view, box, plot);
  handle_pointer(view, plot_view, plot);
  if (animated) draw_scrubber(view, {area.x + 2, box.bottom() + 8, area.w - 4, scrubber - 8});
}

void draw_plot_card(View& view, const Rect& area, const Plot& plot) {
  Ui& ui = view.ui;
  heading(ui, area.x, area.y + 8, plot.title);
  draw_legend(ui, legend_of(ui, plot), area.right(), area.y + 8);
  const Rect inner{area.x + 40, area.y + 26, area.w - 44, area.h - 26 - 20};
  if (inner.w < 20 || inner.h < 20) return;
  const PlotView plot_view = fit(plot, inner);
  draw_axes(ui, plot_view, AxisStyle::outside);
  ui.draw()->PushClipRect({inner.x - 2, inner.y - 2}, {inner.right() + 2, inner.bottom() + 2},
                          true);
  draw_layers(view, plot_view, plot, 0, plot.layers.size());
  ui.draw()->PopClipRect();
  ui.list(area, "plot." + plot.id, plot.title, "plot", "");
}

}  // namespace neural_ode::web
