#include "web/ui/toolkit/controls.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace neural_ode::web {

namespace {

constexpr float radius = 7;

void focus_ring(Ui& ui, const Rect& area) {
  if (ImGui::IsItemFocused() && ImGui::GetIO().NavVisible)
    ui.outline(area.inset(-2, -2), ui.colours().accent, radius + 2, 1.5f);
}

constexpr float list_pad = 5;

// Of a list that opens at `area`: below it, or above where there is more room; never beyond the
// screen, then it scrolls.
Rect list_place(Ui& ui, const Rect& area, const std::vector<Choice>& options) {
  constexpr float away = 4, edge = 8, narrowest = 140;
  const ImVec2 screen = ImGui::GetIO().DisplaySize;
  float words = 0;
  for (const Choice& each : options) words = std::max(words, ui.text_width(Face::body, each.label));
  const float whole = ui.row_height() * static_cast<float>(options.size()) + 2 * list_pad;
  const float below = screen.y - edge - area.bottom() - away, above = area.y - away - edge;
  const bool upwards = whole > below && above > below;
  const float height = std::min(whole, std::max(upwards ? above : below, ui.row_height()));
  const float bar = height < whole ? ImGui::GetStyle().ScrollbarSize : 0;
  const float width =
      std::min(std::max({area.w, narrowest, words + 16 + 2 * list_pad + bar}), screen.x - 2 * edge);
  return {std::clamp(area.x, edge, std::max(edge, screen.x - edge - width)),
          upwards ? area.y - away - height : area.bottom() + away, width, height};
}

}  // namespace

bool button(Ui& ui, const Rect& area, std::string_view id, std::string_view label,
            const ButtonLook& look) {
  const Theme& colours = ui.colours();
  if (!look.enabled) ImGui::BeginDisabled();
  const Press press = ui.press(area, id, label, "button", look.selected ? "on" : "");
  if (!look.enabled) ImGui::EndDisabled();
  const float glow = look.enabled ? ui.ease(id, press.held      ? 1.0f
                                                : press.hovered ? 0.6f
                                                                : 0.0f)
                                  : 0.0f;
  ImU32 ink = look.enabled ? colours.text : with_alpha(colours.muted, 0.5f);
  if (look.style == ButtonStyle::primary) {
    ui.draw()->AddRectFilled(area.min(), area.max(),
                             mix(colours.accent, colours.text, 0.18f * glow), radius);
    ink = colours.on_accent;
  } else if (look.style == ButtonStyle::raised) {
    ui.draw()->AddRectFilled(area.min(), area.max(), mix(colours.raised, colours.line, glow),
                             radius);
    ui.outline(area, look.selected ? colours.accent : colours.line, radius,
               look.selected ? 1.5f : 1.0f);
  } else {
    if (look.selected || glow > 0)
      ui.draw()->AddRectFilled(area.min(), area.max(),
                               look.selected ? colours.raised : with_alpha(colours.raised, glow),
                               radius);
    if (!look.selected && look.enabled) ink = mix(colours.muted, colours.text, glow);
  }
  if (!look.show_label) {
    draw_icon(ui.draw(), look.icon, area.centre(), std::min(area.h * 0.46f, 17.0f), ink);
  } else if (look.icon != Icon::none) {
    const float width = ui.text_width(Face::body, label) + 22;
    const float x = area.centre().x - width / 2;
    draw_icon(ui.draw(), look.icon, {x + 7, area.centre().y}, 13, ink);
    ui.text(Face::body, x + 22, area.centre().y, ink, label);
  } else {
    ui.text(Face::body, area.centre().x, area.centre().y, ink, label, Align::centre);
  }
  focus_ring(ui, area);
  if (!look.show_label) ui.tooltip(label);
  return press.clicked && look.enabled;
}

