// The whole picture: lays the panels out for the size at hand and draws them once a frame.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "web/ui/panels/view_state.h"

namespace neural_ode::web {

class AppView {
 public:
  AppView(Session& session, std::function<void(std::string_view)> act);

  DisplayOptions& options() { return options_; }
  // Between ImGui::NewFrame and ImGui::Render, on a ground of this colour.
  void draw();
  ImU32 ground() const { return theme(options_.light).background; }
  // Rasterises the fonts when `density` (device pixels per unit) is new; true when the texture must
  // be made again.
  bool prepare_fonts(float density);
  // Something moves by itself: the next frame should come without waiting for input.
  bool animating() const { return ui_.animating(); }
  void pinch(double zoom, ImVec2 pan) { ui_.add_pinch(zoom, pan); }
  void hold() { ui_.add_hold(); }
  void fling(float speed) { ui_.fling(speed); }
  // The value that waits to be typed in a field of the platform's; null: none.
  const State::Typing* typing() const { return state_.typing ? &*state_.typing : nullptr; }
  void end_typing() { state_.typing.reset(); }
  const std::vector<WidgetInfo>& widgets() const { return ui_.widgets(); }
  void forget_graphics();

 private:
  void draw_desktop(View& view, const Rect& screen);
  void draw_stacked(View& view, const Rect& screen);
  void draw_beside(View& view, const Rect& screen);
  void draw_small(View& view, const Rect& screen);
  void draw_tabs(View& view, const Rect& tabs, const Rect& rest, bool picture);
  void draw_embedded(View& view, const Rect& screen);

  // Of the transport in one line.
  float slim_height() const { return ui_.touch() ? 46.0f : 40.0f; }

  Session& session_;
  std::function<void(std::string_view)> act_;
  DisplayOptions options_;
  Fonts fonts_;
  Ui ui_;
  State state_;
};

}  // namespace neural_ode::web
