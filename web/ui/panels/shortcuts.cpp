// The keys, and the sheet that lists them.
#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>

#include "web/ui/panels/view_state.h"
#include "web/ui/toolkit/controls.h"

namespace neural_ode::web {

namespace {

void scrub(View& view, double by) {
  State& state = view.state;
  state.time_playing = false;
  state.time_fraction = std::clamp(state.time_fraction + by, 0.0, 1.0);
}

void open_neighbour(View& view, int by) {
  const auto& all = view.session.experiments();
  const auto count = static_cast<int>(all.size());
  for (int i = 0; i < count; ++i)
    if (all[static_cast<std::size_t>(i)].name == view.session.experiment().name)
      return view.session.open(all[static_cast<std::size_t>((i + by + count) % count)].name);
}

void toggle_numbers(View& view) {
  const Frame* frame = view.session.frame();
  if (const Plot* plot = frame ? hero_plot(view.state, *frame) : nullptr)
    toggle_table(view.state, plot->id);
}

struct Shortcut {
  const char* keys;
  const char* meaning;
  ImGuiKey key;
  void (*act)(View& view);
  bool control = false, repeats = false;
};

constexpr Shortcut shortcuts[] = {
    {"Space", "Play, pause", ImGuiKey_Space,
     [](View& view) { view.session.running() ? view.session.pause() : view.session.play(); }},
    {"S", "One step", ImGuiKey_S, [](View& view) { view.session.step(1); }, false, true},
    {"R", "Reset, with the same seed", ImGuiKey_R, [](View& view) { view.session.reset(); }},
    {"N", "New seed", ImGuiKey_N, [](View& view) { view.session.new_seed(); }},
    {"P", "Pin this run", ImGuiKey_P, [](View& view) { view.state.pinned.pin(view.session); }},
    {"Ctrl Z", "Undo a setting, or what was drawn", ImGuiKey_Z,
     [](View& view) { view.session.undo(); }, true},
    {",", "t back", ImGuiKey_Comma, [](View& view) { scrub(view, -0.02); }, false, true},
    {".", "t forth", ImGuiKey_Period, [](View& view) { scrub(view, 0.02); }, false, true},
    {"F", "Show the whole picture", ImGuiKey_F,
     [](View& view) {
       view.state.windows.clear();
       view.state.orbits.clear();
     }},
    {"[", "Experiment before", ImGuiKey_LeftBracket, [](View& view) { open_neighbour(view, -1); }},
    {"]", "Experiment after", ImGuiKey_RightBracket, [](View& view) { open_neighbour(view, 1); }},
    {"T", "The picture as a table, as a picture", ImGuiKey_T, toggle_numbers},
    {"C", "Colours: light, dark", ImGuiKey_C, [](View& view) { view.act("toggle_theme"); }},
    {"D", "Data as CSV", ImGuiKey_D, [](View& view) { view.act("open_data"); }},
    {"L", "Share: copy the link", ImGuiKey_L, [](View& view) { view.act("copy_link"); }},
    {"?", "These keys", ImGuiKey_Slash, [](View& view) { view.state.sheet_asked = true; }},
};

// What the pointer does.
constexpr std::array<std::array<const char*, 2>, 6> gestures = {{
    {"Wheel, pinch", "Enlarge the picture"},
    {"Drag", "Move it; turn what is in space"},
    {"Double click", "The whole again; of a value, its default"},
    {"Click a curve", "Keep its values in view"},
    {"Right click", "Erase a point; by finger, a long press"},
    {"Arrows, Enter", "Go from control to control, press; turn"},
}};

}  // namespace

void handle_keys(View& view) {
  const ImGuiIO& io = ImGui::GetIO();
  if (io.WantTextInput || ImGui::IsAnyItemActive()) return;
  for (const Shortcut& shortcut : shortcuts) {
    if (!ImGui::IsKeyPressed(shortcut.key, shortcut.repeats)) continue;
    if (shortcut.control != io.KeyCtrl || io.KeyAlt || io.KeySuper) continue;
    // The space bar presses what has the focus.
    if (shortcut.key == ImGuiKey_Space && io.NavVisible) continue;
    shortcut.act(view);
  }
}

void draw_shortcuts(View& view, const Rect& screen) {
  Ui& ui = view.ui;
  const Theme& colours = ui.colours();
  constexpr const char* popup = "shortcuts.sheet";
  if (std::exchange(view.state.sheet_asked, false)) ImGui::OpenPopup(popup);
  constexpr float row = 25, keys_width = 110, pad = 24;
  const std::size_t rows = std::size(shortcuts) + gestures.size();
  const float width = std::min(420.0f, screen.w - 32);
  const float height = std::min(row * static_cast<float>(rows) + 104, screen.h - 32);
  ImGui::SetNextWindowPos({screen.centre().x - width / 2, screen.centre().y - height / 2});
  ImGui::SetNextWindowSize({width, height});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  const bool open = ImGui::BeginPopup(popup, ImGuiWindowFlags_NoMove);
  ImGui::PopStyleVar();
  if (!open) return;
  const float x = ImGui::GetCursorScreenPos().x + pad;
  float y = ImGui::GetCursorScreenPos().y + 30;
  ui.text(Face::title, x, y, colours.text, "Keys and gestures");
  if (button(ui, {x + width - 2 * pad - 26, y - 15, 30, 30}, "shortcuts.close", "Close",
             {ButtonStyle::quiet, Icon::close, true, false, false}))
    ImGui::CloseCurrentPopup();
  y += 12;
  const auto line = [&](const char* keys, const char* meaning) {
    y += row;
    ui.text(Face::mono_small, x, y, colours.text, keys);
    ui.text(Face::body, x + keys_width, y, colours.muted, meaning);
  };
  for (const Shortcut& shortcut : shortcuts) line(shortcut.keys, shortcut.meaning);
  y += 10;
  for (const auto& [gesture, meaning] : gestures) line(gesture, meaning);
  ImGui::SetCursorScreenPos({x, y + row});
  ImGui::Dummy({1, 1});
  ImGui::EndPopup();
}

}  // namespace neural_ode::web
