// The picture: plot, title, legend, editing tools and the t-scrubber.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "web/ui/panels/drawing_tools.h"
#include "web/ui/panels/view_state.h"
#include "web/ui/plot/readout.h"
#include "web/ui/toolkit/controls.h"

namespace neural_ode::web {

namespace {

constexpr float corner = 12;
constexpr float lowest_caption = 260, lowest_legend = 150;  // a lower picture needs the room

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
  ui.outline(area, ui.colours().line, corner);
}

// Data under the pointer, in the corner.
void draw_place(Ui& ui, const Rect& area, double x, double y) {
  char text[64];
  std::snprintf(text, sizeof text, "%.3f, %.3f", x, y);
  const float width = ui.text_width(Face::mono_small, text);
  const Rect box{area.right() - width - 26, area.bottom() - 52, width + 14, 22};
  ui.draw()->AddRectFilled(box.min(), box.max(), with_alpha(ui.colours().panel, 0.8f), 6);
  ui.text(Face::mono_small, box.centre().x, box.centre().y, ui.colours().muted, text,
          Align::centre);
}

// Wheel and pinch enlarge, dragging moves unless it draws, a double click shows the whole again.
void navigate(View& view, const Press& press, const PlotView& fitted, const Plot& plot,
              bool draws) {
  const ImGuiIO& io = ImGui::GetIO();
  PlotWindow& window = view.state.windows[plot.id];
  if (press.hovered) {
    constexpr double by_unit = 0.0015;
    const Pinch& pinch = view.ui.pinch();
    const double turned = static_cast<double>(io.MouseWheel * wheel_turn());
    const double factor = pinch.zoom * std::exp(by_unit * turned);
    if (factor != 1) zoom_about(window, fitted, io.MousePos, factor);
    drag_by(window, fitted, pinch.pan);
  }
  if (plot.spatial) turn_space(view.ui, view.state.orbits[plot.id], press, {true, drift(view)});
  if (press.double_clicked && !draws) window = {};
  if (draws || plot.spatial) return;
  // A finger that taps wavers.
  if (press.held && (!view.ui.finger() || view.ui.drag() != Ui::Drag::none))
    drag_by(window, fitted, io.MouseDelta);
}

void handle_pointer(View& view, const Rect& box, const PlotView& fitted, const PlotView& plot_view,
                    const Plot& plot) {
  Ui& ui = view.ui;
  const Press press = ui.press(box, "plot." + plot.id, plot.title, "plot");
  const bool draws = can_draw(view, plot);
  const bool drags = drag_handle(view, plot_view, plot, press, true);
  navigate(view, press, fitted, plot, draws || drags);
  const ImVec2 mouse = ImGui::GetIO().MousePos;
  if (!press.hovered || plot.spatial || drags) return;
  const double x = plot_view.x_at(mouse.x), y = plot_view.y_at(mouse.y);
  if (!plot.equal_aspect && !is_pad(plot))
    draw_readout(ui, view.state.hidden, plot_view, plot, x);
  else if (!ui.finger())
    draw_place(ui, plot_view.area, x, y);
  if (!draws) return;
  draw_on(view, press, plot_view, plot);
}

// What cannot be seen: that the picture can be moved. Once only.
void draw_hint(View& view, const Rect& box) {
  Ui& ui = view.ui;
  constexpr float around = 66;  // the words
  const auto fits = [&](const char* words) {
    return ui.text_width(Face::body, words) + around <= box.w - 16;
  };
  const char* text = ui.touch() ? "Pinch to enlarge, tap a curve to keep its values"
                                : "Wheel to enlarge, drag to move, ? for the keys";
  if (!fits(text)) text = ui.touch() ? "Pinch to enlarge" : "Wheel to enlarge, drag to move";
  if (!fits(text) || box.h < lowest_caption) return;
  const float height = ui.touch() ? 44.0f : 34.0f, width = ui.text_width(Face::body, text) + around;
  const Rect pill{box.centre().x - width / 2, box.bottom() - height - 34, width, height};
  ui.draw()->AddRectFilled(pill.min(), pill.max(), with_alpha(ui.colours().raised, 0.96f),
                           height / 2);
  ui.outline(pill, ui.colours().line, height / 2);
  ui.text(Face::body, pill.x + 18, pill.centre().y, ui.colours().text, text);
  if (button(ui, {pill.right() - height, pill.y, height, height}, "hint.close", "Dismiss",
             {ButtonStyle::quiet, Icon::close, true, false, false}) ||
      !view.state.windows[view.session.frame()->plots[0].id].whole())
    view.act("hint_seen");
}

// The grid lies on a heat map and under everything else.
void draw_picture(View& view, const Rect& box, const PlotView& plot_view, const Plot& plot,
                  bool fills) {
  Ui& ui = view.ui;
  if (plot.spatial) {
    ui.draw()->PushClipRect(box.min(), box.max(), true);
    draw_space(ui, plot_view, plot, view.state.orbits[plot.id].camera, view.state.layers.time,
               view.state.hidden);
    ui.draw()->PopClipRect();
    return;
  }
  ui.draw()->PushClipRect(box.min(), box.max(), true);
  const std::size_t ground =
      !plot.layers.empty() && std::holds_alternative<Heatmap>(plot.layers[0].shape) ? 1 : 0;
  draw_layers(view, plot_view, plot, 0, ground);
  if (!is_pad(plot)) draw_axes(ui, plot_view, fills ? AxisStyle::inside : AxisStyle::outside);
  if (!fills) {
    ui.draw()->PushClipRect(plot_view.area.min(), plot_view.area.max(), true);
    draw_pinned_curves(view, plot_view, plot);
  }
  draw_layers(view, plot_view, plot, ground, plot.layers.size());
  if (plot.drawing != Plot::Drawing::none) draw_ink(view, plot_view, plot);
  if (!fills) ui.draw()->PopClipRect();
  ui.draw()->PopClipRect();
}

// The words over a picture: where the parts are, from the top of its box.
struct Head {
  float tools, width;  // the button at the right, and what it leaves
  std::vector<LegendEntry> entries;
  bool stacked;  // the legend below the caption, not beside the title
  bool captioned;
  std::size_t caption_break;  // where its second line begins; 0: it has one
  float legend, end;
};

constexpr float caption_line = 16;

// The last blank before which a caption that is too long still fits; 0: it fits, or cannot be
// broken.
std::size_t find_break(Ui& ui, std::string_view text, float width) {
  if (ui.text_width(Face::small, text) <= width) return 0;
  std::size_t at = text.rfind(' ');
  while (at != std::string_view::npos && ui.text_width(Face::small, text.substr(0, at)) > width)
    at = at == 0 ? std::string_view::npos : text.rfind(' ', at - 1);
  return at == std::string_view::npos ? 0 : at + 1;
}

Head lay_out_head(Ui& ui, const Rect& box, const Plot& plot) {
  Head head;
  head.tools = ui.touch() ? 40.0f : 28.0f;
  head.width = box.w - 28 - head.tools;
  if (box.h >= lowest_legend) head.entries = legend_of(ui, plot);
  head.stacked =
      !head.entries.empty() &&
      ui.text_width(Face::title, plot.title) + legend_width(ui, head.entries) + 16 > head.width;
  head.captioned = box.h >= lowest_caption;
  head.caption_break = head.captioned ? find_break(ui, plot.caption, box.w - 32) : 0;
  const auto rows =
      static_cast<float>(head.stacked ? legend_rows(ui, head.entries, box.w - 32) : 0);
  const float lower = !head.captioned ? -20 : head.caption_break > 0 ? caption_line : 0;
  head.legend = head.stacked ? 56 + lower : 13;
  head.end = 62 + lower + legend_row * rows;
  return head;
}

// Words stay legible over whatever is drawn.
void draw_head(View& view, const Rect& box, const Plot& plot, const Head& head, bool shaded) {
  Ui& ui = view.ui;
  ui.draw()->PushClipRect(box.min(), box.max(), true);
  const ImU32 dense = with_alpha(ui.colours().panel, 0.92f),
              none = with_alpha(ui.colours().panel, 0);
  if (shaded) {
    const float full = head.end - 14;
    ui.draw()->AddRectFilled(box.min(), {box.right(), box.y + full}, dense);
    ui.draw()->AddRectFilledMultiColor({box.x, box.y + full}, {box.right(), box.y + head.end + 8},
                                       dense, dense, none, none);
  }
  ui.fitted_text(Face::title, box.x + 16, box.y + 22,
                 head.width - (head.stacked ? 0 : legend_width(ui, head.entries)),
                 ui.colours().text, plot.title);
  const std::string_view caption = plot.caption;
  const auto line = [&](float y, std::string_view words) {
    ui.fitted_text(Face::small, box.x + 16, box.y + y, box.w - 32, ui.colours().muted, words);
  };
  if (!head.captioned) {
    // The title alone.
  } else if (head.caption_break > 0) {
    line(43, caption.substr(0, head.caption_break - 1));
    line(43 + caption_line, caption.substr(head.caption_break));
  } else {
    line(43, caption);
  }
  draw_legend(ui, view.state.hidden, plot, head.entries,
              {box.x + 16, box.y + head.legend, head.stacked ? box.w - 32 : head.width, 0},
              !head.stacked);
  const float tools = head.tools;
  const Rect place{box.right() - 10 - tools, box.y + 22 - tools / 2, tools, tools};
  const bool table = view.state.tables.contains(plot.id);
  if (button(ui, place, "numbers." + plot.id, table ? "Show the picture" : "Show the numbers",
             {ButtonStyle::quiet, Icon::table, true, table, false}))
    toggle_table(view.state, plot.id);
  ui.draw()->PopClipRect();
}

}  // namespace

