#include "web/ui/toolkit/format.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>

namespace neural_ode::web {

namespace {

std::string print(const char* format, double value) {
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

// JetBrains Mono has no thin space; beside its digits a plain one looks the same.
constexpr const char* gap = " ";

}  // namespace

std::string count_text(double value) {
  if (!std::isfinite(value)) return "—";
  std::string digits = print("%.0f", value);
  for (int at = static_cast<int>(digits.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<std::size_t>(at), gap);
  return digits;
}

std::string number_text(double value) {
  if (!std::isfinite(value)) return "—";
  const double size = std::abs(value);
  if (size != 0 && (size < 1e-3 || size >= 1e6)) {
    std::string text = print("%.1e", value);  // "1.2e-05" -> "1.2e-5"
    const std::size_t mark = text.find('e');
    const int exponent = std::atoi(text.c_str() + mark + 1);
    return text.substr(0, mark) + "e" + std::to_string(exponent);
  }
  if (size >= 1000) return count_text(value);
  return print(size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.4f", value);
}

std::string sentence_case(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 32);
  return text;
}

std::string metric_text(const Metric& metric) {
  const double value = metric.value;
  if (!std::isfinite(value)) return "—";
  switch (metric.format) {
    case Metric::Format::number:
      return number_text(value);
    case Metric::Format::percent:
      return print("%.1f", 100 * value) + gap + "%";
    case Metric::Format::count:
      return count_text(std::round(value));
    case Metric::Format::milliseconds:
      return print(value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value) + gap + "ms";
    case Metric::Format::bytes:
      if (value < 1e3) return count_text(value) + gap + "B";
      if (value < 1e6) return print("%.0f", value / 1e3) + gap + "KB";
      return print("%.1f", value / 1e6) + gap + "MB";
  }
  return {};
}

}  // namespace neural_ode::web
