#include "engine/data/csv/numbers.h"

#include <algorithm>
#include <cmath>

#include "engine/core/number_text.h"

namespace neural_ode {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Marks of several bytes as the character that stands for them here.
struct Sign {
  std::string_view bytes;
  char meaning;
};
constexpr Sign signs[] = {
    {"\xE2\x88\x92", '-'},   // minus
    {"\xE2\x80\x93", '-'},   // en dash
    {"\xEF\xBC\x8D", '-'},   // full-width hyphen
    {"\xE2\x80\x99", '\''},  // apostrophe between thousands
    {"\xC2\xA0", ' '},       // no-break space between thousands
    {"\xE2\x80\xAF", ' '},   // narrow
    {"\xE2\x80\x89", ' '},   // thin
};

std::string in_ascii(std::string_view cell) {
  std::string text;
  while (!cell.empty()) {
    const auto* sign = std::find_if(std::begin(signs), std::end(signs),
                                    [&](const Sign& each) { return cell.starts_with(each.bytes); });
    const bool found = sign != std::end(signs);
    text.push_back(found ? sign->meaning : cell.front());
    cell.remove_prefix(found ? sign->bytes.size() : 1);
  }
  return text;
}

struct Parts {
  std::string_view sign, digits, exponent;  // of "-1.234,5e6": "-", "1.234,5", "e6"
};

Parts parts_of(std::string_view text) {
  Parts parts;
  const std::size_t begin = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const std::size_t end = std::min(text.find_first_of("eEdD", begin), text.size());
  parts.sign = text.substr(0, begin);
  parts.digits = text.substr(begin, end - begin);
  parts.exponent = text.substr(end);
  return parts;
}

// "1.234.567" for '.': groups of three after a first one of one to three digits, not led by a zero.
bool is_grouped(std::string_view digits, char mark) {
  std::size_t end = digits.find(mark);
  if (end == digits.npos || end == 0 || end > 3 || digits[0] == '0') return false;
  if (!std::all_of(digits.begin(), digits.begin() + static_cast<std::ptrdiff_t>(end), is_digit))
    return false;
  while (end != digits.npos) {
    digits.remove_prefix(end + 1);
    end = digits.find(mark);
    const std::string_view group = digits.substr(0, end);
    if (group.size() != 3 || !std::all_of(group.begin(), group.end(), is_digit)) return false;
  }
  return true;
}

enum class Says { nothing, point, comma, point_or_grouped, comma_or_grouped };

// What the marks of one number say of the decimal mark.
Says says(std::string_view cell) {
  const std::size_t dot = cell.rfind('.'), comma = cell.rfind(',');
  if (dot == cell.npos && comma == cell.npos) return Says::nothing;
  if (dot != cell.npos && comma != cell.npos) return dot > comma ? Says::point : Says::comma;
  const char mark = dot == cell.npos ? ',' : '.';
  const std::string text = in_ascii(cell);
  const Parts parts = parts_of(text);
  if (parts.digits.find_first_not_of("0123456789.,' ") != parts.digits.npos) return Says::nothing;
  const auto marks = std::count(parts.digits.begin(), parts.digits.end(), mark);
  const bool grouped = is_grouped(parts.digits, mark) && parts.exponent.empty();
  if (marks > 1) return mark == '.' ? Says::comma : Says::point;
  if (grouped) return mark == '.' ? Says::point_or_grouped : Says::comma_or_grouped;
  return mark == '.' ? Says::point : Says::comma;
}

bool has_one_point(std::string_view cell) {
  const std::size_t dot = cell.find('.');
  return dot != cell.npos && cell.find_first_of(".,", dot + 1) == cell.npos &&
         cell.find(',') == cell.npos;
}

// The first number that says something.
struct Evidence {
  int line = 0;
  std::size_t column = 0;
  std::string_view cell;
  void note(const CsvTable::Row& row, std::size_t at, std::string_view text) {
    if (line == 0) *this = {row.line, at, text};
  }
};

}  // namespace

bool is_missing(std::string_view cell) {
  if (cell.empty()) return true;
  if (cell.size() > 4) return false;
  const std::string word = lower_case(cell);
  for (const std::string_view each : {"nan", "na", "n/a", "#n/a", "null", "-", "?"}) {
    if (word == each) return true;
  }
  return false;
}

Result<NumberStyle> number_style(const CsvTable& table, std::span<const std::size_t> columns) {
  Evidence point, comma, either, grouped_point;
  bool groups = false;  // beside a decimal mark
  for (const CsvTable::Row& row : table.rows) {
    for (const std::size_t column : columns) {
      const std::string_view cell = table.cell(row, column);
      if (point.line > 0 && has_one_point(cell)) continue;  // says no more than that one did
      switch (says(cell)) {
        case Says::nothing:
          break;
        case Says::point:
          point.note(row, column, cell);
          groups = groups || cell.find(',') != cell.npos;
          break;
        case Says::comma:
          comma.note(row, column, cell);
          groups = groups || cell.find('.') != cell.npos;
          break;
        case Says::point_or_grouped:
          grouped_point.note(row, column, cell);
          break;
        case Says::comma_or_grouped:
          either.note(row, column, cell);
          break;
      }
    }
  }
  if (point.line > 0 && comma.line > 0) {
    const bool first = point.line < comma.line;
    const Evidence &earlier = first ? point : comma, &later = first ? comma : point;
    return error_at(later.line, later.column,
                    shown(later.cell) + " has a decimal " + (first ? "comma" : "point") + ", but " +
                        shown(earlier.cell) + " in line " + std::to_string(earlier.line) +
                        " a decimal " + (first ? "point" : "comma"));
  }
  if (either.line > 0 && point.line == 0 && comma.line == 0) {
    return error_at(either.line, either.column,
                    shown(either.cell) +
                        " may be a decimal comma or a mark between thousands, and no other number "
                        "tells which; write it with a decimal point or without the mark");
  }
  NumberStyle style;
  style.decimal = comma.line > 0 ? ',' : '.';
  style.thousands = groups || (comma.line > 0 ? grouped_point.line > 0 : either.line > 0);
  return style;
}

std::optional<double> read_number(std::string_view cell, NumberStyle style) {
  const auto in_range = [](std::optional<double> number) {
    return number && std::abs(*number) <= largest_number ? number : std::nullopt;
  };
  if (style.decimal == '.') {
    if (const auto plain = parse_number(cell)) return in_range(plain);
  }
  const std::string text = in_ascii(cell);
  const Parts parts = parts_of(text);
  const std::size_t end = std::min(parts.digits.rfind(style.decimal), parts.digits.size());
  const std::string_view whole = parts.digits.substr(0, end);
  for (const char mark : {style.decimal == '.' ? ',' : '.', '\'', ' '}) {
    if (whole.find(mark) != whole.npos && !is_grouped(whole, mark)) return {};
  }
  std::string number(parts.sign);
  for (const char c : whole) {
    if (c != ',' && c != '.' && c != '\'' && c != ' ') number.push_back(c);
  }
  if (end < parts.digits.size()) {
    number.push_back('.');
    number.append(parts.digits.substr(end + 1));
  }
  if (!parts.exponent.empty()) number.append("e").append(parts.exponent.substr(1));
  return in_range(parse_number(number));
}

}  // namespace neural_ode
