// The parameter table as controls, group by group. Nothing here knows a particular parameter.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "web/ui/panels/view_state.h"
#include "web/ui/plot/preview.h"
#include "web/ui/toolkit/controls.h"

namespace neural_ode::web {

namespace {

constexpr const char* group_titles[] = {"Data", "Model", "Solver", "Training"};

// Tiles for a choice whose options have pictures; returns the height used.
float draw_pictures(View& view, const Parameter& row, int index, const Rect& area) {
  Ui& ui = view.ui;
  const int count = static_cast<int>(row.choices.size());
  constexpr float gap = 8, smallest = 50;
  const int fitting = std::clamp(static_cast<int>((area.w + gap) / (smallest + gap)), 1, count);
  const int rows = (count + fitting - 1) / fitting,
            per_row = (count + rows - 1) / rows;  // even rows
  const float side = std::min(
      72.0f, (area.w - gap * static_cast<float>(per_row - 1)) / static_cast<float>(per_row));
  const int selected = static_cast<int>(view.session.settings().number(index));
  for (int i = 0; i < count; ++i) {
    const Choice& choice = row.choices[static_cast<std::size_t>(i)];
    const Rect tile{area.x + static_cast<float>(i % per_row) * (side + gap),
                    area.y + static_cast<float>(i / per_row) * (side + gap), side, side};
    const std::string id = "parameter." + row.name + "." + choice.name;
    const Press press = ui.press(tile, id, choice.label, "option", i == selected ? "on" : "");
    const float glow = ui.ease(id, press.hovered ? 1.0f : 0.0f);
    ui.draw()->AddRectFilled(tile.min(), tile.max(),
                             mix(ui.colours().raised, ui.colours().line, 0.6f * glow), 7);
    ui.outline(tile, i == selected ? ui.colours().accent : ui.colours().line, 7,
               i == selected ? 2.0f : 1.0f);
    if (const Plot* plot = view.session.preview(row.name, choice.name);
        plot && has_preview(*plot)) {
      draw_preview(ui, *plot, tile.inset(6, 6));
    } else if (choice.name == "own") {
      draw_icon(ui.draw(), Icon::plus, tile.centre(), 18,
                i == selected ? ui.colours().accent : ui.colours().muted);
    }
    ui.tooltip(choice.label);
    if (press.clicked && i != selected) view.session.set(row.name, choice.name);
  }
  return static_cast<float>(rows) * (side + gap) - gap;
}

// Over the value, and over some of its slider: a number may have more digits than are shown.
Rect field_area(const Rect& value) {
  constexpr float narrowest = 92, height = 26;
  const float width = std::max(value.w, narrowest);
  return {value.right() + 5 - width, value.centre().y - height / 2, width, height};
}

// Whether a second click followed the one that opened the typing.
bool is_second_click(const State::Typing& typing) {
  const ImGuiIO& io = ImGui::GetIO();
  return ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left) && typing.area.contains(io.MousePos) &&
         ImGui::GetTime() - typing.since < static_cast<double>(io.MouseDoubleClickTime);
}

// Where the platform has no field of its own.
void draw_field(View& view, const Parameter& row, State::Typing& typing) {
  ImGui::SetCursorScreenPos({typing.area.x, typing.area.centre().y - 12});
  ImGui::SetNextItemWidth(typing.area.w);
  ImGui::PushFont(view.ui.fonts()[Face::mono]);
  ImGui::PushStyleVar(ImGuiStyleVar_FramePadding, ImVec2(4, 3));
  if (!typing.focused) ImGui::SetKeyboardFocusHere();
  const bool entered =
      ImGui::InputText(("##" + row.name).c_str(), typing.text, sizeof typing.text,
                       ImGuiInputTextFlags_EnterReturnsTrue | ImGuiInputTextFlags_AutoSelectAll);
  const bool left = typing.focused && ImGui::IsItemDeactivated();
  typing.focused = true;
  ImGui::PopStyleVar();
  ImGui::PopFont();
  if (!entered && !left) return;
  if (!ImGui::IsKeyPressed(ImGuiKey_Escape) && std::strlen(typing.text) > 0)
    view.session.set(row.name, typing.text);
  view.state.typing.reset();
}

// The value at the right of a slider: click to type it, twice for its default.
void draw_value(View& view, const Parameter& row, int index, const Rect& area) {
  Ui& ui = view.ui;
  std::optional<State::Typing>& typing = view.state.typing;
  if (typing && typing->name == row.name) {
    typing->area = field_area(area);
    if (is_second_click(*typing)) {
      typing.reset();
      view.session.reset_parameter(row.name);
      if (view.options.native_fields) view.act("type_value");
      ui.keep_animating();
    } else if (!view.options.native_fields) {
      draw_field(view, row, *typing);
    }
    return;
  }
  const std::string value = view.session.settings().format(index);
  const Press press = ui.press(area, "value." + row.name, row.label, "value", value);
  const bool changed = !view.session.settings().is_default(index);
  ui.text(Face::mono, area.right(), area.centre().y,
          press.hovered ? ui.colours().accent
          : changed     ? ui.colours().text
                        : mix(ui.colours().muted, ui.colours().text, 0.55f),
          value, Align::right);
  if (!press.clicked) return;
  typing = {row.name, field_area(area), ImGui::GetTime(), false, {}};
  std::snprintf(typing->text, sizeof typing->text, "%s", value.c_str());
  if (view.options.native_fields) view.act("type_value");
}

void draw_control(View& view, const Parameter& row, int index, const Rect& area) {
  Ui& ui = view.ui;
  const Settings& settings = view.session.settings();
  const std::string id = "parameter." + row.name;
  const float label_width = area.w * 0.43f;
  const Rect right{area.x + label_width + 6, area.y, area.w - label_width - 6, area.h};

  ui.fitted_text(Face::body, area.x, area.centre().y, label_width, ui.colours().text, row.label);
  const Press named =
      ui.press({area.x, area.y, label_width, area.h}, "help." + row.name, row.label, "help");
  ui.tooltip(row.help);
  if (named.double_clicked) view.session.reset_parameter(row.name);

  switch (row.kind) {
    case Parameter::Kind::real:
    case Parameter::Kind::integer: {
      constexpr float value_width = 50;
      float position = slider_position(row, settings.number(index));
      const SliderResult moved = slider(ui, {right.x, right.y, right.w - value_width - 8, right.h},
                                        id, row.label, settings.format(index), position);
      if (moved.double_clicked) {
        view.session.reset_parameter(row.name);
      } else if (moved.changed) {
        const double value = slider_value(row, position);
        if (value != settings.number(index)) {
          char text[40];
          std::snprintf(text, sizeof text, "%.6g", value);
          view.session.set(row.name, text);
        }
      }
      draw_value(view, row, index, {right.right() - value_width, right.y, value_width, right.h});
      break;
    }
    case Parameter::Kind::choice: {
      const int selected = static_cast<int>(settings.number(index));
      std::vector<std::string> labels;
      float widest = 0;
      for (const Choice& choice : row.choices) {
        labels.push_back(choice.label);
        widest = std::max(widest, ui.text_width(Face::body, choice.label));
      }
      const Rect box = right.inset(0, std::max(0.0f, (right.h - (ui.touch() ? 40.0f : 28.0f)) / 2));
      const bool side_by_side =
          labels.size() <= 3 && (widest + 10) * static_cast<float>(labels.size()) <= box.w;
      const int clicked = side_by_side ? segmented(ui, box, id, row.label, labels, selected)
                                       : drop_down(ui, box, id, row.label, row.choices, selected);
      if (clicked >= 0)
        view.session.set(row.name, row.choices[static_cast<std::size_t>(clicked)].name);
      break;
    }
    case Parameter::Kind::flag:
      if (toggle(ui, right, id, row.label, settings.number(index) != 0))
        view.session.set(row.name, settings.number(index) != 0 ? "0" : "1");
      break;
    case Parameter::Kind::text:
      draw_value(view, row, index, right);
      break;
  }
}

}  // namespace

