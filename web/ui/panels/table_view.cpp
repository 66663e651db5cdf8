// The numbers of a plot in place of its picture.
#include <algorithm>
#include <string>
#include <vector>

#include "web/app/tables/plot_table.h"
#include "web/ui/panels/view_state.h"
#include "web/ui/toolkit/controls.h"
#include "web/ui/toolkit/format.h"

namespace neural_ode::web {

namespace {

constexpr float row_height = 19, gap = 16, dot = 12;
constexpr double copied_seconds = 1.5;

// How many of what, and what no rows are shown of.
std::string summary(const PlotTable& table) {
  std::string text =
      table.rows > 0 ? count_text(static_cast<double>(table.rows)) + " rows" : std::string();
  for (const std::string& note : table.notes) text += (text.empty() ? "" : " · ") + note;
  return text.empty() ? "nothing is shown" : text;
}

// Where each column ends: as wide as its name and its numbers, and a share of what is left.
std::vector<float> column_ends(Ui& ui, const PlotTable& table, float left, float width) {
  constexpr float widest_name = 150, most_spare = 60;
  const float digit = ui.text_width(Face::mono_small, "0");
  std::vector<float> widths;
  float total = 0;
  for (const TableColumn& column : table.columns) {
    const float name = ui.text_width(Face::small, column.name) + (column.layer ? dot : 0);
    const float numbers = digit * static_cast<float>(column.characters);
    widths.push_back(std::max(numbers, std::min(name, widest_name)) + gap);
    total += widths.back();
  }
  const float spare =
      std::clamp((width - total) / static_cast<float>(widths.size()), 0.0f, most_spare);
  std::vector<float> ends;
  for (const float each : widths) {
    left += each + spare;
    ends.push_back(left);
  }
  return ends;
}

void draw_names(Ui& ui, const PlotTable& table, const std::vector<float>& ends, float x, float y) {
  for (std::size_t i = 0; i < ends.size(); ++i) {
    const TableColumn& column = table.columns[i];
    const float mark = column.layer ? dot : 0, room = ends[i] - x - gap - mark;
    const float width = std::min(ui.text_width(Face::small, column.name), room);
    ui.fitted_text(Face::small, ends[i] - width, y, room + 1, ui.colours().muted, column.name);
    if (column.layer)
      ui.draw()->AddCircleFilled({ends[i] - width - 8, y}, 3,
                                 layer_colour(ui.colours(), *column.layer), 12);
    x = ends[i];
  }
}

// Only the rows that are in sight; the names stay above them.
void draw_rows(Ui& ui, const PlotTable& table, const Rect& area) {
  const Theme& colours = ui.colours();
  const ImVec2 origin = ImGui::GetCursorScreenPos();  // moves with the scroll
  const std::vector<float> ends = column_ends(ui, table, origin.x, area.w - 10);
  const float top = area.y + row_height + 4, end = ends.back() + 2;
  const auto first = static_cast<std::size_t>(std::max(0.0f, (area.y - origin.y) / row_height));
  const std::size_t last =
      std::min(table.rows, first + static_cast<std::size_t>(area.h / row_height) + 1);
  ui.draw()->PushClipRect({area.x, top}, area.max(), true);
  for (std::size_t row = first; row < last; ++row) {
    const float y = origin.y + row_height * (static_cast<float>(row) + 0.5f) + row_height + 6;
    if (row % 2 == 1)
      ui.draw()->AddRectFilled({area.x, y - row_height / 2}, {area.right(), y + row_height / 2},
                               with_alpha(colours.raised, 0.55f), 3);
    for (std::size_t i = 0; i < ends.size(); ++i)
      if (ends[i] > area.x && ends[i] - 140 < area.right())
        ui.text(Face::mono_small, ends[i], y, colours.text, cell_text(table.columns[i], row),
                Align::right);
  }
  ui.draw()->PopClipRect();
  draw_names(ui, table, ends, origin.x, area.y + row_height / 2);
  ui.rule({area.x, top - 1}, {area.right(), top - 1}, colours.line);
  ImGui::Dummy({end - origin.x, row_height * static_cast<float>(table.rows + 1) + 12});
}

}  // namespace

void toggle_table(State& state, const std::string& plot) {
  if (!state.tables.erase(plot)) state.tables.insert(plot);
}

void draw_table(View& view, const Rect& area, const Plot& plot) {
  Ui& ui = view.ui;
  std::vector<Layer> parts(plot.layers.size());
  std::vector<const Layer*> shown;
  for (std::size_t i = 0; i < plot.layers.size(); ++i)
    if (const Layer* layer = visible_part(view.state.hidden, plot, plot.layers[i], parts[i]))
      shown.push_back(layer);
  const PlotTable table = table_of(plot, shown);
  const std::string words = summary(table);
  ui.list(area, "table." + plot.id, plot.title, "table", words);
  if (table.rows == 0) {
    ui.paragraph(Face::small, area.x, area.y + 4, area.w, ui.colours().muted, words);
    return;
  }
  const bool copied =
      view.state.copied == plot.id && ImGui::GetTime() < view.state.copied_at + copied_seconds;
  const float head = ui.touch() ? 44.0f : 24.0f;
  const float button_width = ui.text_width(Face::body, "Copy as CSV") + 20;
  ui.fitted_text(Face::small, area.x, area.y + head / 2, area.w - button_width - 8,
                 ui.colours().muted, words);
  if (button(ui, {area.right() - button_width, area.y, button_width, head}, "copy." + plot.id,
             copied ? "Copied" : "Copy as CSV", {ButtonStyle::quiet})) {
    ImGui::SetClipboardText(csv_of(table).c_str());
    view.state.copied = plot.id;
    view.state.copied_at = ImGui::GetTime();
  }
  if (copied) ui.keep_animating();
  const Rect body{area.x, area.y + head + 4, area.w, area.h - head - 4};
  if (body.h < 2 * row_height) return;
  ImGui::SetCursorScreenPos(body.min());
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::BeginChild(("table." + plot.id).c_str(), {body.w, body.h}, ImGuiChildFlags_None,
                    ImGuiWindowFlags_HorizontalScrollbar);
  ImGui::PopStyleVar();
  ui.scroll_by_touch();
  if (ui.drag() == Ui::Drag::slide &&
      ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem))
    ImGui::SetScrollX(ImGui::GetScrollX() - ImGui::GetIO().MouseDelta.x);
  draw_rows(ui, table, body);
  ImGui::EndChild();
}

}  // namespace neural_ode::web
