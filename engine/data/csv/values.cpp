#include "engine/data/csv/values.h"

#include <limits>
#include <optional>

#include "engine/core/number_text.h"

namespace neural_ode {

Result<double> read_value(const CsvTable& table, const CsvTable::Row& row, std::size_t column,
                          NumberStyle style) {
  const std::string_view cell = table.cell(row, column);
  if (const auto number = read_number(cell, style)) return *number;
  if (is_missing(cell)) return std::numeric_limits<double>::quiet_NaN();
  return error_at(row.line, column,
                  "expected a finite number" +
                      std::string(parse_number(cell) ? " of at most 1e30 in size" : "") +
                      ", found " + shown(cell));
}

void LeftOut::add(std::string_view what) {
  for (auto& [name, count] : counts_) {
    if (name != what) continue;
    ++count;
    return;
  }
  counts_.emplace_back(what, 1);
}

std::string LeftOut::in_words() const {
  std::string text;
  for (const auto& [name, count] : counts_) {
    text += (text.empty() ? "; " : ", ") + counted(static_cast<std::size_t>(count), "row") +
            " without " + name;
  }
  return text.empty() ? text : text + " dropped";
}

std::string in_words(NumberStyle style) {
  if (style.decimal == ',') {
    return style.thousands ? "; decimal comma, points between thousands" : "; decimal comma";
  }
  return style.thousands ? "; commas between thousands" : "";
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + ' ' + noun + (count == 1 ? "" : "s");
}

std::string quoted_if_needed(const std::string& cell) {
  const bool plain = cell.find_first_of(",;\t\"\r\n#|") == std::string::npos;
  if (plain) return cell;
  std::string text(1, '"');
  for (const char c : cell) text.append(c == '"' ? 2 : 1, c);
  return text + '"';
}

}  // namespace neural_ode