void draw_hero(View& view, const Rect& area) {
  Ui& ui = view.ui;
  const Frame* frame = view.session.frame();
  const Plot* shown = frame ? hero_plot(view.state, *frame) : nullptr;
  const bool animated = shown && shown->t_end > shown->t_begin;
  const float scrubber = animated ? ui.row_height() + 8 : 0;
  const Rect box{area.x, area.y, area.w, area.h - scrubber};
  ui.draw()->AddRectFilled(box.min(), box.max(), ui.colours().panel, corner);
  if (!shown) {
    ui.outline(box, ui.colours().line, corner);
    return;
  }
  const Plot& plot = *shown;
  advance_time(view, plot);
  const Head head = lay_out_head(ui, box, plot);
  if (view.state.tables.contains(plot.id)) {
    draw_head(view, box, plot, head, false);
    const float top = box.y + head.end;
    round_corners(ui, box, ui.colours().background);
    draw_table(view, {box.x + 16, top, box.w - 28, box.bottom() - top - 10}, plot);
  } else {
    // What the axes ask for lies below the words. A picture goes on under them; curves leave room
    // for the numbers beside, too.
    const bool fills = plot.equal_aspect || plot.spatial || is_pad(plot);
    const float above = fills ? head.end - 14 : std::max(96.0f, head.end + 16);
    const Rect below = fills ? Rect{box.x, box.y + above, box.w, box.h - above}
                             : Rect{box.x + 56, box.y + above, box.w - 76, box.h - above - 44};
    const PlotView below_words = plot.spatial ? fit_space(below) : fit(plot, below);
    const PlotView fitted = fills ? grown_to(below_words, box) : below_words;
    hold_view(view.state, plot, fitted);
    const PlotView plot_view = seen_through(view.state.windows[plot.id], fitted);
    draw_picture(view, box, plot_view, plot, fills);
    draw_head(view, box, plot, head, fills);
    round_corners(ui, box, ui.colours().background);
    // Tools first: of two areas that overlap, Dear ImGui gives the pointer to the one that was
    // there first.
    if (can_draw(view, plot)) draw_tools(view, box, plot);
    handle_pointer(view, box, fitted, plot_view, plot);
    // Where one draws a drag moves nothing, and the tools lie where it would.
    if (view.options.hint && !can_draw(view, plot)) draw_hint(view, box);
  }
  if (animated) draw_scrubber(view, {area.x + 2, box.bottom() + 8, area.w - 4, scrubber - 8});
}

}  // namespace neural_ode::web
