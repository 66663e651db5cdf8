#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <string>

#include "engine/core/number_text.h"
#include "engine/core/rng.h"

using namespace neural_ode;

namespace {

// Significant digits that a text has, without the zeros at either end.
std::size_t digits_of(const std::string& text) {
  std::string digits;
  for (const char c : text.substr(0, text.find('e'))) {
    if (c >= '0' && c <= '9' && (c != '0' || !digits.empty())) digits.push_back(c);
  }
  while (!digits.empty() && digits.back() == '0') digits.pop_back();
  return digits.size();
}

void check_shortest(double value) {
  const std::string text = format_number(value);
  CAPTURE(text);
  CHECK(std::strtod(text.c_str(), nullptr) == value);
  CHECK(parse_number(text) == value);
  if (const auto digits = static_cast<int>(digits_of(text)); digits > 1) {
    char fewer[330];
    std::snprintf(fewer, sizeof fewer, "%.*g", digits - 1, value);
    CHECK(std::strtod(fewer, nullptr) != value);
  }
}

}  // namespace

TEST_CASE("number text: the shortest decimal that reads back to the same bits") {
  Rng rng(3);
  for (int i = 0; i < 4000; ++i) {
    const double size = std::pow(10, rng.uniform(-25, 25));
    check_shortest(size * rng.normal());
    const double unit = std::pow(10, static_cast<double>(rng.below(12)));
    check_shortest(std::floor(rng.uniform(-1e9, 1e9)) / unit);
  }
  for (const double value : {0.1, 1.0 / 3, 1e15, 1e14 + 0.5, 999999999999999.0, 1e-4, 9.9e-5, 1e22,
                             5e-324, 123456789.000000001, std::numeric_limits<double>::max()})
    check_shortest(value);
  CHECK(format_number(-0.125) == "-0.125");
  CHECK(format_number(300) == "300");
  CHECK(format_number(1e-5) == "1e-5");
  CHECK(format_number(-0.0) == "-0");
}

TEST_CASE("number text: decimals of any length are rounded correctly, and other text is none") {
  Rng rng(4);
  for (int i = 0; i < 4000; ++i) {
    std::string text = rng.below(2) == 0 ? "-" : "";
    const std::uint32_t digits = 1 + rng.below(20), point = rng.below(digits + 1);
    for (std::uint32_t k = 0; k < digits; ++k) {
      if (k == point) text.push_back('.');
      text.push_back(static_cast<char>('0' + rng.below(10)));
    }
    CAPTURE(text);
    CHECK(parse_number(text) == std::strtod(text.c_str(), nullptr));
  }
  for (const char* text : {"", "-", ".", "+.", "1.2.3", "1-2", "0x1", "nan", "1 ", "e5"})
    CHECK_FALSE(parse_number(text));
}
