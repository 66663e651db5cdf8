// The small immediate-mode layer that every panel draws with: exact rectangles, our faces and
// colours, and a list of what can be operated, for tests and assistive tools.
#pragma once

#include <imgui.h>

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "web/ui/toolkit/fonts.h"
#include "web/ui/toolkit/icons.h"
#include "web/ui/toolkit/marks.h"
#include "web/ui/toolkit/theme.h"

namespace neural_ode::web {

struct Rect {
  float x = 0, y = 0, w = 0, h = 0;

  float right() const { return x + w; }
  float bottom() const { return y + h; }
  ImVec2 min() const { return {x, y}; }
  ImVec2 max() const { return {x + w, y + h}; }
  ImVec2 centre() const { return {x + w / 2, y + h / 2}; }
  Rect inset(float dx, float dy) const { return {x + dx, y + dy, w - 2 * dx, h - 2 * dy}; }
  bool contains(ImVec2 p) const { return p.x >= x && p.x < right() && p.y >= y && p.y < bottom(); }
};

// One thing on the canvas that can be operated; positions in units of the viewport (CSS pixels).
struct WidgetInfo {
  std::string id, label, kind, value;
  float x = 0, y = 0, width = 0, height = 0;
};

enum class Align { left, centre, right };

struct Press {
  bool clicked = false, held = false, hovered = false, double_clicked = false, focused = false;
  bool secondary = false;  // the right button, or a finger that stays where it is
};

// Two fingers, or a wheel with Ctrl: enlarges about the pointer, and moves.
struct Pinch {
  double zoom = 1;
  ImVec2 pan;
};

// By how many units a panel scrolls at what Dear ImGui calls one turn of the wheel.
float wheel_turn();

class Ui {
 public:
  // Set once per frame, before any panel draws. `touch`: made for fingers, whatever points now.
  void begin(const Theme& theme, const Fonts& fonts, bool touch, bool reduced_motion);
  // For the next frame.
  void add_pinch(double zoom, ImVec2 pan);
  void add_hold() { next_held_long_ = true; }
  // A finger lifts that moves so many px/s down.
  void fling(float speed) { fling_.speed = reduced_motion_ ? 0 : -speed; }

  const Theme& colours() const { return *theme_; }
  const Fonts& fonts() const { return *fonts_; }
  ImDrawList* draw() const;  // of the window at hand
  Marks& marks() { return marks_; }
  bool touch() const { return touch_; }
  bool reduced_motion() const { return reduced_motion_; }
  float row_height() const { return touch_ ? 44.0f : 30.0f; }

  // --- lines of whole device pixels; a unit wide, or a little less
  float on_pixels(float at) const;
  void rule(ImVec2 from, ImVec2 to, ImU32 colour) const;  // upright or level
  void outline(const Rect& area, ImU32 colour, float radius, float width = 1) const;

  // --- text; `y` is the middle of the line
  float text_width(Face face, std::string_view text) const;
  float line_height(Face face) const;
  void text(Face face, float x, float y, ImU32 colour, std::string_view text,
            Align align = Align::left) const;
  // With "…" where it does not fit.
  void fitted_text(Face face, float x, float y, float width, ImU32 colour,
                   std::string_view text) const;
  // Wrapped, from the top; returns the height.
  float paragraph(Face face, float x, float y, float width, ImU32 colour,
                  std::string_view text) const;
  float paragraph_height(Face face, float width, std::string_view text) const;

  // --- interaction
  // An invisible area that can be pressed and focused, and is listed among the widgets.
  Press press(const Rect& area, std::string_view id, std::string_view label, std::string_view kind,
              std::string_view value = {});
  void list(const Rect& area, std::string_view id, std::string_view label, std::string_view kind,
            std::string_view value);
  // What presses is a finger or a pen, which have no wheel.
  bool finger() const { return ImGui::GetIO().MouseSource != ImGuiMouseSource_Mouse; }
  // A finger that moves up or down scrolls the panel it began in; one that moves sideways moves a
  // slider.
  enum class Drag { none, scroll, slide };
  Drag drag() const { return drag_; }
  void scroll_by_touch();  // inside a panel that scrolls; let go in motion, it runs on
  const Pinch& pinch() const { return pinch_; }
  // A press that has done its work, as a double click has, moves and clicks nothing when it ends.
  void ignore_press() { press_ignored_ = true; }
  bool press_ignored() const { return press_ignored_; }

  // After press: the pointer has rested on it for as long as a tooltip waits. While it waits, the
  // next frame comes without input.
  bool hovered_long();
  void tooltip(std::string_view text);  // after press, when it is hovered for a while
  const std::vector<WidgetInfo>& widgets() const { return widgets_; }

  // Moves towards `target` within 150 ms, one value per id; jumps where reduced motion is asked
  // for.
  float ease(std::string_view id, float target);
  bool animating() const { return animating_; }
  void keep_animating() { animating_ = true; }

 private:
  const Theme* theme_ = nullptr;
  const Fonts* fonts_ = nullptr;
  bool touch_ = false, reduced_motion_ = false, animating_ = false;
  Drag drag_ = Drag::none;
  struct Fling {
    ImGuiID window = 0;  // that a finger scrolls, or has let go in motion
    float speed = 0;     // px/s, positive: what lies further down comes into sight
  } fling_;
  bool press_ignored_ = false;
  Pinch pinch_, next_pinch_;
  bool held_long_ = false, next_held_long_ = false;
  std::vector<WidgetInfo> widgets_;
  Marks marks_;
  std::unordered_map<std::string, float> eased_;
};

}  // namespace neural_ode::web
