// Numbers as people and programs write them: a decimal point or comma, marks between thousands, the
// exponents of Fortran, a minus sign of Unicode.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/data/csv/table.h"

namespace neural_ode {

// Beyond it pictures, which are of single precision, could not show it.
inline constexpr double largest_number = 1e30;

// Nothing, NaN, NA, N/A, #N/A, null, - and ?: a value that is not known.
bool is_missing(std::string_view cell);

// How the numbers of a file are written. Either mark may stand between thousands when the other one
// is the decimal mark.
struct NumberStyle {
  char decimal = '.';
  bool thousands = false;  // some number has the other mark between its thousands
};

// What the numbers of these columns say together, since '1,234' alone says nothing. An error: they
// contradict each other, or do not say enough.
Result<NumberStyle> number_style(const CsvTable& table, std::span<const std::size_t> columns);

// Nothing for other text, and for what is not finite or larger than largest_number.
std::optional<double> read_number(std::string_view cell, NumberStyle style);

}  // namespace neural_ode
