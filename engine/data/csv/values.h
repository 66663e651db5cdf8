// What the readers of points and of trajectories have in common.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/result.h"
#include "engine/data/csv/columns.h"
#include "engine/data/csv/numbers.h"
#include "engine/data/csv/table.h"

namespace neural_ode {

// A finite number, NaN where it is missing, or what is there instead.
Result<double> read_value(const CsvTable& table, const CsvTable::Row& row, std::size_t column,
                          NumberStyle style);

// How many rows were left out, by what they lack.
class LeftOut {
 public:
  void add(std::string_view what);
  // "; 3 rows without y left out"; empty: none.
  std::string in_words() const;

 private:
  std::vector<std::pair<std::string, int>> counts_;
};

// "; decimal comma" and the like; empty: nothing to tell.
std::string in_words(NumberStyle style);
std::string counted(std::size_t count, const std::string& noun);  // "1 row", "2 rows"
// A cell that reads back as it is.
std::string quoted_if_needed(const std::string& cell);

}  // namespace neural_ode
