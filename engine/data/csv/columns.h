// Which column of a table is what: by its name, in any order, or by its place where there are no
// names.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/data/csv/table.h"

namespace neural_ode {

enum class ColumnRole { t, x, y, label, weight, trajectory };
inline constexpr std::size_t column_roles = 6;

// What a kind of data asks for.
struct WantedColumns {
  std::vector<ColumnRole> needed, optional;
  // Without a header: the columns in order, for each number of them that is possible, the fewest
  // first; and how to say it.
  std::vector<std::vector<ColumnRole>> orders;
  std::string_view orders_in_words;  // "x,y,label"
};

class Columns {
 public:
  bool has(ColumnRole role) const { return place(role).has_value(); }
  // Of a column that is there.
  std::size_t at(ColumnRole role) const { return *place(role); }
  // As it is written in the table; empty: there is no header, or it is too long for an axis.
  std::string name(ColumnRole role) const;
  // "x ← 'x', y ← 'y'" with `class_names` after the label, and what is ignored.
  std::string in_words(const std::string& class_names) const;

 private:
  friend Result<Columns> find_columns(const CsvTable& table, const WantedColumns& wanted);
  const std::optional<std::size_t>& place(ColumnRole role) const {
    return places_[static_cast<std::size_t>(role)];
  }
  std::optional<std::size_t>& place(ColumnRole role) {
    return places_[static_cast<std::size_t>(role)];
  }

  std::array<std::optional<std::size_t>, column_roles> places_;
  std::vector<std::string> names_;  // of the table
};

// An error: a column is missing, two could be meant, or a row without a header has another number
// of fields.
Result<Columns> find_columns(const CsvTable& table, const WantedColumns& wanted);

// Whether a word names a column of any kind of data.
bool is_column_name(std::string_view word);

}  // namespace neural_ode
