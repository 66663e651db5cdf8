// The whole picture: lays the panels out for the size at hand and draws them once a frame.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "web/ui/view_state.h"

namespace neural_ode::web {

class AppView {
 public:
  AppView(Session& session, std::function<void(std::string_view)> act);

  DisplayOptions& options() { return options_; }
  // Between ImGui::NewFrame and ImGui::Render; fills the display.
  void draw();
  // Rasterises the fonts when `density` (device pixels per unit) is new; true when the texture must
  // be made again.
  bool prepare_fonts(float density);
  // Something moves by itself: the next frame should come without waiting for input.
  bool animating() const { return ui_.animating(); }
  const std::vector<WidgetInfo>& widgets() const { return ui_.widgets(); }
  void forget_graphics() { state_.layers.heatmaps.forget(); }

 private:
  void draw_desktop(View& view, const Rect& screen);
  void draw_stacked(View& view, const Rect& screen);
  void draw_embedded(View& view, const Rect& screen);

  Session& session_;
  std::function<void(std::string_view)> act_;
  DisplayOptions options_;
  Fonts fonts_;
  Ui ui_;
  State state_;
};

}  // namespace neural_ode::web