void draw_parameters(View& view, const Rect& area) {
  Ui& ui = view.ui;
  ImGui::SetCursorScreenPos(area.min());
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::BeginChild("parameters", {area.w, area.h}, ImGuiChildFlags_None);
  view.ui.scroll_by_touch();
  ImGui::PopStyleVar();
  if (view.options.lock) ImGui::BeginDisabled();
  constexpr float margin = 16;
  const float top = ImGui::GetCursorScreenPos().y;
  const float x = area.x + margin, width = area.w - 2 * margin;
  float y = top + 14;
  const Settings& settings = view.session.settings();
  for (int group = 0; group < 4; ++group) {
    bool headed = false;
    for (int i = 0; i < static_cast<int>(settings.table().size()); ++i) {
      const Parameter row = settings.table()[static_cast<std::size_t>(i)];
      if (static_cast<int>(row.group) != group || !settings.is_shown(i)) continue;
      if (!headed) {
        heading(ui, x, y + 6, group_titles[group]);
        y += 22;
        headed = true;
      }
      if (row.pictures) {
        y += draw_pictures(view, row, i, {x, y, width, 0}) + 8;
        continue;
      }
      draw_control(view, row, i, {x, y, width, ui.row_height()});
      y += ui.row_height();
    }
    if (headed) y += 16;
  }
  if (view.state.narrow_transport) {
    heading(ui, x, y + 6, "Run");
    draw_seed_and_speed(view, x, y + 22 + ui.row_height() / 2, ui.row_height() - 4);
    y += 22 + ui.row_height() + 12;
  }
  if (view.session.can_undo()) {
    if (button(ui, {x, y, 96, ui.row_height()}, "undo", "Undo", {ButtonStyle::quiet, Icon::undo}))
      view.session.undo();
    y += ui.row_height() + 8;
  }
  if (view.options.lock) ImGui::EndDisabled();
  ImGui::SetCursorScreenPos({area.x, y});
  ImGui::Dummy({1, 1});
  ImGui::EndChild();
}

}  // namespace neural_ode::web
