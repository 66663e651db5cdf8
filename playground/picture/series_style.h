// How curves of one picture are told apart: by colour, marker and filling at once, so that colour
// is never needed alone.
#pragma once

#include <string_view>

namespace neural_ode {

enum class Marker { circle, square, triangle, diamond, triangle_down, plus, hexagon, cross };

struct SeriesStyle {
  std::string_view colour;  // "#0072b2"
  Marker marker = Marker::circle;
  bool hollow = false;
};

// Colours that differ for every common kind of colour vision [okabe2008]. No two of the first 56
// styles have both colour and marker in common.
SeriesStyle series_style(int index);

}  // namespace neural_ode
