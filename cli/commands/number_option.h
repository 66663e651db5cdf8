// Options that are numbers: decimal, finite and within a range, or refused with both. CLI11's own
// conversions take -1 for 2^64 - 1, 010 for 8, and nan.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace neural_ode::cli {

inline constexpr std::int64_t largest_int = std::numeric_limits<int>::max();

// What is left of `text`; throws CLI::ValidationError, which names the option.
std::int64_t read_whole(const std::string& option, const std::string& text, std::int64_t low,
                        std::int64_t high);
std::uint64_t read_seed(const std::string& option, const std::string& text);
double read_real(const std::string& option, const std::string& text);

template <class Whole, class Target>
CLI::Option* add_whole(CLI::App& command, const std::string& name, Target& target, std::int64_t low,
                       std::int64_t high, const std::string& help) {
  const auto take = [&target, name, low, high](const std::string& text) {
    target = static_cast<Whole>(read_whole(name, text, low, high));
  };
  return command.add_option_function<std::string>(name, take, help)->type_name("INTEGER");
}

template <class Target>
CLI::Option* add_real(CLI::App& command, const std::string& name, Target& target,
                      const std::string& help) {
  const auto take = [&target, name](const std::string& text) { target = read_real(name, text); };
  return command.add_option_function<std::string>(name, take, help)->type_name("NUMBER");
}

CLI::Option* add_reals(CLI::App& command, const std::string& name, std::vector<double>& target,
                       const std::string& help);

}  // namespace neural_ode::cli
