// The right column: curves, what a step costs, what to look for and what to try.
#include <string>
#include <string_view>

#include "web/ui/panels/view_state.h"
#include "web/ui/toolkit/controls.h"
#include "web/ui/toolkit/format.h"

namespace neural_ode::web {

namespace {

// Headings and rows below one another; `y` moves down.
struct Column {
  View& view;
  float x, y, width;

  void head(std::string_view text) {
    heading(view.ui, x, y + 6, text);
    y += 24;
  }
  void row(std::string_view label, std::string_view value) {
    Ui& ui = view.ui;
    ui.text(Face::body, x, y + 12, ui.colours().muted, sentence_case(std::string(label)));
    ui.text(Face::mono, x + width, y + 12, ui.colours().text, value, Align::right);
    y += 25;
  }
};

void draw_curves(Column& column) {
  const Frame* frame = column.view.session.frame();
  if (!frame) return;
  for (const Plot* plot : other_plots(column.view.state, *frame)) {
    const float height =
        card_height(column.view, *plot, column.width, plot->equal_aspect ? 220.0f : 156.0f);
    draw_plot_card(column.view, {column.x, column.y, column.width, height}, *plot);
    column.y += height + 18;
  }
}

void draw_numbers(Column& column) {
  const Frame* frame = column.view.session.frame();
  if (!frame) return;
  const bool narrow = column.view.state.narrow_transport;
  const auto list = [&](std::string_view title, bool costs) {
    bool headed = false;
    for (const Metric& metric : frame->metrics) {
      const bool is_cost =
          metric.format != Metric::Format::number && metric.format != Metric::Format::percent;
      if ((metric.headline && !narrow) || is_cost != costs) continue;
      if (!headed) column.head(title);
      headed = true;
      column.row(metric.label, metric_text(metric));
    }
    if (headed) column.y += 14;
  };
  list("How well it does", false);
  list("Cost of a step", true);
}

void draw_about(Column& column) {
  View& view = column.view;
  Ui& ui = view.ui;
  const ExperimentInfo& info = view.session.experiment();
  column.head("What to look for");
  column.y +=
      ui.paragraph(Face::body, column.x, column.y, column.width, ui.colours().text, info.look_for) +
      20;
  if (info.suggestions.empty() || view.options.lock) return;
  column.head("Try");
  const float height = ui.touch() ? 44.0f : 36.0f;
  for (std::size_t i = 0; i < info.suggestions.size(); ++i) {
    const Suggestion suggestion = info.suggestions[i];
    const Rect area{column.x, column.y, column.width, height};
    const std::string id = "try." + std::to_string(i);
    const Press press = ui.press(area, id, suggestion.label, "button");
    const float glow = ui.ease(id, press.hovered ? 1.0f : 0.0f);
    ui.draw()->AddRectFilled(area.min(), area.max(),
                             mix(ui.colours().raised, ui.colours().line, 0.6f * glow), 7);
    ui.outline(area, ui.colours().line, 7);
    ui.fitted_text(Face::body, area.x + 12, area.centre().y, area.w - 48, ui.colours().text,
                   suggestion.label);
    draw_icon(ui.draw(), Icon::arrow, {area.right() - 18 + 2 * glow, area.centre().y}, 11,
              ui.colours().accent);
    if (press.clicked) {
      view.session.follow(suggestion);
      view.session.play();
    }
    column.y += height + 8;
  }
}

}  // namespace

void draw_story(View& view, const Rect& area, const Story& story) {
  ImGui::SetCursorScreenPos(area.min());
  ImGui::PushStyleVar(ImGuiStyleVar_WindowPadding, ImVec2(0, 0));
  ImGui::BeginChild("story", {area.w, area.h}, ImGuiChildFlags_None);
  view.ui.scroll_by_touch();
  ImGui::PopStyleVar();
  constexpr float margin = 16;
  Column column{view, area.x + margin, ImGui::GetCursorScreenPos().y + 14, area.w - 2 * margin};
  if (story.curves) draw_curves(column);
  if (story.numbers) column.y = draw_pinned_runs(view, column.x, column.y, column.width);
  if (story.numbers) draw_numbers(column);
  if (story.about) draw_about(column);
  ImGui::SetCursorScreenPos({area.x, column.y + 8});
  ImGui::Dummy({1, 1});
  ImGui::EndChild();
}

}  // namespace neural_ode::web
