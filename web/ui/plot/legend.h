// What the lines and points of a plot stand for. An entry pressed hides its layers, and shows them
// again.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "playground/picture/frame.h"
#include "web/ui/toolkit/ui.h"

namespace neural_ode::web {

struct LegendEntry {
  std::string text;
  ImU32 colour;
  bool dot, dashed;
};

// What was switched off, as "plot/label": layers, and classes by the names of their entries.
using HiddenLayers = std::set<std::string>;
bool is_hidden(const HiddenLayers& hidden, const Plot& plot, const Layer& layer);
// What is left of a layer: itself, or `room` filled with the classes that are shown; null: it is
// hidden.
const Layer* visible_part(const HiddenLayers& hidden, const Plot& plot, const Layer& layer,
                          Layer& room);

// Layers with a label; the two classes once, however many layers show them.
std::vector<LegendEntry> legend_of(Ui& ui, const Plot& plot);

// In one row if it fits into `width`, else in several.
inline constexpr float legend_row = 18;
float legend_width(Ui& ui, const std::vector<LegendEntry>& entries);
int legend_rows(Ui& ui, const std::vector<LegendEntry>& entries, float width);
// Rows from `area.y` on, the middle of the first half a row below it; entries end at the right edge
// when there is but one row and `right`, else begin at the left.
void draw_legend(Ui& ui, HiddenLayers& hidden, const Plot& plot,
                 const std::vector<LegendEntry>& entries, const Rect& area, bool right);

}  // namespace neural_ode::web
