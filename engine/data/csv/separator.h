// What stands between the cells of a row.
#pragma once

#include <optional>
#include <string_view>

namespace neural_ode {

// Found from a row: a tab, or a semicolon, which counts more than a comma, which may be of a number;
// ' ' for any number of blanks.
char separator_of(std::string_view row);

// Of "sep=;", the line by which Excel is told; nothing for other lines.
std::optional<char> told_separator(std::string_view line);

}  // namespace neural_ode
