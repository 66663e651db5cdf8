#include "playground/picture/write/svg_markup.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "engine/core/math.h"

namespace neural_ode::svg {
namespace {

// The decades on a logarithmic axis: first ... last, every `stride`-th with a number.
struct Decades {
  int first, last, stride;
};

Decades decades_of(const Axis& axis) {
  const auto first = static_cast<int>(std::ceil(std::log10(std::max(axis.minimum, 1e-300))));
  const auto last = static_cast<int>(std::floor(std::log10(axis.maximum)));
  return {first, last, std::max((last - first) / 5, 1)};
}

std::string with_minus(std::string number) {
  if (number.front() == '-') number.replace(0, 1, "\u2212");
  return number;
}

// These multiples of every decade on the axis.
std::vector<double> within(const Axis& axis, const Decades& decades,
                           const std::vector<int>& digits) {
  std::vector<double> values;
  for (int k = decades.first - 1; k <= decades.last; ++k) {
    for (const int digit : digits) {
      const double value = digit * std::pow(10.0, k);
      if (value >= axis.minimum && value <= axis.maximum) values.push_back(value);
    }
  }
  return values;
}

std::string plain(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.6g", std::abs(value) < 1e-12 ? 0.0 : value);
  return with_minus(buffer);
}

}  // namespace

std::string_view role_colour(Role role) {
  switch (role) {
    case Role::class_a:
      return "#2b7fd4";
    case Role::class_b:
      return "#dd7a1b";
    case Role::truth:
      return "#8a94a6";
    case Role::model:
    case Role::accent:
    case Role::train:
      return "#2767d6";
    case Role::test:
      return "#15936a";
    case Role::neutral:
      break;
  }
  return "#667085";
}

std::string_view layer_colour(const Layer& layer) {
  return layer.series < 0 ? role_colour(layer.role) : series_style(layer.series).colour;
}

std::string scale_colour(double share) {
  // The lower three quarters of matplotlib's viridis: its yellow end is lost on white.
  constexpr std::array<std::array<double, 3>, 5> stops = {
      {{68, 1, 84}, {62, 74, 137}, {38, 130, 142}, {53, 183, 121}, {122, 209, 81}}};
  const double at = std::clamp(share, 0.0, 1.0) * (stops.size() - 1);
  const std::size_t i = std::min(static_cast<std::size_t>(at), stops.size() - 2);
  unsigned mixed[3];
  for (std::size_t k = 0; k < 3; ++k) {
    const double part = at - static_cast<double>(i);
    mixed[k] =
        static_cast<unsigned>(std::lround(stops[i][k] * (1 - part) + stops[i + 1][k] * part));
  }
  char buffer[8];
  std::snprintf(buffer, sizeof buffer, "#%02x%02x%02x", mixed[0], mixed[1], mixed[2]);
  return buffer;
}

Markup& Markup::operator<<(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.2f", std::isfinite(value) ? value : 0.0);
  text_.append(buffer);
  return *this;
}

void Markup::write(double x, double y, std::string_view words, std::string_view anchor, int size,
                   std::string_view colour, bool bold) {
  *this << "<text x=\"" << x << "\" y=\"" << y << "\" text-anchor=\"" << anchor << "\" font-size=\""
        << std::to_string(size) << "\" fill=\"" << colour << "\""
        << (bold ? " font-weight=\"600\"" : "") << ">" << escape(words) << "</text>\n";
}

void Markup::mark(double x, double y, Marker marker, std::string_view colour, bool hollow) {
  if (marker == Marker::circle) {
    *this << "<circle cx=\"" << x << "\" cy=\"" << y << "\" r=\"3.6\"";
  } else {
    // Of about the same area, from the middle.
    constexpr std::string_view shapes[] = {"",
                                           "m-3.2 -3.2h6.4v6.4h-6.4z",
                                           "m0 -4.6l4.2 7.4h-8.4z",
                                           "m0 -4.8l4.2 4.8l-4.2 4.8l-4.2 -4.8z",
                                           "m0 4.6l4.2 -7.4h-8.4z",
                                           "m-4.4 0h8.8m-4.4 -4.4v8.8",
                                           "m-4.2 0l2.1 -3.7h4.2l2.1 3.7l-2.1 3.7h-4.2z",
                                           "m-3.5 -3.5l7 7m0 -7l-7 7"};
    *this << "<path d=\"M" << x << " " << y << shapes[static_cast<std::size_t>(marker)] << "\"";
  }
  const bool strokes = marker == Marker::plus || marker == Marker::cross;
  *this << " fill=\""
        << (strokes  ? "none"
            : hollow ? panel
                     : colour)
        << "\" stroke=\"" << colour << "\" stroke-width=\"" << (strokes ? "1.9" : "1.3")
        << "\"/>\n";
}

std::string escape(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '<') {
      safe += "&lt;";
    } else if (c == '>') {
      safe += "&gt;";
    } else if (c == '&') {
      safe += "&amp;";
    } else if (c == '"') {
      safe += "&quot;";
    } else {
      safe += c;
    }
  }
  return safe;
}

double scaled(const Axis& axis, double value) {
  return axis.logarithmic ? math::log(std::max(value, 1e-300)) : value;
}

std::vector<double> ticks(const Axis& axis) {
  std::vector<double> values;
  if (!(axis.maximum > axis.minimum)) return values;
  if (axis.logarithmic) {
    const Decades decades = decades_of(axis);
    if (decades.last <= decades.first) return within(axis, decades, {1, 2, 5});
    for (int k = decades.first; k <= decades.last; k += decades.stride) {
      values.push_back(std::pow(10.0, k));
    }
    return values;
  }
  const double rough = (axis.maximum - axis.minimum) / 5;
  const double decade = std::pow(10.0, std::floor(std::log10(rough)));
  const double ratio = rough / decade;
  const double step = decade * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
  const double first = std::ceil(axis.minimum / step);
  for (int k = 0; k < 20 && (first + k) * step <= axis.maximum + 1e-9 * step; ++k) {
    values.push_back((first + k) * step);
  }
  return values;
}

std::vector<double> minor_ticks(const Axis& axis) {
  if (!axis.logarithmic || !(axis.maximum > axis.minimum)) return {};
  const Decades decades = decades_of(axis);
  constexpr int most_detailed = 5;
  const bool detailed = decades.last - decades.first <= most_detailed;
  return within(axis, decades,
                detailed ? std::vector<int>{2, 3, 4, 5, 6, 7, 8, 9} : std::vector<int>{1});
}

std::string tick_label(const Axis& axis, double value) {
  if (!axis.logarithmic || (axis.minimum > 0.9e-3 && axis.maximum < 1.1e4)) return plain(value);
  const auto exponent = std::floor(std::log10(value) + 1e-9);
  const long digit = std::lround(value / std::pow(10.0, exponent));
  const std::string power = with_minus(std::to_string(std::lround(exponent)));
  return (digit == 1 ? "" : std::to_string(digit) + "\u00b7") +
         "10<tspan dy=\"-4.5\" font-size=\"8.5\">" + power + "</tspan>";
}

}  // namespace neural_ode::svg
