#include "engine/core/number_text.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace neural_ode {

// printf and strtod rather than <charconv>: libc++ before 20 reads no floating-point numbers. Both
// are correctly rounded in glibc and musl, and nothing here calls setlocale.
std::string format_number(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
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
  const std::string copy(text);
  char* end = nullptr;
  const double value = std::strtod(copy.c_str(), &end);
  if (end != copy.c_str() + copy.size()) return {};
  return value;
}

}  // namespace neural_ode
