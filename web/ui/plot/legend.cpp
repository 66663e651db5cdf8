#include "web/ui/plot/legend.h"

#include <algorithm>
#include <string_view>
#include <variant>

#include "web/app/tables/class_filter.h"
#include "web/ui/plot/layers.h"

namespace neural_ode::web {

namespace {

constexpr float gap = 31;  // mark and space before an entry's words
constexpr const char* class_names[] = {"class A", "class B"};

std::string key_of(const Plot& plot, std::string_view label) {
  return plot.id + "/" + std::string(label);
}

float entry_width(Ui& ui, const LegendEntry& entry) {
  return ui.text_width(Face::small, entry.text) + gap;
}

void draw_entry(Ui& ui, HiddenLayers& hidden, const Plot& plot, const LegendEntry& entry, float x,
                float y) {
  const Theme& colours = ui.colours();
  const std::string key = key_of(plot, entry.text);
  const bool off = hidden.contains(key);
  const float width = entry_width(ui, entry), reach = ui.touch() ? 22.0f : legend_row / 2;
  const Press press = ui.press({x + 6, y - reach, width - 6, 2 * reach}, "legend." + key,
                               "Show " + entry.text, "switch", off ? "" : "on");
  if (press.clicked && !hidden.erase(key)) hidden.insert(key);
  const ImU32 mark = off ? with_alpha(colours.muted, 0.4f) : entry.colour;
  const ImU32 words = off             ? with_alpha(colours.muted, 0.5f)
                      : press.hovered ? colours.text
                                      : colours.muted;
  const float left = x + 10;
  if (entry.dot) {
    ui.draw()->AddCircleFilled({left + 6, y}, 4, mark);
  } else {
    const float cut = entry.dashed ? 2.5f : 0.0f;
    ui.draw()->AddRectFilled({left, y - 1.2f}, {left + 6 - cut, y + 1.2f}, mark, 1);
    ui.draw()->AddRectFilled({left + 6 + cut, y - 1.2f}, {left + 12, y + 1.2f}, mark, 1);
  }
  ui.text(Face::small, x + gap - 4, y, words, entry.text);
}

}  // namespace

bool is_hidden(const HiddenLayers& hidden, const Plot& plot, const Layer& layer) {
  return !layer.label.empty() && hidden.contains(key_of(plot, layer.label));
}

const Layer* visible_part(const HiddenLayers& hidden, const Plot& plot, const Layer& layer,
                          Layer& room) {
  if (is_hidden(hidden, plot, layer)) return nullptr;
  if (groups_of(layer).empty() || hidden.empty()) return &layer;
  ShownClasses shown;
  for (std::size_t group = 0; group < shown.size(); ++group)
    shown[group] = !hidden.contains(key_of(plot, class_names[group]));
  if (shown[0] && shown[1]) return &layer;
  room = of_classes(layer, shown);
  return &room;
}

std::vector<LegendEntry> legend_of(Ui& ui, const Plot& plot) {
  std::vector<LegendEntry> entries;
  bool classes = false;
  for (const Layer& layer : plot.layers) {
    if (std::holds_alternative<Heatmap>(layer.shape) || std::holds_alternative<Image>(layer.shape))
      continue;
    if (!groups_of(layer).empty()) {
      if (!classes)
        for (unsigned group : {0u, 1u})
          entries.push_back({class_names[group], class_colour(ui.colours(), group), true, false});
      classes = true;
    } else if (!layer.label.empty()) {
      const bool known = std::any_of(entries.begin(), entries.end(), [&](const LegendEntry& entry) {
        return entry.text == layer.label;
      });
      if (!known)
        entries.push_back({layer.label, layer_colour(ui.colours(), layer),
                           std::holds_alternative<Points>(layer.shape), layer.dashed});
    }
  }
  return entries;
}

float legend_width(Ui& ui, const std::vector<LegendEntry>& entries) {
  float width = 0;
  for (const LegendEntry& entry : entries) width += entry_width(ui, entry);
  return width;
}

int legend_rows(Ui& ui, const std::vector<LegendEntry>& entries, float width) {
  int rows = entries.empty() ? 0 : 1;
  float x = 0;
  for (const LegendEntry& entry : entries) {
    const float wide = entry_width(ui, entry);
    if (x > 0 && x + wide > width) {
      ++rows;
      x = 0;
    }
    x += wide;
  }
  return rows;
}

void draw_legend(Ui& ui, HiddenLayers& hidden, const Plot& plot,
                 const std::vector<LegendEntry>& entries, const Rect& area, bool right) {
  const float begin = right ? area.right() - legend_width(ui, entries) : area.x - 10;
  float x = begin, y = area.y + legend_row / 2;
  for (const LegendEntry& entry : entries) {
    const float wide = entry_width(ui, entry);
    if (!right && x > begin && x + wide > area.right()) {
      x = begin;
      y += legend_row;
    }
    draw_entry(ui, hidden, plot, entry, x, y);
    x += wide;
  }
}

}  // namespace neural_ode::web
