#include "engine/data/csv/separator.h"

#include <cstddef>
#include <string>

#include "engine/data/csv/table.h"

namespace neural_ode {

namespace {

// `line` without what is in quotes.
std::string outside_quotes(std::string_view line) {
  std::string outside;
  bool inside = false;
  for (const char c : line) {
    if (c == '"') {
      inside = !inside;
    } else if (!inside) {
      outside.push_back(c);
    }
  }
  return outside;
}

// Tabs that stand beside another separator only align.
bool tabs_separate(std::string_view line) {
  const auto separates = [](char c) { return c == ',' || c == ';' || c == '|'; };
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\t') continue;
    const std::size_t before = i == 0 ? line.npos : line.find_last_not_of(" \t", i - 1);
    const std::size_t after = line.find_first_not_of(" \t", i);
    if (before == line.npos || after == line.npos) continue;
    if (!separates(line[before]) && !separates(line[after])) return true;
  }
  return false;
}

}  // namespace

char separator_of(std::string_view row) {
  const std::string line = outside_quotes(row);
  if (tabs_separate(line)) return '\t';
  for (const char candidate : {';', ',', '|'}) {
    if (line.find(candidate) != line.npos) return candidate;
  }
  return ' ';
}

std::optional<char> told_separator(std::string_view line) {
  line = without_blanks_around(line);
  if (line.size() > 1 && line.front() == '"' && line.back() == '"') {
    line = line.substr(1, line.size() - 2);
  }
  if (lower_case(line.substr(0, 4)) != "sep=" || line.size() > 5) return {};
  return line.size() == 5 ? line[4] : '\t';
}

}  // namespace neural_ode
