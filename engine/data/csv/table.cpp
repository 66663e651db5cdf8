#include "engine/data/csv/table.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/data/csv.h"
#include "engine/data/csv/separator.h"

namespace neural_ode {

namespace {

// Blanks of one character and of several bytes: no-break, thin and narrow spaces.
constexpr std::string_view wide_blanks[] = {"\xC2\xA0", "\xE2\x80\x89", "\xE2\x80\xAF"};

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

bool ends_line(char c) {
  return c == '\n' || c == '\r';
}

std::string_view first_line(std::string_view text) {
  return text.substr(0, std::min(text.find_first_of("\r\n"), text.size()));
}

// Goes through the text line by line, and cell by cell where a line is a row.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool at_end() const { return at_ >= text_.size(); }
  int line() const { return line_; }
  std::string_view rest() const { return text_.substr(std::min(at_, text_.size())); }
  std::string_view peek_line() const { return first_line(rest()); }
  void skip_line() {
    at_ += peek_line().size();
    end_line();
  }
  // The cells of a row, which may be of several lines where a quoted cell is.
  Status read_row(char separator, CsvTable& table);

 private:
  void end_line() {
    if (at_ >= text_.size()) return;
    at_ += text_.substr(at_, 2) == "\r\n" ? 2 : 1;
    ++line_;
  }
  void skip_blanks(char separator) {
    while (at_ < text_.size() && is_blank(text_[at_]) && text_[at_] != separator) ++at_;
  }
  std::string_view plain_cell(char separator);
  Status quoted_cell(char separator, CsvTable& table, std::string_view& cell);

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
};

std::string_view Reader::plain_cell(char separator) {
  const std::size_t begin = at_;
  while (at_ < text_.size() && text_[at_] != separator && !ends_line(text_[at_]) &&
         !(separator == ' ' && text_[at_] == '\t')) {
    ++at_;
  }
  return without_blanks_around(text_.substr(begin, at_ - begin));
}

Status Reader::quoted_cell(char separator, CsvTable& table, std::string_view& cell) {
  const int opened = line_;
  const std::size_t begin = ++at_;
  std::string* own = nullptr;  // where quotes are inside
  std::size_t copied = begin;
  for (;; ++at_) {
    if (at_ >= text_.size()) {
      return Error{"line " + std::to_string(opened) + ": a quotation mark that is never closed"};
    }
    if (text_[at_] == '\n' || (text_[at_] == '\r' && text_.substr(at_, 2) != "\r\n")) ++line_;
    if (text_[at_] != '"') continue;
    if (text_.substr(at_, 2) != "\"\"") break;
    if (!own) own = &table.unquoted.emplace_back();
    own->append(text_, copied, ++at_ - copied);
    copied = at_ + 1;
  }
  if (own) own->append(text_, copied, at_ - copied);
  cell = without_blanks_around(own ? std::string_view(*own) : text_.substr(begin, at_ - begin));
  ++at_;
  skip_blanks(separator);
  if (at_ < text_.size() && text_[at_] != separator && !ends_line(text_[at_])) {
    return Error{"line " + std::to_string(line_) + ": expected a separator after the closing " +
                 "quotation mark, found " + shown(first_line(text_.substr(at_)))};
  }
  return {};
}

Status Reader::read_row(char separator, CsvTable& table) {
  for (;;) {
    skip_blanks(separator == ' ' ? '\0' : separator);
    std::string_view cell;
    if (at_ < text_.size() && text_[at_] == '"') {
      if (Status status = quoted_cell(separator, table, cell); !status) return status;
    } else {
      cell = plain_cell(separator);
    }
    if (separator == ' ') {
      if (!cell.empty()) table.cells.push_back(cell);
      skip_blanks('\0');
    } else {
      table.cells.push_back(cell);
    }
    if (at_ >= text_.size() || ends_line(text_[at_])) {
      end_line();
      return {};
    }
    if (text_[at_] == separator && separator != ' ') ++at_;
  }
}

// A number, a date or a time, written in whatever way: not the name of a column.
bool looks_like_value(std::string_view cell) {
  if (cell.starts_with("\xE2\x88\x92")) cell.remove_prefix(3);  // a minus sign
  if (!cell.empty() && (cell.front() == '-' || cell.front() == '+')) cell.remove_prefix(1);
  if (!cell.empty() && (cell.front() == '.' || cell.front() == ',')) cell.remove_prefix(1);
  return !cell.empty() && cell.front() >= '0' && cell.front() <= '9';
}

bool is_header(const std::vector<std::string_view>& cells) {
  return std::none_of(cells.begin(), cells.end(), looks_like_value);
}

// Columns at the end in which nothing stands, not even a name.
void drop_empty_columns(CsvTable& table) {
  while (!table.names.empty() && table.names.back().empty() &&
         std::all_of(table.rows.begin(), table.rows.end(), [&](const CsvTable::Row& row) {
           return table.cell(row, table.names.size() - 1).empty();
         })) {
    table.names.pop_back();
  }
  std::size_t width = table.names.size();
  for (const CsvTable::Row& row : table.rows) {
    std::size_t count = row.count;
    while (count > width && table.cell(row, count - 1).empty()) --count;
    width = std::max(width, count);
  }
  for (CsvTable::Row& row : table.rows) row.count = std::min(row.count, width);
}

// Row names, which R and pandas may write without a name for their column.
void name_row_names(CsvTable& table) {
  if (table.names.empty()) return;
  const bool beside = std::all_of(table.rows.begin(), table.rows.end(), [&](const auto& row) {
    return row.count == table.names.size() + 1 && !table.cell(row, row.count - 1).empty();
  });
  if (!beside) return;
  int number = 0;
  const bool counted = std::all_of(table.rows.begin(), table.rows.end(), [&](const auto& row) {
    const std::string text(table.cell(row, 0));
    if (&row == table.rows.data()) number = text == "1" ? 1 : 0;
    return text == std::to_string(number++);
  });
  if (counted) table.names.insert(table.names.begin(), std::string_view());
}

Status check_widths(const CsvTable& table) {
  if (table.names.empty()) return {};
  for (const CsvTable::Row& row : table.rows) {
    if (row.count <= table.names.size()) continue;
    return Error{"line " + std::to_string(row.line) + ": " + std::to_string(row.count) +
                 " fields under a header of " + std::to_string(table.names.size()) +
                 "; a number with a comma in it has to be quoted, or the separator be ; or a tab"};
  }
  return {};
}

// The names in a comment right before the first row, as NumPy writes them, when they are as many as
// its cells.
std::vector<std::string_view> names_in_comment(std::string_view comment, char separator,
                                               std::size_t count,
                                               bool (*is_name)(std::string_view)) {
  comment = without_blanks_around(comment);
  while (comment.starts_with('#')) comment.remove_prefix(1);
  CsvTable line;
  if (!Reader(comment).read_row(separator, line) || line.cells.size() != count) return {};
  if (std::count_if(line.cells.begin(), line.cells.end(), is_name) < 2) return {};
  return line.unquoted.empty() ? line.cells : std::vector<std::string_view>();
}

}  // namespace

