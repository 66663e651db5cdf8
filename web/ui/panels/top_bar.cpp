// Name, experiments, and what can be done with the page as a whole.
#include "web/ui/panels/view_state.h"
#include "web/ui/toolkit/controls.h"

namespace neural_ode::web {

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
