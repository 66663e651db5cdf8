#include "cli/commands/number_option.h"

#include <charconv>
#include <cmath>
#include <system_error>

#include "engine/core/number_text.h"

namespace neural_ode::cli {

namespace {

// The whole of the text as decimal digits.
template <class Whole>
bool read_digits(const std::string& text, Whole& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size();
}

CLI::ValidationError misfit(const std::string& option, const std::string& expected,
                            const std::string& found) {
  constexpr std::size_t longest = 60;
  return CLI::ValidationError(
      option, "expected " + expected + ", found '" + found.substr(0, longest) + "'");
}

}  // namespace

std::int64_t read_whole(const std::string& option, const std::string& text, std::int64_t low,
                        std::int64_t high) {
  std::int64_t value = 0;
  if (!read_digits(text, value) || value < low || value > high) {
    throw misfit(
        option, "a whole number from " + std::to_string(low) + " to " + std::to_string(high), text);
  }
  return value;
}

std::uint64_t read_seed(const std::string& option, const std::string& text) {
  std::uint64_t value = 0;
  if (!read_digits(text, value)) {
    throw misfit(
        option,
        "a whole number from 0 to " + std::to_string(std::numeric_limits<std::uint64_t>::max()),
        text);
  }
  return value;
}

double read_real(const std::string& option, const std::string& text) {
  const auto value = parse_number(text);
  if (!value || !std::isfinite(*value)) throw misfit(option, "a finite number", text);
  return *value;
}

CLI::Option* add_reals(CLI::App& command, const std::string& name, std::vector<double>& target,
                       const std::string& help) {
  const auto take = [&target, name](const std::vector<std::string>& texts) {
    target.clear();
    for (const std::string& text : texts) target.push_back(read_real(name, text));
  };
  return command.add_option_function<std::vector<std::string>>(name, take, help)
      ->type_name("NUMBER,...")
      ->delimiter(',');
}

}  // namespace neural_ode::cli
