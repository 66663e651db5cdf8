#include "engine/data/csv/calendar.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>

#include "engine/data/csv/table.h"

namespace neural_ode {

namespace {

constexpr double day_seconds = 86400;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Takes text from its front.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}
  bool done() const { return text_.empty(); }
  char front() const { return text_.empty() ? '\0' : text_.front(); }
  bool take(char c) {
    if (front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void take_blanks() {
    while (take(' ')) {
    }
  }
  // A whole number of at least and at most so many digits.
  std::optional<int> number(std::size_t least, std::size_t most) {
    std::size_t count = 0;
    int value = 0;
    while (count < text_.size() && is_digit(text_[count])) {
      if (count < most) value = 10 * value + (text_[count] - '0');
      ++count;
    }
    if (count < least || count > most) return {};
    text_.remove_prefix(count);
    return value;
  }
  // What follows a decimal point or comma, as a share of one.
  double fraction() {
    double value = 0, place = 0.1;
    for (; is_digit(front()); place /= 10) {
      value += place * (front() - '0');
      text_.remove_prefix(1);
    }
    return value;
  }
  // "am" or "pm", after a blank or none.
  std::optional<bool> afternoon() {
    const std::string word = lower_case(without_blanks_around(text_));
    if (word != "am" && word != "pm") return {};
    text_ = {};
    return word == "pm";
  }

 private:
  std::string_view text_;
};

std::optional<double> days_of(int year, int month, int day) {
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return {};
  return static_cast<double>(std::chrono::sys_days(date).time_since_epoch().count());
}

// The two orders of a date without a year in front.
struct DayAndMonth {
  bool day_first = false, month_first = false;
};

// In days since 1970-01-01. `orders`: which of them are possible, of a date that leaves it open.
std::optional<double> read_date(Cursor& cursor, DayOrder order, DayAndMonth* orders) {
  Cursor ahead = cursor;
  if (const auto year = ahead.number(4, 4)) {
    const char mark = ahead.front();
    if ((mark != '-' && mark != '/' && mark != '.') || !ahead.take(mark)) return {};
    const auto month = ahead.number(1, 2);
    if (!month || !ahead.take(mark)) return {};
    const auto day = ahead.number(1, 2);
    if (!day) return {};
    cursor = ahead;
    return days_of(*year, *month, *day);
  }
  const auto first = cursor.number(1, 2);
  const char mark = cursor.front();
  if (!first || (mark != '-' && mark != '/' && mark != '.') || !cursor.take(mark)) return {};
  const auto second = cursor.number(1, 2);
  if (!second || !cursor.take(mark)) return {};
  const auto year = cursor.number(4, 4);
  if (!year) return {};
  if (mark == '.') order = DayOrder::day_first;
  const auto day_first = days_of(*year, *second, *first);
  const auto month_first = days_of(*year, *first, *second);
  if (order == DayOrder::unknown && orders) {
    *orders = {day_first.has_value(), month_first.has_value()};
  }
  if (order == DayOrder::month_first) return month_first;
  return day_first || order == DayOrder::day_first ? day_first : month_first;
}

// hh:mm[:ss[.fff]] [AM|PM] in seconds.
std::optional<double> read_clock(Cursor& cursor) {
  const auto hours = cursor.number(1, 5);
  if (!hours || !cursor.take(':')) return {};
  const auto minutes = cursor.number(2, 2);
  if (!minutes || *minutes > 59) return {};
  double seconds = 0;
  if (cursor.take(':')) {
    const auto whole = cursor.number(2, 2);
    if (!whole || *whole > 60) return {};
    seconds = *whole;
    if (cursor.take('.') || cursor.take(',')) seconds += cursor.fraction();
  }
  double hour = *hours;
  if (const auto afternoon = cursor.afternoon()) {
    if (hour < 1 || hour > 12) return {};
    hour = std::fmod(hour, 12) + (*afternoon ? 12 : 0);
  }
  return 3600 * hour + 60 * *minutes + seconds;
}

// Z, +01:00, +0100 or -05 in seconds; nothing when there is something else.
std::optional<double> read_zone(Cursor& cursor) {
  if (cursor.take('Z') || cursor.take('z')) return 0.0;
  const double sign = cursor.front() == '-' ? -1 : 1;
  if (!cursor.take('+') && !cursor.take('-')) return {};
  int hours = 0, minutes = 0;
  if (const auto both = cursor.number(4, 4)) {
    hours = *both / 100;
    minutes = *both % 100;
  } else {
    const auto whole = cursor.number(2, 2);
    if (!whole) return {};
    hours = *whole;
    if (cursor.take(':')) minutes = cursor.number(2, 2).value_or(99);
  }
  if (hours > 14 || minutes > 59) return {};
  return sign * (3600 * hours + 60 * minutes);
}

std::optional<Moment> read(std::string_view cell, DayOrder order, DayAndMonth* orders) {
  Moment moment;
  Cursor clock_alone(cell);
  if (const auto seconds = read_clock(clock_alone); seconds && clock_alone.done()) {
    moment.kind = Moment::Kind::clock;
    moment.seconds = *seconds;
    return moment;
  }
  Cursor cursor(cell);
  const auto days = read_date(cursor, order, orders);
  if (!days) return {};
  moment.days = *days;
  if (cursor.done()) return moment;
  moment.kind = Moment::Kind::date_and_clock;
  if (!cursor.take('T') && !cursor.take('t') && !cursor.take(' ')) return {};
  cursor.take_blanks();
  const auto seconds = read_clock(cursor);
  if (!seconds || *seconds > day_seconds) return {};
  moment.seconds = *seconds;
  cursor.take_blanks();
  if (cursor.done()) return moment;
  const auto zone = read_zone(cursor);
  if (!zone || !cursor.done()) return {};
  moment.has_zone = true;
  moment.seconds -= *zone;
  return moment;
}

// Of the whole column; an error where the orders contradict each other or none is told.
Result<DayOrder> day_order(std::span<const DatedCell> cells, std::size_t column) {
  bool day_first = true, month_first = true;
  const DatedCell* open = nullptr;
  for (const DatedCell& cell : cells) {
    DayAndMonth orders;
    if (!read(cell.text, DayOrder::unknown, &orders)) continue;
    if (!orders.day_first && !orders.month_first) continue;  // it says so itself
    if (!open) open = &cell;
    day_first = day_first && orders.day_first;
    month_first = month_first && orders.month_first;
    if (!day_first && !month_first) {
      return error_at(cell.line, column,
                      shown(cell.text) +
                          " has its day and month in another order than the dates "
                          "before; write them as 2024-01-31");
    }
  }
  if (open && day_first && month_first) {
    return error_at(open->line, column,
                    shown(open->text) +
                        " may have the day or the month first, and no other date of the column "
                        "tells which; write dates as 2024-01-31");
  }
  return month_first && !day_first ? DayOrder::month_first : DayOrder::day_first;
}

const char* name_of(const Moment& moment) {
  switch (moment.kind) {
    case Moment::Kind::date:
      return "a date";
    case Moment::Kind::clock:
      return "a clock time";
    case Moment::Kind::date_and_clock:
      return moment.has_zone ? "a date, a clock time and a time zone" : "a date and a clock time";
  }
  return "";
}

std::string write(const Moment& moment) {
  char text[40] = "";
  const double whole = std::floor(moment.seconds / day_seconds);
  const auto seconds = static_cast<int>(std::lround(moment.seconds - whole * day_seconds));
  char clock[24];
  std::snprintf(clock, sizeof clock, "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60,
                seconds % 60);
  if (moment.kind == Moment::Kind::clock) {
    const auto all = static_cast<long>(std::lround(moment.seconds));
    std::snprintf(text, sizeof text, "%02ld:%02ld:%02ld", all / 3600, all / 60 % 60, all % 60);
    return text;
  }
  const std::chrono::year_month_day date{
      std::chrono::sys_days(std::chrono::days(static_cast<int>(moment.days + whole)))};
  std::snprintf(text, sizeof text, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  if (moment.kind == Moment::Kind::date) return text;
  return std::string(text) + ' ' + clock + (moment.has_zone ? " UTC" : "");
}

}  // namespace

std::optional<Moment> read_moment(std::string_view cell, DayOrder order) {
  return read(cell, order, nullptr);
}

Result<Moments> read_moments(std::span<const DatedCell> cells, std::size_t column) {
  const auto order = day_order(cells, column);
  if (!order) return Error{order.error()};
  std::vector<Moment> moments;
  std::size_t earliest = 0;
  const auto before = [](const Moment& a, const Moment& b) {
    return (a.days - b.days) * day_seconds + (a.seconds - b.seconds) < 0;
  };
  for (const DatedCell& cell : cells) {
    const auto moment = read_moment(cell.text, order.value());
    if (!moment || (!moments.empty() &&
                    (moment->kind != moments[0].kind || moment->has_zone != moments[0].has_zone))) {
      const std::string expected =
          moments.empty() ? "a date or a clock time" : name_of(moments.front());
      return error_at(cell.line, column,
                      "expected " + expected + (moments.empty() ? "" : ", as in the rows before") +
                          ", found " + shown(cell.text));
    }
    moments.push_back(*moment);
    if (before(*moment, moments[earliest])) earliest = moments.size() - 1;
  }
  Moments read;
  if (moments.empty()) return read;
  const Moment& first = moments[earliest];
  const bool in_days = first.kind == Moment::Kind::date;
  read.unit = in_days ? "days" : "seconds";
  read.first = write(first);
  for (const Moment& moment : moments) {
    const double days = moment.days - first.days;
    read.since_first.push_back(in_days ? days
                                       : days * day_seconds + (moment.seconds - first.seconds));
  }
  return read;
}

}  // namespace neural_ode
