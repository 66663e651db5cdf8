// Name, experiments, and what can be done with the page as a whole.
#include <algorithm>
#include <string>
#include <vector>

#include "web/ui/controls.h"
#include "web/ui/view_state.h"

namespace neural_ode::web {

namespace {

// Side by side where there is room, else as a list that opens. Returns where they end.
float draw_experiments(View& view, const Rect& area) {
  Ui& ui = view.ui;
  const auto& experiments = view.session.experiments();
  const std::string& current = view.session.experiment().name;
  float total = 0;
  for (const ExperimentInfo& info : experiments)
    total += ui.text_width(Face::body, info.label) + 28;
  float x = area.x;
  if (total > area.w) {
    std::vector<Choice> choices;
    int selected = 0;
    for (const ExperimentInfo& info : experiments) {
      if (info.name == current) selected = static_cast<int>(choices.size());
      choices.push_back({info.name, info.label});
    }
    const float width = std::min(150.0f, area.w);
    const int chosen =
        drop_down(ui, {x, area.y, width, area.h}, "experiment", "Experiment", choices, selected);
    if (chosen >= 0 && chosen != selected)
      view.session.open(choices[static_cast<std::size_t>(chosen)].name);
    return x + width + 4;
  }
  for (const ExperimentInfo& info : experiments) {
    const float width = ui.text_width(Face::body, info.label) + 24;
    const bool selected = info.name == current;
    if (button(ui, {x, area.y, width, area.h}, "experiment." + info.name, info.label,
               {ButtonStyle::quiet, Icon::none, true, selected}) &&
        !selected)
      view.session.open(info.name);
    ui.tooltip(info.promise);
    x += width + 4;
  }
  return x;
}

}  // namespace

void draw_top_bar(View& view, const Rect& area) {
  Ui& ui = view.ui;
  const bool narrow = area.w < 700;
  const float y = area.centre().y, height = ui.touch() ? 40.0f : 32.0f, top = y - height / 2;

  draw_mark(ui.draw(), {area.x + 24, y}, 16, ui.colours().class_a, ui.colours().class_b);
  float x = area.x + 42;
  if (!narrow) {
    ui.text(Face::title, x, y, ui.colours().text, "Neural ODE Playground");
    x += ui.text_width(Face::title, "Neural ODE Playground") + 24;
  }
  x = draw_experiments(view, {x, top, area.right() - x - (narrow ? 4 * height : 250), height});

  float right = area.right() - 12;
  const auto place = [&](const char* id, const char* label, ButtonLook look) {
    look.show_label = look.show_label && !narrow;
    const float width = look.show_label ? ui.text_width(Face::body, label) + 28 +
                                              (look.icon != Icon::none ? 16.0f : 0.0f)
                                        : height;
    right -= width;
    if (right > x && button(ui, {right, top, width, height}, id, label, look)) view.act(id);
    right -= 8;
  };
  if (!narrow && !ui.touch() &&
      button(ui, {right - height, top, height, height}, "shortcuts", "Keys",
             {ButtonStyle::quiet, Icon::help, true, false, false}))
    view.state.sheet_asked = true;
  if (!narrow && !ui.touch()) right -= height + 4;
  place("copy_link", "Share", {ButtonStyle::primary, narrow ? Icon::share : Icon::none});
  place("open_data", "Data", {ButtonStyle::raised, narrow ? Icon::data : Icon::none});
  place("toggle_theme", view.options.light ? "Dark theme" : "Light theme",
        {ButtonStyle::quiet, view.options.light ? Icon::moon : Icon::sun, true, false, false});
}

}  // namespace neural_ode::web
