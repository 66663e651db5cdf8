#include "web/ui/toolkit/theme.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "playground/picture/series_style.h"

namespace neural_ode::web {

namespace {

constexpr ImU32 rgb(unsigned hex) {
  return IM_COL32((hex >> 16) & 255, (hex >> 8) & 255, hex & 255, 255);
}

constexpr Theme dark = {rgb(0x0e1116), rgb(0x151a22), rgb(0x1b212b), rgb(0x262e3a), rgb(0xe7ebf2),
                        rgb(0x8a94a6), rgb(0x6ea8fe), rgb(0x0e1116), rgb(0x4ea3f1), rgb(0xf29e4c),
                        rgb(0x5fd0a5), rgb(0xf2777a), false};
constexpr Theme light = {rgb(0xf6f7f9), rgb(0xffffff), rgb(0xf0f2f5), rgb(0xdfe3e9), rgb(0x1a2029),
                         rgb(0x667085), rgb(0x2767d6), rgb(0xffffff), rgb(0x2b7fd4), rgb(0xdd7a1b),
                         rgb(0x15936a), rgb(0xc4373b), true};

}  // namespace

const Theme& theme(bool want_light) {
  return want_light ? light : dark;
}

ImU32 role_colour(const Theme& theme, Role role) {
  switch (role) {
    case Role::class_a:
      return theme.class_a;
    case Role::class_b:
      return theme.class_b;
    case Role::truth:
      return theme.class_b;
    case Role::model:
      return theme.class_a;
    case Role::train:
      return theme.accent;
    case Role::test:
      return theme.muted;
    case Role::accent:
      return theme.accent;
    case Role::neutral:
      return mix(theme.muted, theme.text, 0.35f);
  }
  return theme.text;
}

ImU32 class_colour(const Theme& theme, unsigned group) {
  return group == 0 ? theme.class_a : theme.class_b;
}

ImU32 series_colour(const Theme& theme, int index) {
  const std::string text(series_style(index).colour.substr(1));
  const auto hex = static_cast<unsigned>(std::strtoul(text.c_str(), nullptr, 16));
  if (theme.light) return rgb(hex);
  // The palette is made for paper: its ink would be lost on the dark panel.
  constexpr unsigned ink = 0x1a2029;
  return hex == ink ? theme.text : mix(rgb(hex), theme.text, 0.15f);
}

int pinned_series(int colour) {
  // Green, pink, vermilion, ink: apart from the two classes, which are blue and orange.
  constexpr int series[] = {2, 3, 1, 6};
  return series[colour % 4];
}

ImU32 scale_colour(const Theme& theme, float share) {
  constexpr ImU32 stops[] = {rgb(0x440154), rgb(0x414487), rgb(0x2a788e),
                             rgb(0x22a884), rgb(0x7ad151), rgb(0xfde725)};
  const float at = (theme.light ? 0.0f : 1.0f) + 4 * std::clamp(share, 0.0f, 1.0f);
  const int i = std::min(static_cast<int>(at), 4);
  return mix(stops[i], stops[i + 1], at - static_cast<float>(i));
}

ImU32 with_alpha(ImU32 colour, float alpha) {
  const auto value = static_cast<ImU32>(std::clamp(alpha, 0.0f, 1.0f) * 255 + 0.5f);
  return (colour & ~IM_COL32_A_MASK) | (value << IM_COL32_A_SHIFT);
}

ImU32 mix(ImU32 a, ImU32 b, float t) {
  const ImVec4 from = ImGui::ColorConvertU32ToFloat4(a), to = ImGui::ColorConvertU32ToFloat4(b);
  const auto blend = [t](float x, float y) { return x + (y - x) * t; };
  return ImGui::ColorConvertFloat4ToU32(
      {blend(from.x, to.x), blend(from.y, to.y), blend(from.z, to.z), blend(from.w, to.w)});
}

void apply_style(const Theme& theme) {
  ImGuiStyle& style = ImGui::GetStyle();
  style.WindowPadding = {12, 10};
  style.FramePadding = {8, 5};
  style.ItemSpacing = {8, 4};
  style.WindowRounding = style.PopupRounding = 9;
  style.FrameRounding = 7;
  style.ScrollbarSize = 7;
  style.ScrollbarRounding = 4;
  style.WindowBorderSize = style.PopupBorderSize = 1;
  style.FrameBorderSize = 0;
  style.WindowMinSize = {1, 1};
  style.AntiAliasedLinesUseTex = false;
  style.CircleTessellationMaxError = 0.15f;
  style.HoverDelayNormal = 0.45f;

  const auto set = [&style](ImGuiCol slot, ImU32 colour) {
    style.Colors[slot] = ImGui::ColorConvertU32ToFloat4(colour);
  };
  for (ImGuiCol slot : {ImGuiCol_WindowBg, ImGuiCol_ChildBg, ImGuiCol_ScrollbarBg})
    set(slot, with_alpha(theme.panel, 0));
  set(ImGuiCol_PopupBg, theme.light ? theme.panel : theme.raised);
  set(ImGuiCol_Border, theme.line);
  set(ImGuiCol_Text, theme.text);
  set(ImGuiCol_TextDisabled, theme.muted);
  for (ImGuiCol slot : {ImGuiCol_FrameBg, ImGuiCol_FrameBgHovered, ImGuiCol_FrameBgActive})
    set(slot, theme.raised);
  set(ImGuiCol_Header, with_alpha(theme.accent, 0.22f));
  set(ImGuiCol_HeaderHovered, with_alpha(theme.accent, 0.16f));
  set(ImGuiCol_HeaderActive, with_alpha(theme.accent, 0.3f));
  set(ImGuiCol_ScrollbarGrab, theme.line);
  set(ImGuiCol_ScrollbarGrabHovered, theme.muted);
  set(ImGuiCol_ScrollbarGrabActive, theme.muted);
  set(ImGuiCol_TextSelectedBg, with_alpha(theme.accent, 0.35f));
  set(ImGuiCol_NavHighlight, theme.accent);
}

}  // namespace neural_ode::web
