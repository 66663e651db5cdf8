// The runs that were pinned: each with its picture, its figures and what was set otherwise.
#include <string>

#include "web/ui/panels/view_state.h"
#include "web/ui/plot/preview.h"
#include "web/ui/toolkit/controls.h"
#include "web/ui/toolkit/format.h"

namespace neural_ode::web {

namespace {

constexpr float picture = 58, gap = 12;

// As it was then; the frame is the run's colour in every plot.
void draw_small_picture(Ui& ui, const PinnedRun& run, const Rect& area) {
  if (!run.frame.plots.empty()) {
    ui.draw()->PushClipRect(area.min(), area.max(), true);
    draw_preview(ui, run.frame.plots[0], area.inset(3, 3));
    ui.draw()->PopClipRect();
  }
  ui.outline(area, pinned_colour(ui.colours(), run.colour), 7, 2);
}

std::string figures(const PinnedRun& run) {
  std::string text;
  for (const Metric* metric : {run.frame.find_metric("loss"), main_metric(run.frame)})
    if (metric) text += (text.empty() ? "" : " · ") + metric->label + " " + metric_text(*metric);
  return text;
}

}  // namespace

float draw_pinned_runs(View& view, float x, float y, float width) {
  Ui& ui = view.ui;
  const auto runs = view.state.pinned.of(view.session.experiment().name);
  if (runs.empty()) return y;
  heading(ui, x, y + 6, "Pinned runs");
  y += 24;
  int dropped = 0;
  bool apply = false;
  PinnedRun chosen;
  const float size = ui.touch() ? 40.0f : 24.0f;
  for (const PinnedRun* run : runs) {
    const std::string id = "pinned." + std::to_string(run->number);
    std::string short_words, long_words;
    for (const auto& [label, value, now] : differences(run->settings, view.session.settings())) {
      short_words += (short_words.empty() ? "" : ", ") + label + " " + value;
      long_words += (long_words.empty() ? "" : "\n") + label + " " + value + ", now " + now;
    }
    if (short_words.empty()) short_words = "The present settings";
    const std::string when = "seed " + std::to_string(run->seed) + " · step " +
                             count_text(static_cast<double>(run->frame.step));
    const std::string how = figures(*run);
    const float right = x + width, buttons = right - 2 * size;
    if (!view.options.lock &&
        button(ui, {buttons, y, size, size}, id + ".apply", "Take its settings and seed again",
               {ButtonStyle::quiet, Icon::reset, true, false, false})) {
      apply = true;
      chosen = *run;
    }
    if (button(ui, {right - size, y, size, size}, id + ".drop", "Forget this run",
               {ButtonStyle::quiet, Icon::close, true, false, false}))
      dropped = run->number;
    ui.press({x, y, buttons - x, picture}, id, short_words, "run", when + ", " + how);
    ui.tooltip(long_words);
    draw_small_picture(ui, *run, {x, y, picture, picture});
    const float left = x + picture + gap;
    ui.fitted_text(Face::body, left, y + 11, buttons - left, ui.colours().text, short_words);
    ui.fitted_text(Face::small, left, y + 30, right - left, ui.colours().muted, when);
    ui.fitted_text(Face::small, left, y + 47, right - left, ui.colours().muted, how);
    y += picture + gap;
  }
  // A run may be dropped, or the settings change, when nothing reads them any more.
  if (apply) view.session.apply(values_of(chosen));
  if (dropped != 0) view.state.pinned.drop(dropped);
  return y + 8;
}

}  // namespace neural_ode::web
