// A plot beside the picture: its name, its legend, its axes; pressed, it tells values or takes the
// large place.
#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "web/ui/panels/view_state.h"
#include "web/ui/plot/readout.h"
#include "web/ui/toolkit/controls.h"

namespace neural_ode::web {

const Plot* hero_plot(const State& state, const Frame& frame) {
  for (const Plot& plot : frame.plots)
    if (plot.id == state.hero) return &plot;
  return frame.plots.empty() ? nullptr : &frame.plots[0];
}

std::vector<const Plot*> other_plots(const State& state, const Frame& frame) {
  std::vector<const Plot*> found;
  const Plot* hero = hero_plot(state, frame);
  for (const Plot& plot : frame.plots)
    if (&plot != hero) found.push_back(&plot);
  return found;
}

void draw_layers(View& view, const PlotView& plot_view, const Plot& plot, std::size_t first,
                 std::size_t last) {
  Layer room;
  for (std::size_t i = first; i < last; ++i) {
    if (is_handle(plot.layers[i])) continue;
    if (const Layer* layer = visible_part(view.state.hidden, plot, plot.layers[i], room))
      draw_layer(view.ui, view.state.layers, plot_view, *layer, plot.id + std::to_string(i));
  }
}

void draw_pinned_curves(View& view, const PlotView& plot_view, const Plot& plot) {
  for (const PinnedRun* run : view.state.pinned.of(view.session.experiment().name))
    for (const Plot& before : run->frame.plots) {
      if (before.id != plot.id) continue;
      for (const Layer& layer : before.layers) {
        if (!std::holds_alternative<Curve>(layer.shape) ||
            is_hidden(view.state.hidden, plot, layer))
          continue;
        Layer quiet = layer;
        quiet.series = pinned_series(run->colour);
        quiet.faint = true;
        quiet.dashed = layer.role == Role::test;
        draw_layer(view.ui, view.state.layers, plot_view, quiet, {});
      }
    }
}

bool drag_handle(View& view, const PlotView& plot_view, const Plot& plot, const Press& press,
                 bool may_grab) {
  const auto edit = drag_handle(view.ui, view.state.handle, view.state.hidden,
                                view.session.frame_number(), plot_view, plot, press, may_grab);
  if (edit) view.session.edit(*edit);
  return view.state.handle.holds(plot);
}

double drift(const View& view) {
  if (!view.session.running() || view.options.reduced_motion) return 0;
  return std::min(static_cast<double>(view.state.layers.dt), 0.1);
}

namespace {

// The axes that hold the pinned runs too.
Plot with_pinned_axes(const View& view, const Plot& plot) {
  Plot wide;
  wide.x = plot.x;
  wide.y = plot.y;
  wide.equal_aspect = plot.equal_aspect;
  for (const PinnedRun* run : view.state.pinned.of(view.session.experiment().name))
    for (const Plot& before : run->frame.plots) {
      if (before.id != plot.id) continue;
      wide.x.minimum = std::min(wide.x.minimum, before.x.minimum);
      wide.x.maximum = std::max(wide.x.maximum, before.x.maximum);
      wide.y.minimum = std::min(wide.y.minimum, before.y.minimum);
      wide.y.maximum = std::max(wide.y.maximum, before.y.maximum);
    }
  return wide;
}

// Its name; pressed, the plot takes the large place. Beside it the way to its numbers. Returns the
// width.
float draw_name(View& view, const Rect& area, const Plot& plot) {
  Ui& ui = view.ui;
  const float width = heading(ui, area.x, area.y + 8, plot.title) - area.x;
  const float reach = ui.touch() ? 22.0f : 10.0f, right = width + 10 + reach;
  const ImU32 calm = with_alpha(ui.colours().muted, 0.6f);
  const Press press = ui.press({area.x, area.y + 8 - reach, right, 2 * reach}, "enlarge." + plot.id,
                               "Enlarge: " + plot.title, "button");
  draw_icon(ui.draw(), Icon::expand, {area.x + width + 10, area.y + 8}, 8,
            press.hovered ? ui.colours().accent : calm);
  ui.tooltip("Show it large");
  if (press.clicked) {
    const Frame* frame = view.session.frame();
    view.state.hero = frame && &frame->plots[0] == &plot ? "" : plot.id;
  }
  const bool table = view.state.tables.contains(plot.id);
  const Press numbers =
      ui.press({area.x + right, area.y + 8 - reach, 2 * reach, 2 * reach}, "numbers." + plot.id,
               "Numbers: " + plot.title, "switch", table ? "on" : "");
  draw_icon(ui.draw(), Icon::table, {area.x + right + reach, area.y + 8}, 10,
            table || numbers.hovered ? ui.colours().accent : calm);
  ui.tooltip(table ? "Show the picture" : "Show the numbers");
  if (numbers.clicked) toggle_table(view.state, plot.id);
  return right + 2 * reach;
}

// The value under the pointer, or where it was pinned by a click.
void draw_values(View& view, const PlotView& plot_view, const Rect& area, const Plot& plot) {
  Ui& ui = view.ui;
  const Press press = ui.press(area, "plot." + plot.id, plot.title, "plot");
  // A finger that moves here scrolls the panel.
  if (drag_handle(view, plot_view, plot, press, !ui.finger())) return;
  auto& pinned = view.state.pinned_x;
  const double x = plot_view.x_at(ImGui::GetIO().MousePos.x);
  if (press.clicked && !pinned.erase(plot.id)) pinned[plot.id] = x;
  const auto at = pinned.find(plot.id);
  if (at != pinned.end())
    draw_readout(ui, view.state.hidden, plot_view, plot, at->second);
  else if (press.hovered)
    draw_readout(ui, view.state.hidden, plot_view, plot, x);
}

}  // namespace

float card_height(View& view, const Plot& plot, float width, float plot_height) {
  Ui& ui = view.ui;
  const std::vector<LegendEntry> entries = legend_of(ui, plot);
  const int rows = std::max(legend_rows(ui, entries, width), 1);
  constexpr float more_rows = 76;  // of numbers
  return plot_height + legend_row * static_cast<float>(rows - 1) +
         (view.state.tables.contains(plot.id) ? more_rows : 0);
}

void draw_plot_card(View& view, const Rect& area, const Plot& plot) {
  Ui& ui = view.ui;
  const std::vector<LegendEntry> entries = legend_of(ui, plot);
  const float name = draw_name(view, area, plot);
  const bool stacked = name + legend_width(ui, entries) > area.w;
  const float top =
      26 + (stacked ? legend_row * static_cast<float>(legend_rows(ui, entries, area.w)) : 0);
  draw_legend(ui, view.state.hidden, plot, entries,
              {area.x, area.y + (stacked ? 20.0f : -1.0f), area.w, 0}, !stacked);
  if (view.state.tables.contains(plot.id))
    return draw_table(view, {area.x, area.y + top - 4, area.w, area.h - top + 4}, plot);
  const Rect inner{area.x + 40, area.y + top, area.w - 44, area.h - top - 20};
  if (inner.w < 20 || inner.h < 20) return;
  if (plot.spatial) {
    const Rect all{area.x, area.y + top, area.w, area.h - top};
    ui.draw()->PushClipRect(all.min(), all.max(), true);
    draw_space(ui, fit_space(all), plot, view.state.orbits[plot.id].camera, view.state.layers.time,
               view.state.hidden);
    ui.draw()->PopClipRect();
    turn_space(ui, view.state.orbits[plot.id], ui.press(all, "plot." + plot.id, plot.title, "plot"),
               {false, drift(view)});
    return;
  }
  const PlotView plot_view = fit(with_pinned_axes(view, plot), inner);
  draw_axes(ui, plot_view, AxisStyle::outside);
  ui.draw()->PushClipRect({inner.x - 2, inner.y - 2}, {inner.right() + 2, inner.bottom() + 2},
                          true);
  draw_pinned_curves(view, plot_view, plot);
  draw_layers(view, plot_view, plot, 0, plot.layers.size());
  ui.draw()->PopClipRect();
  draw_values(view, plot_view, inner, plot);
}

}  // namespace neural_ode::web