SliderResult slider(Ui& ui, const Rect& area, std::string_view id, std::string_view label,
                    std::string_view value, float& position) {
  const Theme& colours = ui.colours();
  constexpr float knob = 7;
  const float low = area.x + knob, span = area.w - 2 * knob, y = area.centre().y;
  const Press press = ui.press(area, id, label, "slider", value);
  SliderResult result;
  result.double_clicked = press.double_clicked;
  if (press.double_clicked) ui.ignore_press();
  const bool slides = !ui.finger() || ui.drag() == Ui::Drag::slide ||
                      (press.clicked && ui.drag() == Ui::Drag::none);
  if ((press.held || press.clicked) && slides && !ui.press_ignored()) {
    const float moved = !ImGui::IsMousePosValid()
                            ? position
                            : std::clamp((ImGui::GetIO().MousePos.x - low) / span, 0.0f, 1.0f);
    result.changed = moved != position;
    position = moved;
  }
  const ImGuiIO& io = ImGui::GetIO();
  if (ImGui::IsItemFocused() && io.NavVisible) {
    for (const auto& [key, step] :
         {std::pair{ImGuiKey_LeftArrow, -0.02f}, std::pair{ImGuiKey_RightArrow, 0.02f}}) {
      // Ours, so that it does not move the focus as well.
      ImGui::SetKeyOwner(key, ImGui::GetItemID());
      if (!ImGui::IsKeyPressed(key, ImGui::GetItemID(), ImGuiInputFlags_Repeat)) continue;
      position = std::clamp(position + step, 0.0f, 1.0f);
      result.changed = true;
    }
  }
  const float x = low + span * position;
  ui.draw()->AddRectFilled({area.x, y - 2}, {area.right(), y + 2}, colours.line, 2);
  ui.draw()->AddRectFilled({area.x, y - 2}, {x, y + 2}, colours.accent, 2);
  const float glow = ui.ease(id, press.held ? 1.0f : press.hovered ? 0.6f : 0.0f);
  if (glow > 0)
    ui.draw()->AddCircleFilled({x, y}, knob + 4 * glow, with_alpha(colours.accent, 0.25f * glow));
  ui.draw()->AddCircleFilled({x, y}, knob, colours.text);
  focus_ring(ui, area);
  return result;
}

int segmented(Ui& ui, const Rect& area, std::string_view id, std::string_view label,
              const std::vector<std::string>& options, int selected) {
  const Theme& colours = ui.colours();
  int clicked = -1;
  ui.draw()->AddRectFilled(area.min(), area.max(), colours.raised, radius);
  const float width = area.w / static_cast<float>(options.size());
  for (std::size_t i = 0; i < options.size(); ++i) {
    const Rect part{area.x + width * static_cast<float>(i), area.y, width, area.h};
    const bool on = static_cast<int>(i) == selected;
    const std::string part_id = std::string(id) + "." + options[i];
    const Press press =
        ui.press(part, part_id, std::string(label) + ": " + options[i], "option", on ? "on" : "");
    if (on) ui.draw()->AddRectFilled(part.min(), part.max(), colours.accent, radius);
    const float glow = ui.ease(part_id, press.hovered ? 1.0f : 0.0f);
    ui.text(Face::body, part.centre().x, part.centre().y,
            on ? colours.on_accent : mix(colours.muted, colours.text, glow), options[i],
            Align::centre);
    focus_ring(ui, part);
    if (press.clicked && !on) clicked = static_cast<int>(i);
  }
  ui.outline(area, colours.line, radius);
  return clicked;
}

