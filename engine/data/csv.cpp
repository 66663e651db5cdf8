#include "engine/data/csv.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "engine/core/number_text.h"

namespace neural_ode {

namespace {

constexpr int max_rows = 100000;

struct Row {
  int line = 0;  // in the text, from 1
  std::vector<std::string_view> fields;
};

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// The first of , ; and tab that the line contains; blanks when it has none of them.
std::vector<std::string_view> split_fields(std::string_view line) {
  char separator = ' ';
  for (char candidate : {',', ';', '\t'})
    if (line.find(candidate) != line.npos) {
      separator = candidate;
      break;
    }
  std::vector<std::string_view> fields;
  while (true) {
    const std::size_t end = line.find(separator);
    const std::string_view field = trim(line.substr(0, end));
    if (separator != ' ' || !field.empty()) fields.push_back(field);
    if (end == line.npos) return fields;
    line.remove_prefix(end + 1);
  }
}

// The text as found, but short and in printable ASCII: it goes into messages that must stay valid
// UTF-8.
std::string quoted(std::string_view field) {
  constexpr std::size_t longest = 20;
  if (field.empty()) return "nothing";
  std::string text(1, '\'');
  for (char c : field.substr(0, longest)) text.push_back(c >= ' ' && c <= '~' ? c : '?');
  if (field.size() > longest) text.append("...");
  text.push_back('\'');
  return text;
}

Error error_at(int line, std::size_t column, const std::string& what) {
  return {"line " + std::to_string(line) + ", column " + std::to_string(column + 1) + ": " + what};
}

std::string_view without_mark(std::string_view csv) {
  if (csv.starts_with("\xEF\xBB\xBF")) csv.remove_prefix(3);
  return csv;
}

// The data lines: no blank lines, comments, byte order mark or header.
Result<std::vector<Row>> data_rows(std::string_view csv) {
  csv = without_mark(csv);
  std::vector<Row> rows;
  bool first = true;
  for (int line = 1; !csv.empty(); ++line) {
    const std::size_t end = csv.find('\n');
    const std::string_view text = trim(csv.substr(0, end));
    csv.remove_prefix(end == csv.npos ? csv.size() : end + 1);
    if (text.empty() || text.front() == '#') continue;
    std::vector<std::string_view> fields = split_fields(text);
    const bool is_header = first && std::none_of(fields.begin(), fields.end(), [](auto field) {
                             return parse_number(field).has_value();
                           });
    first = false;
    if (is_header) continue;
    if (rows.size() == max_rows)
      return Error{"line " + std::to_string(line) + ": more than " + std::to_string(max_rows) +
                   " rows; please give fewer"};
    rows.push_back({line, std::move(fields)});
  }
  if (rows.empty()) return Error{"no data rows found; expected lines of numbers"};
  return rows;
}

// `columns` names what is expected; numbers[i] is filled for each field that is there.
Result<std::array<double, 4>> read_numbers(const Row& row, std::size_t at_least,
                                           std::size_t at_most, const char* columns) {
  std::array<double, 4> numbers{};
  const std::size_t count = row.fields.size();
  if (count < at_least || count > at_most)
    return error_at(row.line, std::min(count, at_most),
                    std::string("expected ") + columns + ", found " + std::to_string(count) +
                        (count == 1 ? " field" : " fields"));
  for (std::size_t i = 0; i < count; ++i) {
    const std::optional<double> number = parse_number(row.fields[i]);
    if (!number || !std::isfinite(*number))
      return error_at(row.line, i, "expected a finite number, found " + quoted(row.fields[i]));
    numbers[i] = *number;
  }
  return numbers;
}

}  // namespace

Result<LabelledPoints> parse_points(std::string_view csv) {
  const auto rows = data_rows(csv);
  if (!rows) return Error{rows.error()};
  LabelledPoints points;
  points.x.resize(2, Index(rows.value().size()));
  for (const Row& row : rows.value()) {
    const auto numbers = read_numbers(row, 3, 3, "x,y,label");
    if (!numbers) return Error{numbers.error()};
    const auto [x, y, label, unused] = numbers.value();
    if (label != 0 && label != 1)
      return error_at(row.line, 2, "expected the label 0 or 1, found " + quoted(row.fields[2]));
    points.x.col(Index(points.label.size())) << x, y;
    points.label.push_back(int(label));
  }
  return points;
}

std::string write_points(const LabelledPoints& points) {
  std::string csv = "x,y,label\n";
  for (Index i = 0; i < points.size(); ++i) {
    csv += format_number(points.x(0, i)) + ',' + format_number(points.x(1, i));
    csv += points.label[std::size_t(i)] == 0 ? ",0\n" : ",1\n";
  }
  return csv;
}

bool has_weights(std::string_view csv) {
  csv = without_mark(csv);
  while (!csv.empty()) {
    const std::size_t end = csv.find('\n');
    const std::string_view text = trim(csv.substr(0, end));
    csv.remove_prefix(end == csv.npos ? csv.size() : end + 1);
    if (text.empty() || text.front() == '#') continue;
    const auto fields = split_fields(text);
    return fields.size() == 3 && fields[2] == "weight";
  }
  return false;
}

Result<LabelledPoints> parse_weighted_points(std::string_view csv, int count) {
  const auto rows = data_rows(csv);
  if (!rows) return Error{rows.error()};
  std::vector<std::array<double, 4>> pixels;
  double total = 0;
  for (const Row& row : rows.value()) {
    const auto numbers = read_numbers(row, 3, 3, "x,y,weight");
    if (!numbers) return Error{numbers.error()};
    if (numbers.value()[2] < 0)
      return error_at(row.line, 2, "expected a weight >= 0, found " + quoted(row.fields[2]));
    pixels.push_back(numbers.value());
    total += numbers.value()[2];
  }
  if (!(total > 0) || !std::isfinite(total))
    return Error{"the weights sum to " + format_number(total) + "; expected more than 0"};
  // Point n stands in the middle of the n-th of `count` equal shares of all the weight.
  LabelledPoints points;
  points.x.resize(2, count);
  points.label.assign(std::size_t(count), 0);
  std::size_t pixel = 0;
  double reached = pixels[0][2];
  for (int n = 0; n < count; ++n) {
    const double wanted = (n + 0.5) / count * total;
    while (reached <= wanted && pixel + 1 < pixels.size()) reached += pixels[++pixel][2];
    points.x.col(n) << pixels[pixel][0], pixels[pixel][1];
  }
  return points;
}

Result<std::vector<Trajectory>> parse_trajectories(std::string_view csv) {
  const auto rows = data_rows(csv);
  if (!rows) return Error{rows.error()};

  struct Samples {
    std::vector<double> times, x, y;
  };
  std::vector<Samples> found;
  std::map<double, std::size_t> by_name;  // trajectories in the order in which they appear
  for (const Row& row : rows.value()) {
    const auto numbers = read_numbers(row, 3, 4, "t,x,y or t,x,y,trajectory");
    if (!numbers) return Error{numbers.error()};
    const auto [t, x, y, name] = numbers.value();
    const auto [entry, is_new] = by_name.try_emplace(name, found.size());
    if (is_new) found.emplace_back();
    Samples& samples = found[entry->second];
    if (!samples.times.empty() && t <= samples.times.back())
      return error_at(row.line, 0,
                      "expected a time after the one before it in this trajectory, found " +
                          quoted(row.fields[0]));
    samples.times.push_back(t);
    samples.x.push_back(x);
    samples.y.push_back(y);
  }

  std::vector<Trajectory> trajectories;
  for (Samples& samples : found) {
    const Index count = Index(samples.times.size());
    Trajectory trajectory;
    trajectory.y.resize(2, count);
    for (Index i = 0; i < count; ++i)
      trajectory.y.col(i) << samples.x[std::size_t(i)], samples.y[std::size_t(i)];
    trajectory.times = std::move(samples.times);
    trajectories.push_back(std::move(trajectory));
  }
  return trajectories;
}

std::string write_trajectories(const std::vector<Trajectory>& trajectories) {
  std::string csv = "t,x,y,trajectory\n";
  for (std::size_t k = 0; k < trajectories.size(); ++k)
    for (std::size_t i = 0; i < trajectories[k].times.size(); ++i) {
      csv += format_number(trajectories[k].times[i]);
      for (Index row = 0; row < 2; ++row)
        csv += ',' + format_number(trajectories[k].y(row, Index(i)));
      csv += ',' + std::to_string(k) + '\n';
    }
  return csv;
}

}  // namespace neural_ode
