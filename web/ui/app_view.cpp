#include "web/ui/app_view.h"

#include <algorithm>
#include <array>
#include <utility>

#include "web/ui/controls.h"

namespace neural_ode::web {

namespace {

constexpr float top_height = 48, left_width = 272, right_width = 316, bottom_height = 56;
constexpr float narrowest_desktop = 900, wide = 1700;

void line(Ui& ui, ImVec2 from, ImVec2 to) {
  ui.draw()->AddLine(from, to, ui.colours().line);
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
  ui_.draw()->AddRectFilled(screen.min(), screen.max(), colours.background);
  View view{ui_, session_, options_, act_, state_};
  if (session_.ready() && session_.opened()) {
    handle_keys(view);
    if (options_.embed)
      draw_embedded(view, screen);
    else if (size.x < narrowest_desktop)
      draw_stacked(view, screen);
    else
      draw_desktop(view, screen);
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

void AppView::draw_stacked(View& view, const Rect& screen) {
  const Theme& colours = ui_.colours();
  const float tabs_height = ui_.touch() ? 44.0f : 38.0f;
  const float picture = std::clamp(screen.w + 44, 240.0f, screen.h * 0.56f);
  const Rect top{0, 0, screen.w, top_height};
  const Rect hero{8, top_height + 8, screen.w - 16, picture - 8};
  const Rect transport{0, hero.bottom() + 4, screen.w, bottom_height};
  const Rect tabs{0, transport.bottom(), screen.w, tabs_height};
  const Rect rest{0, tabs.bottom() + 1, screen.w, screen.h - tabs.bottom() - 1};

  ui_.draw()->AddRectFilled(top.min(), top.max(), colours.panel);
  ui_.draw()->AddRectFilled(transport.min(), screen.max(), colours.panel);
  line(ui_, {0, top.bottom()}, {screen.w, top.bottom()});
  line(ui_, {0, transport.y}, {screen.w, transport.y});
  line(ui_, {0, tabs.y}, {screen.w, tabs.y});
  line(ui_, {0, tabs.bottom()}, {screen.w, tabs.bottom()});

  draw_top_bar(view, top);
  draw_hero(view, hero);
  draw_transport(view, transport);
  constexpr std::array<std::pair<Tab, const char*>, 3> names = {
      {{Tab::parameters, "Parameters"}, {Tab::curves, "Curves"}, {Tab::about, "About"}}};
  const float width = tabs.w / static_cast<float>(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto& [tab, label] = names[i];
    const Rect area{tabs.x + width * static_cast<float>(i), tabs.y, width, tabs.h};
    const bool on = state_.tab == tab;
    const Press press = ui_.press(area, std::string("tab.") + label, label, "tab", on ? "on" : "");
    ui_.text(Face::body, area.centre().x, area.centre().y,
             on || press.hovered ? colours.text : colours.muted, label, Align::centre);
    if (on)
      ui_.draw()->AddRectFilled({area.x + 12, area.bottom() - 2},
                                {area.right() - 12, area.bottom()}, colours.accent);
    if (press.clicked) state_.tab = tab;
  }
  if (rest.h > 20) {
    if (state_.tab == Tab::parameters)
      draw_parameters(view, rest);
    else
      draw_story(view, rest,
                 {state_.tab == Tab::curves, state_.tab == Tab::curves, state_.tab == Tab::about});
  }
  draw_notices(view, {0, top_height, screen.w, picture});
}

void AppView::draw_embedded(View& view, const Rect& screen) {
  const Theme& colours = ui_.colours();
  constexpr float strip = 40;
  const float bottom = options_.hides("transport") ? 0 : strip;
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
    ui_.draw()->AddRect(panel.min(), panel.max(), colours.line, 12);
    draw_parameters(view, panel.inset(0, 4));
    ImGui::EndChild();
  }
  draw_notices(view, hero);
}

}  // namespace neural_ode::web