int drop_down(Ui& ui, const Rect& area, std::string_view id, std::string_view label,
              const std::vector<Choice>& options, int selected) {
  const Theme& colours = ui.colours();
  const Choice& current = options[static_cast<std::size_t>(selected)];
  const Press press = ui.press(area, id, label, "choice", current.name);
  const float glow = ui.ease(id, press.hovered ? 1.0f : 0.0f);
  ui.draw()->AddRectFilled(area.min(), area.max(), mix(colours.raised, colours.line, 0.6f * glow),
                           radius);
  ui.outline(area, colours.line, radius);
  ui.fitted_text(Face::body, area.x + 10, area.centre().y, area.w - 32, colours.text,
                 current.label);
  const ImVec2 tip{area.right() - 14, area.centre().y + 2.5f};
  ui.draw()->AddTriangleFilled({tip.x - 4.5f, tip.y - 4.5f}, {tip.x + 4.5f, tip.y - 4.5f}, tip,
                               colours.muted);
  focus_ring(ui, area);

  const std::string popup = std::string(id) + ".options";
  if (press.clicked) ImGui::OpenPopup(popup.c_str());
  int clicked = -1;
  const float height = ui.row_height();
  const Rect list = list_place(ui, area, options);
  ImGui::SetNextWindowPos(list.min());
  ImGui::SetNextWindowSize({list.w, list.h});
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(list_pad, list_pad));
  if (ImGui::BeginPopup(popup.c_str(), ImGuiWindowFlags_NoMove)) {
    ui.scroll_by_touch();
    if (ImGui::IsWindowAppearing())  // the chosen one in the middle, as far as the ends allow
      ImGui::SetScrollY(height * (static_cast<float>(selected) + 0.5f) + list_pad - list.h / 2);
    for (std::size_t i = 0; i < options.size(); ++i) {
      const ImVec2 at = ImGui::GetCursorScreenPos();
      const Rect row{at.x, at.y, ImGui::GetContentRegionAvail().x, height};
      const Press option =
          ui.press(row, std::string(id) + "." + options[i].name, options[i].label, "option");
      const bool on = static_cast<int>(i) == selected;
      if (on) ImGui::SetItemDefaultFocus();
      const bool pointed = option.hovered || (option.focused && ImGui::GetIO().NavVisible);
      if (pointed || on)
        ui.draw()->AddRectFilled(row.min(), row.max(),
                                 with_alpha(colours.accent, pointed ? 0.25f : 0.12f), 6);
      ui.text(Face::body, row.x + 8, row.centre().y, on ? colours.accent : colours.text,
              options[i].label);
      ImGui::SetCursorScreenPos({at.x, at.y + height});
      if (option.clicked) {
        clicked = static_cast<int>(i);
        ImGui::CloseCurrentPopup();
      }
    }
    ImGui::Dummy({0, 0});
    ImGui::EndPopup();
  }
  ImGui::PopStyleVar();
  return clicked;
}

bool toggle(Ui& ui, const Rect& area, std::string_view id, std::string_view label, bool on) {
  const Theme& colours = ui.colours();
  const Press press = ui.press(area, id, label, "switch", on ? "on" : "off");
  constexpr float width = 34, height = 18;
  const Rect track{area.right() - width, area.centre().y - height / 2, width, height};
  const float at = ui.ease(id, on ? 1.0f : 0.0f);
  ui.draw()->AddRectFilled(track.min(), track.max(), mix(colours.line, colours.accent, at),
                           height / 2);
  ui.draw()->AddCircleFilled({track.x + height / 2 + at * (width - height), track.centre().y},
                             height / 2 - 3, mix(colours.muted, colours.on_accent, at));
  focus_ring(ui, track);
  return press.clicked;
}

float heading(Ui& ui, float x, float y, std::string_view text) {
  // Capitals are set a little apart.
  for (const char letter : text) {
    const char upper = letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 32) : letter;
    const std::string_view glyph(&upper, 1);
    ui.text(Face::heading, x, y, ui.colours().muted, glyph);
    x += ui.text_width(Face::heading, glyph) + 0.7f;
  }
  return x;
}

float slider_position(const Parameter& row, double value) {
  if (row.scale == Parameter::Scale::logarithmic && row.minimum > 0)
    return static_cast<float>(std::log(value / row.minimum) / std::log(row.maximum / row.minimum));
  return static_cast<float>((value - row.minimum) / (row.maximum - row.minimum));
}

double slider_value(const Parameter& row, float position) {
  const double p = position;
  double value = row.scale == Parameter::Scale::logarithmic && row.minimum > 0
                     ? row.minimum * std::pow(row.maximum / row.minimum, p)
                     : row.minimum + p * (row.maximum - row.minimum);
  if (row.kind == Parameter::Kind::integer) return std::round(value);
  // Two significant digits are what a slider can mean.
  if (value == 0) return 0;
  const double digit = std::pow(10.0, std::floor(std::log10(std::abs(value))) - 1);
  value = std::round(value / digit) * digit;
  return std::clamp(value, row.minimum, row.maximum);
}

}  // namespace neural_ode::web
