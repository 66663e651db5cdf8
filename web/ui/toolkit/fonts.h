// Inter for words, JetBrains Mono for numbers, rasterised for the screen's density.
#pragma once

#include <imgui.h>

namespace neural_ode::web {

enum class Face { body, small, heading, title, mono, mono_small, mono_large };
inline constexpr int face_count = 7;

class Fonts {
 public:
  // Fills Dear ImGui's atlas for `density` device pixels per unit; the caller rebuilds the texture.
  void load(float density);
  float density() const { return density_; }
  ImFont* operator[](Face face) const { return fonts_[static_cast<int>(face)]; }

 private:
  ImFont* fonts_[face_count] = {};
  float density_ = 0;
};

}  // namespace neural_ode::web
