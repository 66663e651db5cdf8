// SVG text, and the pieces of a plot that are text: labels, ticks, markers.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "playground/picture/frame.h"
#include "playground/picture/series_style.h"

namespace neural_ode::svg {

// The light theme of the page.
constexpr std::string_view background = "#f6f7f9", panel = "#ffffff", line = "#dfe3e9",
                           text_colour = "#1a2029", muted = "#667085";

std::string_view role_colour(Role role);
// The colour of the layer's series, or of its role.
std::string_view layer_colour(const Layer& layer);
// From dark violet at 0 to light green at 1, for values on a scale.
std::string scale_colour(double share);

// Text that grows at its end; numbers are written with two decimals.
class Markup {
 public:
  Markup& operator<<(std::string_view text) {
    text_.append(text);
    return *this;
  }
  Markup& operator<<(double value);
  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }

  // One line of plain words; `anchor`: start, middle or end.
  void write(double x, double y, std::string_view words, std::string_view anchor, int size,
             std::string_view colour, bool bold = false);
  void mark(double x, double y, Marker marker, std::string_view colour, bool hollow);

 private:
  std::string text_;
};

std::string escape(std::string_view text);

double scaled(const Axis& axis, double value);  // logarithm on a logarithmic axis
// A few round numbers; decades on a logarithmic axis, or 1, 2 and 5 where it has only one.
std::vector<double> ticks(const Axis& axis);
// Lines without a number between those of ticks: 2 to 9 in a decade, or the decades left out.
std::vector<double> minor_ticks(const Axis& axis);
// "0.25"; on a logarithmic axis that leaves 0.001 ... 1000, with a power of ten, as SVG text.
std::string tick_label(const Axis& axis, double value);

}  // namespace neural_ode::svg
