// The labels of two classes, of whatever kind: words, numbers, true and false.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/data/csv/numbers.h"

namespace neural_ode {

struct Labels {
  std::vector<int> of_row;           // 0 or 1
  std::array<std::string, 2> names;  // of the classes, as written
};

struct LabelCell {
  int line = 0;
  std::string_view text;
};

// Numbers by size, words by the alphabet whatever their case, so that false comes before true and
// no before yes. 0 and 1 stay what they are, also where only one of them is there. An error: there
// are not two classes.
Result<Labels> read_labels(std::span<const LabelCell> cells, std::size_t column, NumberStyle style);

}  // namespace neural_ode
