#include "playground/picture/series_style.h"

#include <array>

namespace neural_ode {

SeriesStyle series_style(int index) {
  // 7 colours and 8 markers: coprime. Without the palette's yellow, which is lost on white.
  constexpr std::array<std::string_view, 7> colours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                       "#e69f00", "#56b4e9", "#1a2029"};
  constexpr int markers = 8;
  const auto at = static_cast<std::size_t>(index);
  return {colours[at % colours.size()], static_cast<Marker>(index % markers),
          at / colours.size() % 2 == 1};
}

}  // namespace neural_ode
