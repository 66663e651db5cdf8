#include "engine/core/nearest_name.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace neural_ode {

namespace {

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view nearest_name(std::string_view typed, std::span<const std::string_view> names) {
  typed = typed.substr(0, 60);
  std::string_view nearest;
  std::size_t fewest = 0;
  for (const std::string_view name : names) {
    const std::size_t edits = edit_distance(typed, name);
    if (edits * 3 <= name.size() && (nearest.empty() || edits < fewest)) {
      nearest = name;
      fewest = edits;
    }
  }
  return nearest;
}

std::string unknown_name(std::string_view what, std::string_view typed,
                         std::span<const std::string_view> names) {
  std::string text =
      "unknown " + std::string(what) + " '" + std::string(typed.substr(0, 60)) + "'; there are: ";
  for (const std::string_view known : names) {
    if (known != names.front()) text += ", ";
    text += known;
  }
  const std::string_view nearest = nearest_name(typed, names);
  if (!nearest.empty()) text += "; did you mean '" + std::string(nearest) + "'?";
  return text;
}

}  // namespace neural_ode
