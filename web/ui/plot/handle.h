// The point of a plot that can be dragged (Points::handle): it follows the pointer, the trainer is
// told as fast as it answers, and a double click puts it back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "playground/contract/experiment.h"
#include "web/ui/plot/legend.h"
#include "web/ui/plot/plot_view.h"

namespace neural_ode::web {

// The one that is dragged, or that was until a moment ago.
struct HandleDrag {
  std::string plot;  // its id; empty: none
  bool held = false, moved = false;
  double x = 0, y = 0;
  std::uint64_t told = 0;   // the picture's number when the trainer was told last
  std::uint64_t until = 0;  // released, it stays where it was put till the picture of this number

  bool holds(const Plot& of) const { return held && plot == of.id; }
};

bool is_handle(const Layer& layer);

// Draws the plot's handle, if it has one, after the press of the plot; `frame` is the number of its
// picture. What the trainer is to be told, if anything: it has the pointer while `drag.held`.
std::optional<Edit> drag_handle(Ui& ui, HandleDrag& drag, const HiddenLayers& hidden,
                                std::uint64_t frame, const PlotView& plot_view, const Plot& plot,
                                const Press& press, bool may_grab);

}  // namespace neural_ode::web
