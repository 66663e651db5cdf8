// What a person who mistyped a name most likely meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace neural_ode {

// The name with the fewest edits (insert, delete, replace a character) from `typed`; empty when
// none is near: more than a third of its length away.
std::string_view nearest_name(std::string_view typed, std::span<const std::string_view> names);
// "unknown system 'spirl'; there are: spiral, cubic_spiral; did you mean 'spiral'?"
std::string unknown_name(std::string_view what, std::string_view typed,
                         std::span<const std::string_view> names);

}  // namespace neural_ode
