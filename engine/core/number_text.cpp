#include "engine/core/number_text.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace neural_ode {

namespace {

// 10^k, exactly.
constexpr double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                             1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
constexpr double largest_whole = 1e15;  // up to here every whole number of fifteen digits is exact

// Most numbers of tables are m / 10^k with a small m: both are exact, so that one division gives
// the double next to the decimal. This is many times as fast as printf and strtod in WebAssembly,
// where musl works with 128-bit numbers in software.
std::optional<double> parse_short(std::string_view text) {
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  double whole = 0;
  std::size_t digits = 0, decimals = 0;
  bool point = false;
  for (const char c : text) {
    if (c == '.' && !point) {
      point = true;
      continue;
    }
    if (c < '0' || c > '9' || ++digits > 15) return {};
    whole = 10 * whole + (c - '0');
    decimals += point ? 1 : 0;
  }
  if (digits == 0) return {};
  const double value = whole / powers[decimals];
  return negative ? -value : value;
}

// Empty: it has more decimals, or is written with an exponent.
std::string format_short(double value) {
  constexpr int most_decimals = 9;
  const double size = std::abs(value);
  if (!(size >= 1e-4 && size < largest_whole)) return {};
  for (int decimals = 0; decimals <= most_decimals; ++decimals) {
    const double whole = std::floor(size * powers[decimals] + 0.5);
    if (!(whole < largest_whole)) return {};
    if (whole / powers[decimals] != size) continue;
    std::string text = std::to_string(static_cast<long long>(whole));
    const auto places = static_cast<std::size_t>(decimals);
    if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
    if (places > 0) text.insert(text.size() - places, 1, '.');
    return value < 0 ? '-' + text : text;
  }
  return {};
}

}  // namespace

// printf and strtod rather than <charconv>: libc++ before 20 reads no floating-point numbers. Both
// are correctly rounded in glibc and musl, and nothing here calls setlocale.
std::string format_number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  if (std::string text = format_short(value); !text.empty()) return text;
  char buffer[40];
  // Fifteen digits that read back are the shortest ones and zeros, which %g leaves out; but of a
  // subnormal number fewer may do.
  const int fewest = std::abs(value) < std::numeric_limits<double>::min() ? 1 : 15;
  for (int digits = fewest; digits <= 17; ++digits) {
    std::snprintf(buffer, sizeof buffer, "%.*g", digits, value);
    if (std::strtod(buffer, nullptr) == value) break;
  }
  // "1e-05" is 1e-5 to a person, and "3e+02" is 300.
  const std::string text(buffer);
  const std::size_t mark = text.find('e');
  if (mark == std::string::npos) return text;
  const int exponent = std::atoi(buffer + mark + 1);
  if (exponent >= 0 && exponent < 15) {
    std::snprintf(buffer, sizeof buffer, "%.0f", value);
    if (std::strtod(buffer, nullptr) == value) return buffer;
  }
  return text.substr(0, mark) + "e" + std::to_string(exponent);
}

std::optional<double> parse_number(std::string_view text) {
  if (text.empty() || text.size() > 400) return {};
  if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return {};
  if (const auto value = parse_short(text)) return value;
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (end != copy.c_str() + copy.size()) return {};
  return value;
}

}  // namespace neural_ode
