// Icons as strokes and shapes of the draw list, so that they are sharp at every density.
#pragma once

#include <imgui.h>

namespace neural_ode::web {

enum class Icon {
  none,
  play,
  pause,
  step,
  reset,
  plus,
  close,
  sun,
  moon,
  gear,
  arrow,
  undo,
  eraser,
  data,
  expand,
  share,
  pin,
  table,
  help
};

// Centred on `at`, inside a square of `size`.
void draw_icon(ImDrawList* draw, Icon icon, ImVec2 at, float size, ImU32 colour);

// The mark of the project: two paths that exchange places.
void draw_mark(ImDrawList* draw, ImVec2 at, float size, ImU32 first, ImU32 second);

}  // namespace neural_ode::web
