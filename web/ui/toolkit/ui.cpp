#include "web/ui/toolkit/ui.h"

#include <imgui_internal.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace neural_ode::web {

namespace {

const char* begin_of(std::string_view text) {
  return text.data();
}
const char* end_of(std::string_view text) {
  return text.data() + text.size();
}

}  // namespace

float wheel_turn() {
  return 5 * ImGui::GetIO().Fonts->Fonts[0]->FontSize;  // as its scrolling has it
}

void Ui::add_pinch(double zoom, ImVec2 pan) {
  next_pinch_.zoom *= zoom;
  next_pinch_.pan.x += pan.x;
  next_pinch_.pan.y += pan.y;
}

void Ui::begin(const Theme& theme, const Fonts& fonts, bool touch, bool reduced_motion) {
  theme_ = &theme;
  fonts_ = &fonts;
  touch_ = touch;
  reduced_motion_ = reduced_motion;
  animating_ = false;
  pinch_ = std::exchange(next_pinch_, {});
  held_long_ = std::exchange(next_held_long_, false);
  const ImGuiIO& io = ImGui::GetIO();
  if (!io.MouseDown[0] && !io.MouseReleased[0]) {
    drag_ = Drag::none;
    press_ignored_ = false;
  } else if (finger() && io.MouseDown[0] && drag_ == Drag::none && ImGui::IsMousePosValid()) {
    constexpr float slop = 8;  // px that a finger wavers
    const float dx = std::abs(io.MousePos.x - io.MouseClickedPos[0].x);
    const float dy = std::abs(io.MousePos.y - io.MouseClickedPos[0].y);
    if (std::max(dx, dy) > slop) drag_ = dy > dx ? Drag::scroll : Drag::slide;
  }
  widgets_.clear();
  marks_.begin();
}

ImDrawList* Ui::draw() const {
  ImDrawList* list = ImGui::GetWindowDrawList();
  list->_FringeScale = 1 / fonts().density();  // edges are softened over a device pixel
  return list;
}

float Ui::on_pixels(float at) const {
  return std::round(at * fonts().density()) / fonts().density();
}

void Ui::rule(ImVec2 from, ImVec2 to, ImU32 colour) const {
  const float width = std::max(1.0f, std::floor(fonts().density())) / fonts().density();
  const float x = on_pixels(from.x), y = on_pixels(from.y);
  draw()->AddRectFilled(
      {x, y},
      from.x == to.x ? ImVec2(x + width, on_pixels(to.y)) : ImVec2(on_pixels(to.x), y + width),
      colour);
}

void Ui::outline(const Rect& area, ImU32 colour, float radius, float width) const {
  const float pixels = std::max(1.0f, std::floor(width * fonts().density())),
              line = pixels / fonts().density();
  // Dear ImGui's line runs half a unit inside.
  const float inside = (line - 1) / 2;
  draw()->AddRect({on_pixels(area.x) + inside, on_pixels(area.y) + inside},
                  {on_pixels(area.right()) - inside, on_pixels(area.bottom()) - inside}, colour,
                  radius, 0, line);
}

float Ui::text_width(Face face, std::string_view text) const {
  const ImFont* font = fonts()[face];
  return font->CalcTextSizeA(font->FontSize, 1e9f, 0, begin_of(text), end_of(text)).x;
}

float Ui::line_height(Face face) const {
  return fonts()[face]->FontSize;
}

void Ui::text(Face face, float x, float y, ImU32 colour, std::string_view text, Align align) const {
  ImFont* font = fonts()[face];
  if (align != Align::left) x -= text_width(face, text) * (align == Align::right ? 1.0f : 0.5f);
  // Whole device pixels: glyphs are rasterised for them.
  const ImVec2 at{on_pixels(x), on_pixels(y - font->FontSize / 2)};
  draw()->AddText(font, font->FontSize, at, colour, begin_of(text), end_of(text));
}

void Ui::fitted_text(Face face, float x, float y, float width, ImU32 colour,
                     std::string_view full) const {
  if (text_width(face, full) <= width) return text(face, x, y, colour, full);
  const float dots = text_width(face, "…");
  std::size_t keep = full.size();
  while (keep > 0 && text_width(face, full.substr(0, keep)) + dots > width) {
    --keep;
    while (keep > 0 && (static_cast<unsigned char>(full[keep]) & 0xc0) == 0x80)
      --keep;  // whole UTF-8 characters
  }
  text(face, x, y, colour, std::string(full.substr(0, keep)) + "…");
}

float Ui::paragraph_height(Face face, float width, std::string_view text) const {
  const ImFont* font = fonts()[face];
  return font->CalcTextSizeA(font->FontSize, 1e9f, width, begin_of(text), end_of(text)).y;
}

float Ui::paragraph(Face face, float x, float y, float width, ImU32 colour,
                    std::string_view text) const {
  ImFont* font = fonts()[face];
  draw()->AddText(font, font->FontSize, {x, y}, colour, begin_of(text), end_of(text), width);
  return paragraph_height(face, width, text);
}

