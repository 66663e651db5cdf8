// What a person who mistyped a name most likely meant.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace neural_ode {

// Of the rows of a table, or of what its pointers point to: views of the names that they hold.
template <class Rows>
std::vector<std::string_view> names_of(const Rows& rows) {
  std::vector<std::string_view> names;
  for (const auto& row : rows) {
    if constexpr (std::is_pointer_v<std::decay_t<decltype(row)>>) {
      names.push_back(row->name);
    } else {
      names.push_back(row.name);
    }
  }
  return names;
}

// The name with the fewest edits (insert, delete, replace a character) from `typed`; empty when
// none is near: more than a third of its length away.
std::string_view nearest_name(std::string_view typed, std::span<const std::string_view> names);
// "unknown system 'spirl'; there are: spiral, cubic_spiral; did you mean 'spiral'?"
std::string unknown_name(std::string_view what, std::string_view typed,
                         std::span<const std::string_view> names);

}  // namespace neural_ode
