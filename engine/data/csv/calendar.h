// Dates and clock times of a column, as numbers.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"

namespace neural_ode {

// How dates like 01/02/2024 are to be read.
enum class DayOrder { unknown, day_first, month_first };

struct Moment {
  enum class Kind { date, date_and_clock, clock };
  Kind kind = Kind::date;
  double days = 0;     // since 1970-01-01; 0 for a clock time alone
  double seconds = 0;  // of the day, minus the offset from UTC
  bool has_zone = false;
};

// Nothing for other text. ISO 8601: 2024-01-31, 2024-01-31T12:30[:05[.25]][Z|+01:00], also with a
// blank or with slashes; 31.01.2024 (day first), 31/01/2024 by `order` (both ways are tried when it
// is unknown); 1:30 PM; 12:30[:05[.25]], any number of hours.
std::optional<Moment> read_moment(std::string_view cell, DayOrder order);

// A column of such texts in days, or in seconds where there are clock times, since the earliest.
struct Moments {
  std::vector<double> since_first;
  std::string unit;   // "days", "seconds"
  std::string first;  // "2024-01-31", "2024-01-31 12:30:00", "12:30:00"
};
struct DatedCell {
  int line = 0;
  std::string_view text;
};
// An error: one that is no moment, that is of another kind than the first, or that cannot be told
// apart (01/02/2024 where no other date of the column shows which is the day).
Result<Moments> read_moments(std::span<const DatedCell> cells, std::size_t column);

}  // namespace neural_ode
