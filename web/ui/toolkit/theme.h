// The colours of the page, dark and light, and what they stand for.
#pragma once

#include <imgui.h>

#include "playground/picture/frame.h"

namespace neural_ode::web {

struct Theme {
  ImU32 background, panel, raised, line;
  ImU32 text, muted;
  ImU32 accent, on_accent;
  ImU32 class_a, class_b, good, bad;
  bool light;
};

const Theme& theme(bool light);

// The colour of a layer, a path or a point.
ImU32 role_colour(const Theme& theme, Role role);
ImU32 class_colour(const Theme& theme, unsigned group);
ImU32 series_colour(const Theme& theme, int index);  // of one of many curves
int pinned_series(int colour);                       // what a pinned run is drawn as
inline ImU32 pinned_colour(const Theme& theme, int colour) {
  return series_colour(theme, pinned_series(colour));
}

// Of a value: 0 at the dark end of viridis, 1 at the light one, as far as the panel lets them be
// seen.
ImU32 scale_colour(const Theme& theme, float share);

ImU32 with_alpha(ImU32 colour, float alpha);  // alpha in [0, 1] replaces the colour's own
ImU32 mix(ImU32 a, ImU32 b, float t);         // a at 0, b at 1

// What of Dear ImGui's own style is still seen: popups, tooltips, text fields, scroll bars.
void apply_style(const Theme& theme);

}  // namespace neural_ode::web
