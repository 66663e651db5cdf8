#include "web/ui/panels/app_view.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "web/ui/toolkit/controls.h"

namespace neural_ode::web {

namespace {

constexpr float top_height = 48, left_width = 272, right_width = 316, bottom_height = 56;
constexpr float narrowest_desktop = 900, lowest_desktop = 460, wide = 1700;
// Below these there is no room for a panel under the picture, or beside it.
constexpr float lowest_stacked = 460, narrowest_beside = 560;

void line(Ui& ui, ImVec2 from, ImVec2 to) {
  ui.rule(from, to, ui.colours().line);
}

}  // namespace

bool DisplayOptions::hides(std::string_view part) const {
  return std::find(hide.begin(), hide.end(), part) != hide.end();
}

AppView::AppView(Session& session, std::function<void(std::string_view)> act)
    : session_(session), act_(std::move(act)) {}

bool AppView::prepare_fonts(float density) {
  if (density == fonts_.density()) return false;
  fonts_.load(density);
  return true;
}

void AppView::forget_graphics() {
  state_.layers.heatmaps.forget();
  ui_.marks().forget();
}

void AppView::draw() {
  const Theme& colours = theme(options_.light);
  apply_style(colours);
  ui_.begin(colours, fonts_, options_.touch, options_.reduced_motion);
  const ImVec2 size = ImGui::GetIO().DisplaySize;
  if (size.x < 1 || size.y < 1) return;
  state_.layers.streams = !options_.reduced_motion;
  // Paused, with t at its end: nothing moves, and nothing is drawn again until somebody does
  // something.
  const bool moves =
      session_.ready() && session_.opened() && (session_.running() || time_moves(state_, session_));
  state_.layers.dt = moves ? ImGui::GetIO().DeltaTime : 0;
  state_.layers.version = session_.frame_number();

  ImGui::SetNextWindowPos({0, 0});
  ImGui::SetNextWindowSize(size);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::PushStyleVar(ImGuiStyleVar_WindowBorderSize, 0);
  ImGui::PushStyleVar(ImGuiStyleVar_WindowRounding, 0);
  ImGui::Begin("playground", nullptr,
               ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove |
                   ImGuiWindowFlags_NoSavedSettings | ImGuiWindowFlags_NoBringToFrontOnFocus |
                   ImGuiWindowFlags_NoScrollWithMouse);
  ImGui::PopStyleVar(3);
  ImGui::PushFont(fonts_[Face::body]);
  const Rect screen{0, 0, size.x, size.y};
  View view{ui_, session_, options_, act_, state_};
  if (session_.ready() && session_.opened()) {
    handle_keys(view);
    if (options_.embed)
      draw_embedded(view, screen);
    else if (size.x >= narrowest_desktop && size.y >= lowest_desktop)
      draw_desktop(view, screen);
    else if (size.y >= lowest_stacked)
      draw_stacked(view, screen);
    else if (size.x >= narrowest_beside)
      draw_beside(view, screen);
    else
      draw_small(view, screen);
    draw_shortcuts(view, screen);
  }
  ImGui::PopFont();
  ImGui::End();
}

void AppView::draw_desktop(View& view, const Rect& screen) {
  const Theme& colours = ui_.colours();
  const float left = options_.hides("parameters") ? 0 : left_width;
  const float right = options_.hides("loss") ? 0 : right_width;
  const float bottom = options_.hides("transport") ? 0 : bottom_height;
  const Frame* frame = session_.frame();
  const bool beside_hero = screen.w > wide && frame && frame->plots.size() > 1;
  const Rect top{0, 0, screen.w, top_height};
  const Rect middle{left, top_height, screen.w - left - right, screen.h - top_height - bottom};
  const Rect transport{0, middle.bottom(), screen.w, bottom};

  ui_.draw()->AddRectFilled(top.min(), top.max(), colours.panel);
  ui_.draw()->AddRectFilled({0, top_height}, {left, middle.bottom()}, colours.panel);
  ui_.draw()->AddRectFilled({middle.right(), top_height}, {screen.w, middle.bottom()},
                            colours.panel);
  ui_.draw()->AddRectFilled(transport.min(), transport.max(), colours.panel);
  line(ui_, {0, top_height}, {screen.w, top_height});
  line(ui_, {left, top_height}, {left, middle.bottom()});
  line(ui_, {middle.right(), top_height}, {middle.right(), middle.bottom()});
  line(ui_, {0, middle.bottom()}, {screen.w, middle.bottom()});

  draw_top_bar(view, top);
  if (left > 0) draw_parameters(view, {0, top_height + 1, left, middle.h - 1});
  if (right > 0)
    draw_story(view, {middle.right() + 1, top_height + 1, right - 1, middle.h - 1},
               {!beside_hero, true, true});
  if (bottom > 0) draw_transport(view, transport);

  Rect hero = middle.inset(16, 16);
  hero.h += 8;  // the scrubber's own margin
  if (beside_hero) {
    // Room beside the hero: the other plots, large.
    const float beside = hero.w - std::min(hero.w * 0.62f, hero.h);
    hero.w -= beside;
    const auto plots = other_plots(state_, *frame);
    const float height = (hero.h - 8) / static_cast<float>(plots.size());
    for (std::size_t i = 0; i < plots.size(); ++i)
      draw_plot_card(
          view,
          {hero.right() + 24, hero.y + static_cast<float>(i) * height, beside - 24, height - 16},
          *plots[i]);
  }
  draw_hero(view, hero);
  draw_notices(view, middle);
}

// The names of what `rest` can show, and what is chosen of them. `picture`: it is one of them.
void AppView::draw_tabs(View& view, const Rect& tabs, const Rect& rest, bool picture) {
  const Theme& colours = ui_.colours();
  constexpr std::array<std::pair<Tab, const char*>, 4> names = {{{Tab::picture, "Picture"},
                                                                 {Tab::parameters, "Parameters"},
                                                                 {Tab::curves, "Curves"},
                                                                 {Tab::about, "About"}}};
  const std::size_t first = picture ? 0 : 1;
  const Tab shown = !picture && state_.tab == Tab::picture ? Tab::parameters : state_.tab;
  const float width = tabs.w / static_cast<float>(names.size() - first);
  line(ui_, {tabs.x, tabs.bottom()}, {tabs.right(), tabs.bottom()});
  for (std::size_t i = first; i < names.size(); ++i) {
    const auto& [tab, label] = names[i];
    const Rect area{tabs.x + width * static_cast<float>(i - first), tabs.y, width, tabs.h};
    const bool on = shown == tab;
    const Press press = ui_.press(area, std::string("tab.") + label, label, "tab", on ? "on" : "");
    ui_.text(Face::body, area.centre().x, area.centre().y,
             on || press.hovered ? colours.text : colours.muted, label, Align::centre);
    if (on)
      ui_.draw()->AddRectFilled({area.x + 8, area.bottom() - 2}, {area.right() - 8, area.bottom()},
                                colours.accent);
    if (press.clicked) state_.tab = tab;
  }
  if (rest.h < 20) return;
  if (shown == Tab::picture)
    draw_hero(view, rest.inset(rest.h > 160 ? 8.0f : 0.0f, rest.h > 160 ? 6.0f : 0.0f));
  else if (shown == Tab::parameters)
    draw_parameters(view, rest);
  else
    draw_story(view, rest, {shown == Tab::curves, shown == Tab::curves, shown == Tab::about});
}

// Taller than wide: the picture, and below it what is chosen of the panels.
void AppView::draw_stacked(View& view, const Rect& screen) {
  const Theme& colours = ui_.colours();
  const float picture = std::clamp(screen.w + 44, 240.0f, screen.h * 0.56f);
  const Rect top{0, 0, screen.w, top_height};
  const Rect hero{8, top_height + 8, screen.w - 16, picture - 8};
  const Rect transport{0, hero.bottom() + 4, screen.w, bottom_height};
  const Rect tabs{0, transport.bottom(), screen.w, ui_.touch() ? 44.0f : 38.0f};
  const Rect rest{0, tabs.bottom() + 1, screen.w, screen.h - tabs.bottom() - 1};

  ui_.draw()->AddRectFilled(top.min(), top.max(), colours.panel);
  ui_.draw()->AddRectFilled(transport.min(), screen.max(), colours.panel);
  line(ui_, {0, top.bottom()}, {screen.w, top.bottom()});
  line(ui_, {0, transport.y}, {screen.w, transport.y});
  line(ui_, {0, tabs.y}, {screen.w, tabs.y});

  draw_top_bar(view, top);
  draw_hero(view, hero);
  draw_transport(view, transport);
  draw_tabs(view, tabs, rest, false);
  draw_notices(view, {0, top_height, screen.w, picture});
}

// Low, as a phone on its side is: the picture, and beside it what is chosen of the panels.
void AppView::draw_beside(View& view, const Rect& screen) {
  const Theme& colours = ui_.colours();
  const float panel = std::min(308.0f, screen.w * 0.44f), left = screen.w - panel;
  const Rect top{0, 0, screen.w, top_height};
  const Rect transport{0, screen.h - slim_height(), left, slim_height()};
  const Rect hero{8, top_height + 8, left - 16, transport.y - top_height - 12};
  const Rect tabs{left, top_height, panel, ui_.touch() ? 44.0f : 38.0f};
  const Rect rest{left + 1, tabs.bottom() + 1, panel - 1, screen.h - tabs.bottom() - 1};

  ui_.draw()->AddRectFilled(top.min(), top.max(), colours.panel);
  ui_.draw()->AddRectFilled(transport.min(), transport.max(), colours.panel);
  ui_.draw()->AddRectFilled({left, top_height}, screen.max(), colours.panel);
  line(ui_, {0, top.bottom()}, {screen.w, top.bottom()});
  line(ui_, {0, transport.y}, {left, transport.y});
  line(ui_, {left, top_height}, {left, screen.h});

  draw_top_bar(view, top);
  draw_hero(view, hero);
  draw_transport(view, transport);
  draw_tabs(view, tabs, rest, false);
  draw_notices(view, {0, top_height, left, hero.h});
}

// Neither wide nor tall, as at 400 % of a page's zoom: the picture is one of the panels.
void AppView::draw_small(View& view, const Rect& screen) {
  const Theme& colours = ui_.colours();
  const Rect top{0, 0, screen.w, top_height};
  const Rect transport{0, screen.h - slim_height(), screen.w, slim_height()};
  const Rect tabs{0, top_height, screen.w, ui_.touch() ? 44.0f : 34.0f};
  const Rect rest{0, tabs.bottom() + 1, screen.w, transport.y - tabs.bottom() - 1};

  ui_.draw()->AddRectFilled(screen.min(), {screen.w, tabs.bottom()}, colours.panel);
  ui_.draw()->AddRectFilled(transport.min(), screen.max(), colours.panel);
  if (state_.tab != Tab::picture) ui_.draw()->AddRectFilled(rest.min(), rest.max(), colours.panel);
  line(ui_, {0, top.bottom()}, {screen.w, top.bottom()});
  line(ui_, {0, transport.y}, {screen.w, transport.y});

  draw_top_bar(view, top);
  draw_transport(view, transport);
  draw_tabs(view, tabs, rest, true);
  draw_notices(view, rest);
}

void AppView::draw_embedded(View& view, const Rect& screen) {
  const Theme& colours = ui_.colours();
  const float bottom = options_.hides("transport") ? 0 : slim_height();
  const Rect hero{6, 6, screen.w - 12, screen.h - bottom - 10};
  const Rect transport{0, screen.h - bottom, screen.w, bottom};
  draw_hero(view, hero);
  if (bottom > 0) {
    ui_.draw()->AddRectFilled(transport.min(), transport.max(), colours.panel);
    line(ui_, {0, transport.y}, {screen.w, transport.y});
    draw_transport(view, {transport.x, transport.y, transport.w - 76, transport.h});
    const float y = transport.centre().y - 15;
    if (!options_.hides("parameters") &&
        button(ui_, {screen.w - 74, y, 30, 30}, "settings", "Parameters",
               {ButtonStyle::quiet, Icon::gear, true, state_.overlay, false}))
      state_.overlay = !state_.overlay;
    if (button(ui_, {screen.w - 40, y, 30, 30}, "open_full_page", "Open the full page",
               {ButtonStyle::quiet, Icon::expand, true, false, false}))
      act_("open_full_page");
  }
  if (state_.overlay) {
    const Rect panel{hero.right() - std::min(288.0f, hero.w - 16) - 8, hero.y + 8,
                     std::min(288.0f, hero.w - 16), hero.h - 16};
    ImGui::SetCursorScreenPos(panel.min());
    ImGui::BeginChild("overlay", {panel.w, panel.h});
    ui_.draw()->AddRectFilled(panel.min(), panel.max(), with_alpha(colours.panel, 0.96f), 12);
    ui_.outline(panel, colours.line, 12);
    draw_parameters(view, panel.inset(0, 4));
    ImGui::EndChild();
  }
  draw_notices(view, hero);
}

}  // namespace neural_ode::web