std::string_view without_blanks_around(std::string_view text) {
  for (bool again = true; again;) {
    again = false;
    while (!text.empty() && (is_blank(text.front()) || ends_line(text.front())))
      text.remove_prefix(1);
    while (!text.empty() && (is_blank(text.back()) || ends_line(text.back())))
      text.remove_suffix(1);
    for (const std::string_view blank : wide_blanks) {
      if (text.starts_with(blank)) {
        text.remove_prefix(blank.size());
        again = true;
      }
      if (text.ends_with(blank)) {
        text.remove_suffix(blank.size());
        again = true;
      }
    }
  }
  return text;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string shown(std::string_view cell) {
  constexpr std::size_t longest = 30;
  if (cell.empty()) return "nothing";
  std::size_t length = std::min(cell.size(), longest);
  while (length < cell.size() && (static_cast<unsigned char>(cell[length]) & 0xC0) == 0x80)
    --length;
  std::string text(1, '\'');
  for (const char c : cell.substr(0, length)) {
    text.push_back(static_cast<unsigned char>(c) < ' ' ? ' ' : c);
  }
  if (length < cell.size()) text.append("...");
  text.push_back('\'');
  return text;
}

Error error_at(int line, std::size_t column, const std::string& what) {
  return {"line " + std::to_string(line) + ", column " + std::to_string(column + 1) + ": " + what};
}

Result<CsvTable> read_table(std::string_view text, bool (*is_name)(std::string_view)) {
  CsvTable table;
  Reader reader(text);
  std::optional<char> separator;
  std::string_view comment;
  bool first = true, any_line = false;
  while (!reader.at_end()) {
    const std::string_view line = without_blanks_around(reader.peek_line());
    if (line.empty() || line.front() == '#') {
      if (first && !line.empty()) comment = line;
      reader.skip_line();
      continue;
    }
    if (!any_line) {
      any_line = true;
      if ((separator = told_separator(line))) {
        reader.skip_line();
        continue;
      }
    }
    if (!separator) separator = separator_of(reader.peek_line());
    const std::size_t begin = table.cells.size();
    const int number = reader.line();
    if (Status status = reader.read_row(*separator, table); !status) return Error{status.error()};
    const auto cells = table.cells.begin() + static_cast<std::ptrdiff_t>(begin);
    if (std::all_of(cells, table.cells.end(), [](auto cell) { return cell.empty(); })) {
      table.cells.resize(begin);
      continue;
    }
    if (std::exchange(first, false)) {
      if (is_header(table.cells)) {
        table.names = std::exchange(table.cells, {});
        continue;
      }
      table.names = names_in_comment(comment, *separator, table.cells.size(), is_name);
    }
    if (table.rows.size() == static_cast<std::size_t>(most_rows)) {
      return Error{"line " + std::to_string(number) + ": more than " + std::to_string(most_rows) +
                   " rows; please give fewer"};
    }
    table.rows.push_back({number, begin, table.cells.size() - begin});
  }
  if (table.rows.empty()) return Error{"no data rows found; expected lines of numbers"};
  drop_empty_columns(table);
  name_row_names(table);
  if (Status status = check_widths(table); !status) return Error{status.error()};
  return table;
}

}  // namespace neural_ode
