// The experiments: names side by side while there is room, the others in a list with what each of
// them promises. A name that is pointed at promises too.
#include <algorithm>
#include <string>
#include <vector>

#include "web/ui/panels/view_state.h"
#include "web/ui/plot/preview.h"
#include "web/ui/toolkit/controls.h"

namespace neural_ode::web {

namespace {

constexpr float tab_pad = 24, tab_gap = 4, caret = 16;
constexpr const char* list_popup = "experiments.list";

float tab_width(Ui& ui, const std::string& label) {
  return ui.text_width(Face::body, label) + tab_pad;
}

// The data that it begins with; those without pictures carry the project's mark.
void draw_thumbnail(View& view, const ExperimentInfo& info, const Rect& tile) {
  Ui& ui = view.ui;
  const Theme& colours = ui.colours();
  ui.draw()->AddRectFilled(tile.min(), tile.max(), mix(colours.panel, colours.background, 0.5f), 7);
  ui.outline(tile, colours.line, 7);
  const float edge = tile.w / 8;
  if (const Plot* plot = view.session.thumbnail(info))
    draw_preview(ui, *plot, tile.inset(edge, edge));
  else if (!Session::has_thumbnail(info))
    draw_mark(ui.draw(), tile.centre(), tile.w / 2.6f, colours.class_a, colours.class_b);
}

void draw_hover_card(View& view, const ExperimentInfo& info, const Rect& tab) {
  if (!view.ui.hovered_long()) return;
  Ui& ui = view.ui;
  constexpr float side = 72, words = 210, pad = 12;
  const float room = ImGui::GetIO().DisplaySize.x - (side + words + 3 * pad + 8);
  ImGui::SetNextWindowPos({std::clamp(tab.x, 8.0f, std::max(room, 8.0f)), tab.bottom() + 14});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(pad, pad));
  if (ImGui::BeginTooltip()) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const float x = at.x + side + pad;
    const float tall = ui.paragraph_height(Face::small, words, info.promise);
    draw_thumbnail(view, info, {at.x, at.y, side, side});
    ui.text(Face::title, x, at.y + 9, ui.colours().text, info.label);
    ui.paragraph(Face::small, x, at.y + 24, words, ui.colours().muted, info.promise);
    ImGui::Dummy({side + pad + words, std::max(side, 24 + tall)});
    ImGui::EndTooltip();
  }
  ImGui::PopStyleVar();
}

// One row an experiment: what it looks like, its name and its promise.
void draw_list(View& view, const std::vector<const ExperimentInfo*>& listed, const Rect& anchor) {
  Ui& ui = view.ui;
  constexpr float pad = 6, tile = 50, row_height = tile + 2 * pad;
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  const float width = std::min(384.0f, screen.x - 16), y = anchor.bottom() + 10;
  const float height =
      std::min(row_height * static_cast<float>(listed.size()) + 2 * pad, screen.y - y - 8);
  ImGui::SetNextWindowPos({std::clamp(anchor.x, 8.0f, screen.x - width - 8), y});
  ImGui::SetNextWindowSize({width, height});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(pad, pad));
  const bool open = ImGui::BeginPopup(list_popup, ImGuiWindowFlags_NoMove);
  ImGui::PopStyleVar();
  if (!open) return;
  ui.scroll_by_touch();
  for (const ExperimentInfo* info : listed) {
    const ImVec2 at = ImGui::GetCursorScreenPos();
    const Rect row{at.x, at.y, ImGui::GetContentRegionAvail().x, row_height};
    const bool on = info->name == view.session.experiment().name;
    const Press press =
        ui.press(row, "experiment." + info->name, info->label, "option", on ? "on" : "");
    const bool focused = ImGui::IsItemFocused() && ImGui::GetIO().NavVisible;
    if (press.hovered || focused || on)
      ui.draw()->AddRectFilled(
          row.min(), row.max(),
          with_alpha(ui.colours().accent, press.hovered || focused ? 0.2f : 0.1f), 7);
    draw_thumbnail(view, *info, {row.x + pad, row.y + pad, tile, tile});
    const float x = row.x + tile + 3 * pad, words = row.right() - x - pad;
    ui.text(Face::body, x, row.y + 15, on ? ui.colours().accent : ui.colours().text, info->label);
    ui.paragraph(Face::small, x, row.y + 26, words, ui.colours().muted, info->promise);
    ImGui::SetCursorScreenPos({at.x, row.bottom()});
    if (!press.clicked) continue;
    ImGui::CloseCurrentPopup();
    if (!on) view.session.open(info->name);
  }
  ImGui::Dummy({0, 0});
  ImGui::EndPopup();
}

// Opens the list; says which experiment is open when that is no tab.
void draw_opener(View& view, const Rect& area, const std::string& label, bool selected) {
  Ui& ui = view.ui;
  const Theme& colours = ui.colours();
  const Press press = ui.press(area, "experiment", "Experiments", "choice", label);
  const float glow = ui.ease("experiment", press.hovered ? 1.0f : 0.0f);
  ui.draw()->AddRectFilled(area.min(), area.max(),
                           with_alpha(colours.raised, selected ? 1.0f : glow), 7);
  const ImU32 ink = selected ? colours.text : mix(colours.muted, colours.text, glow);
  ui.fitted_text(Face::body, area.x + tab_pad / 2, area.centre().y, area.w - tab_pad - caret + 4,
                 ink, label);
  const ImVec2 tip{area.right() - tab_pad / 2 - 3, area.centre().y + 2.5f};
  ui.draw()->AddTriangleFilled({tip.x - 4.5f, tip.y - 4.5f}, {tip.x + 4.5f, tip.y - 4.5f}, tip,
                               ink);
  if (press.clicked) ImGui::OpenPopup(list_popup);
}

}  // namespace

float draw_experiments(View& view, const Rect& area) {
  Ui& ui = view.ui;
  const std::vector<ExperimentInfo>& all = view.session.experiments();
  const ExperimentInfo& current = view.session.experiment();
  // How many are tabs: all of them, or as many as leave room for the widest name in the opener.
  float total = 0, widest = 0;
  for (const ExperimentInfo& info : all) {
    total += tab_width(ui, info.label) + tab_gap;
    widest = std::max(widest, tab_width(ui, info.label) + caret);
  }
  std::size_t tabs = all.size();
  constexpr std::size_t fewest = 3;
  while (tabs > 0 && total - tab_gap > area.w - (tabs < all.size() ? widest + tab_gap : 0))
    total -= tab_width(ui, all[--tabs].label) + tab_gap;
  // A finger does not hover: the list is where it can read the promises.
  if (tabs < fewest || ui.touch()) tabs = 0;

  float x = area.x;
  bool selected = tabs == 0;
  std::vector<const ExperimentInfo*> listed;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool on = all[i].name == current.name;
    if (i >= tabs) {
      listed.push_back(&all[i]);
      selected = selected || on;
      continue;
    }
    const Rect tab{x, area.y, tab_width(ui, all[i].label), area.h};
    const bool pressed = button(ui, tab, "experiment." + all[i].name, all[i].label,
                                {ButtonStyle::quiet, Icon::none, true, on});
    draw_hover_card(view, all[i], tab);
    if (pressed && !on) view.session.open(all[i].name);
    x = tab.right() + tab_gap;
  }
  if (listed.empty()) return x;
  const std::string label = selected ? current.label : "More";
  const Rect opener{x, area.y, std::min(tab_width(ui, label) + caret, area.right() - x), area.h};
  draw_opener(view, opener, label, selected);
  draw_list(view, listed, opener);
  return opener.right() + tab_gap;
}

}  // namespace neural_ode::web