Press Ui::press(const Rect& area, std::string_view id, std::string_view label,
                std::string_view kind, std::string_view value) {
  if (area.w < 1 || area.h < 1) return {};
  list(area, id, label, kind, value);
  ImGui::SetCursorScreenPos(area.min());
  ImGui::PushID(begin_of(id), end_of(id));
  Press result;
  // What is drawn later lies on top and takes the press: cards and tools over the plot.
  if (kind == "plot") ImGui::SetNextItemAllowOverlap();
  result.clicked =
      ImGui::InvisibleButton("press", {area.w, area.h}) && drag_ != Drag::scroll && !press_ignored_;
  result.held = ImGui::IsItemActive();
  result.hovered = ImGui::IsItemHovered();
  result.focused = ImGui::IsItemFocused();
  result.secondary = (result.hovered && ImGui::IsMouseClicked(ImGuiMouseButton_Right)) ||
                     (result.held && held_long_ && drag_ == Drag::none);
  result.double_clicked = result.hovered && ImGui::IsMouseDoubleClicked(ImGuiMouseButton_Left);
  ImGui::PopID();
  return result;
}

void Ui::list(const Rect& area, std::string_view id, std::string_view label, std::string_view kind,
              std::string_view value) {
  const ImVec2 low = ImGui::GetWindowDrawList()->GetClipRectMin(),
               high = ImGui::GetWindowDrawList()->GetClipRectMax();
  const float x0 = std::max(area.x, low.x), y0 = std::max(area.y, low.y);
  const float x1 = std::min(area.right(), high.x), y1 = std::min(area.bottom(), high.y);
  if (x1 - x0 < 2 || y1 - y0 < 2) return;  // scrolled out of sight
  widgets_.push_back({std::string(id), std::string(label), std::string(kind), std::string(value),
                      x0, y0, x1 - x0, y1 - y0});
}

void Ui::scroll_by_touch() {
  constexpr float slowing = 0.35f;  // s, to 1/e of the speed
  constexpr float slowest = 60;     // px/s: windows scroll by whole pixels
  const ImGuiIO& io = ImGui::GetIO();
  const ImGuiID window = ImGui::GetCurrentWindowRead()->ID;
  if (io.MouseDown[0] || io.MouseReleased[0]) {
    if (ImGui::IsMouseClicked(ImGuiMouseButton_Left)) fling_ = {};
    if (drag_ != Drag::scroll ||
        !ImGui::IsWindowHovered(ImGuiHoveredFlags_AllowWhenBlockedByActiveItem))
      return;
    fling_.window = window;
    ImGui::SetScrollY(ImGui::GetScrollY() - io.MouseDelta.y);
  } else if (fling_.window == window) {
    const float scrolled = ImGui::GetScrollY();
    const bool ends = fling_.speed > 0 ? scrolled >= ImGui::GetScrollMaxY() : scrolled <= 0;
    fling_.speed *= std::exp(-io.DeltaTime / slowing);
    if (ends || std::abs(fling_.speed) < slowest) {
      fling_ = {};
      return;
    }
    ImGui::SetScrollY(scrolled + fling_.speed * std::min(io.DeltaTime, 0.1f));
    animating_ = true;
  }
}

bool Ui::hovered_long() {
  if (!ImGui::IsItemHovered()) return false;
  const bool long_enough =
      ImGui::IsItemHovered(ImGuiHoveredFlags_DelayNormal | ImGuiHoveredFlags_NoSharedDelay);
  // Then a tooltip takes a frame or two to find its size, however slow they are.
  constexpr float appearing = 0.1f;  // s
  const float before = ImGui::GetCurrentContext()->HoverItemDelayTimer - ImGui::GetIO().DeltaTime;
  if (before < ImGui::GetStyle().HoverDelayNormal + appearing) animating_ = true;
  return long_enough;
}

void Ui::tooltip(std::string_view text) {
  if (text.empty() || !hovered_long()) return;
  if (!ImGui::BeginTooltip()) return;
  ImGui::PushFont(fonts()[Face::body]);
  ImGui::PushTextWrapPos(280);
  ImGui::TextUnformatted(begin_of(text), end_of(text));
  ImGui::PopTextWrapPos();
  ImGui::PopFont();
  ImGui::EndTooltip();
}

float Ui::ease(std::string_view id, float target) {
  const auto [entry, is_new] = eased_.try_emplace(std::string(id), target);
  float& value = entry->second;
  if (is_new || reduced_motion_) return value = target;
  constexpr float duration = 0.15f;
  const float rate = 1 - std::exp(-4 * ImGui::GetIO().DeltaTime / duration);
  value += (target - value) * rate;
  if (std::abs(target - value) < 0.004f) value = target;
  if (value != target) animating_ = true;
  return value;
}

}  // namespace neural_ode::web
