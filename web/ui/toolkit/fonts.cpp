#include "web/ui/toolkit/fonts.h"

#include "web/ui/font_data.h"  // made by script/embed-fonts.mjs: the three subsets as bytes

namespace neural_ode::web {

namespace {

struct Row {
  const unsigned char* data;
  unsigned size;
  float em;           // size as a designer says it: of one em, in units
  float line_per_em;  // ascent + descent of the face, which is what Dear ImGui calls size
};

constexpr float inter = 1.2102f, jetbrains = 1.32f;

constexpr Row rows[face_count] = {
    {inter_regular_data, inter_regular_size, 14, inter},
    {inter_regular_data, inter_regular_size, 12, inter},
    {inter_semibold_data, inter_semibold_size, 11, inter},
    {inter_semibold_data, inter_semibold_size, 15, inter},
    {jetbrains_mono_data, jetbrains_mono_size, 13, jetbrains},
    {jetbrains_mono_data, jetbrains_mono_size, 11, jetbrains},
    {jetbrains_mono_data, jetbrains_mono_size, 16, jetbrains},
};

// What script/embed-fonts.mjs keeps.
constexpr ImWchar glyphs[] = {
    0x20,   0x7e,   0xa0,   0xff,   0x391,  0x3c9,  0x2009, 0x2009, 0x2010, 0x2014, 0x2018,
    0x201d, 0x2022, 0x2022, 0x2026, 0x2026, 0x2070, 0x209c, 0x2190, 0x2193, 0x2202, 0x2202,
    0x2211, 0x2212, 0x221a, 0x221a, 0x222b, 0x222b, 0x2248, 0x2248, 0x2264, 0x2265, 0};

}  // namespace

void Fonts::load(float density) {
  density_ = density;
  ImFontAtlas* atlas = ImGui::GetIO().Fonts;
  atlas->Clear();
  for (int i = 0; i < face_count; ++i) {
    ImFontConfig config;
    config.FontDataOwnedByAtlas = false;
    config.RasterizerDensity = density;
    config.OversampleH = density > 1.5f ? 1 : 2;
    config.PixelSnapH = false;
    fonts_[i] = atlas->AddFontFromMemoryTTF(const_cast<unsigned char*>(rows[i].data),
                                            static_cast<int>(rows[i].size),
                                            rows[i].em * rows[i].line_per_em, &config, glyphs);
  }
}

}  // namespace neural_ode::web
