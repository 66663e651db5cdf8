// What the person must know: a run that diverged, settings that cannot run, input that was ignored.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "web/ui/panels/view_state.h"
#include "web/ui/toolkit/controls.h"
#include "web/ui/toolkit/format.h"

namespace neural_ode::web {

namespace {

struct Action {
  const char* id;
  std::string label;
  ButtonStyle style;
};

// A calm card with a title, text and buttons, centred in `area`; returns the index of the button
// pressed, else -1.
int card(Ui& ui, const Rect& area, ImU32 mark, std::string_view title, std::string_view text,
         const std::vector<Action>& actions) {
  const float width = std::min(440.0f, area.w - 32), inner = width - 40;
  const float words = ui.paragraph_height(Face::body, inner, text);
  float buttons = 0, line = 0;
  const float height = ui.touch() ? 44.0f : 34.0f;
  for (const Action& action : actions) {
    const float wide = std::min(inner, ui.text_width(Face::body, action.label) + 28);
    if (buttons == 0 || line + wide > inner) {
      buttons += height + 8;
      line = 0;
    }
    line += wide + 8;
  }
  const float tall = 20 + 26 + words + (actions.empty() ? 0 : 14 + buttons) + 14;
  const Rect box{area.centre().x - width / 2, area.centre().y - tall / 2, width, tall};
  ui.draw()->AddRectFilled({box.x, box.y + 3}, {box.right(), box.bottom() + 5},
                           with_alpha(IM_COL32_BLACK, 0.25f), 12);
  ui.draw()->AddRectFilled(box.min(), box.max(), ui.colours().panel, 12);
  ui.outline(box, ui.colours().line, 12);
  ui.draw()->AddCircleFilled({box.x + 24, box.y + 29}, 4, mark);
  ui.text(Face::title, box.x + 36, box.y + 29, ui.colours().text, title);
  ui.paragraph(Face::body, box.x + 20, box.y + 46, inner, ui.colours().muted, text);
  float x = box.x + 20, y = box.y + 46 + words + 14;
  int pressed = -1;
  for (std::size_t i = 0; i < actions.size(); ++i) {
    const float wide = std::min(inner, ui.text_width(Face::body, actions[i].label) + 28);
    if (x > box.x + 20 && x + wide > box.x + 20 + inner) {
      x = box.x + 20;
      y += height + 8;
    }
    if (button(ui, {x, y, wide, height}, actions[i].id, actions[i].label, {actions[i].style}))
      pressed = static_cast<int>(i);
    x += wide + 8;
  }
  return pressed;
}

void draw_notes(View& view, const Rect& area) {
  Ui& ui = view.ui;
  const auto& notes = view.session.notes();
  constexpr std::size_t most = 4;
  float y = area.y + 72;
  for (std::size_t i = notes.size() > most ? notes.size() - most : 0; i < notes.size(); ++i) {
    const std::string note = sentence_case(notes[i]);
    const float width = std::min(area.w - 32, 380.0f);
    const float words = ui.paragraph_height(Face::body, width - 60, note);
    const Rect box{area.right() - width - 16, y, width, words + 20};
    ui.draw()->AddRectFilled(box.min(), box.max(), with_alpha(ui.colours().raised, 0.97f), 9);
    ui.outline(box, ui.colours().line, 9);
    ui.paragraph(Face::body, box.x + 14, box.y + 10, width - 60, ui.colours().text, note);
    if (button(ui, {box.right() - 34, box.y + 5, 28, 28}, "note." + std::to_string(i), "Dismiss",
               {ButtonStyle::quiet, Icon::close, true, false, false}))
      return view.session.dismiss_note(i);
    y += box.h + 8;
  }
}

}  // namespace

void draw_notices(View& view, const Rect& area) {
  Session& session = view.session;
  const Theme& colours = view.ui.colours();
  if (const auto& divergence = session.divergence()) {
    const std::string text = sentence_case(divergence->message) + ". Nothing is lost: step " +
                             count_text(static_cast<double>(divergence->good_step)) + " was fine.";
    const int pressed =
        card(view.ui, area, colours.bad,
             "Stopped at step " + count_text(static_cast<double>(divergence->step)), text,
             {{"rewind", "Rewind, half the learning rate", ButtonStyle::primary},
              {"diverged.reset", "Reset", ButtonStyle::raised}});
    if (pressed == 0) session.rewind();
    if (pressed == 1) session.reset();
  } else if (!session.problem().empty()) {
    std::vector<Action> actions;
    if (session.settings().find("data") >= 0 && session.settings().choice("data") == "own")
      actions.push_back({"problem.data", "Paste or load data", ButtonStyle::raised});
    // Own data are drawn on the plot: leave it free.
    const Rect place{area.x, area.y + 56, area.w, std::min(area.h - 56, 170.0f)};
    if (card(view.ui, place, colours.accent, "Not running yet", session.problem(), actions) == 0)
      view.act("open_data");
  }
  draw_notes(view, area);
}

}  // namespace neural_ode::web
