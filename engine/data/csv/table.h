// Text as a table of cells, as spreadsheets, pandas, R and people write it. What the cells mean is
// not asked here.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"

namespace neural_ode {

struct CsvTable {
  struct Row {
    int line = 0;           // in the text, from 1: where the row begins
    std::size_t first = 0;  // of its cells
    std::size_t count = 0;
  };

  std::vector<std::string_view> names;  // of the columns, as written; none: there is no header
  std::vector<std::string_view> cells;  // without quotes and the blanks around
  std::vector<Row> rows;                // none of them empty
  std::deque<std::string> unquoted;     // cells with quotes inside, which the text does not hold

  // Empty: the row is too short for it.
  std::string_view cell(const Row& row, std::size_t column) const {
    return column < row.count ? cells[row.first + column] : std::string_view();
  }
};

// `text` is UTF-8 and outlives the table. `is_name`: whether a word is the name of a column that
// somebody looks for; it tells a header in a comment from a remark.
Result<CsvTable> read_table(std::string_view text, bool (*is_name)(std::string_view));

// A cell for a message: short, in quotes, without control characters; "nothing" for none.
std::string shown(std::string_view cell);
// "line 3, column 2: ..."; `column` counts from 0.
Error error_at(int line, std::size_t column, const std::string& what);
std::string_view without_blanks_around(std::string_view text);
std::string lower_case(std::string_view text);  // ASCII letters

}  // namespace neural_ode
