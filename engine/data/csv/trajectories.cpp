#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "engine/core/number_text.h"
#include "engine/data/csv.h"
#include "engine/data/csv/calendar.h"
#include "engine/data/csv/columns.h"
#include "engine/data/csv/decode_text.h"
#include "engine/data/csv/numbers.h"
#include "engine/data/csv/table.h"
#include "engine/data/csv/values.h"

namespace neural_ode {

namespace {

using Role = ColumnRole;

const WantedColumns& wanted(bool x_alone) {
  static const WantedColumns plane = {
      {Role::t, Role::x, Role::y},
      {Role::trajectory},
      {{Role::t, Role::x, Role::y}, {Role::t, Role::x, Role::y, Role::trajectory}},
      "t,x,y or t,x,y,trajectory"};
  static const WantedColumns line = {{Role::t, Role::x},
                                     {Role::y, Role::trajectory},
                                     {{Role::t, Role::x},
                                      {Role::t, Role::x, Role::y},
                                      {Role::t, Role::x, Role::y, Role::trajectory}},
                                     "t,x or t,x,y or t,x,y,trajectory"};
  return x_alone ? line : plane;
}

// Of each row, with what is to be told of it.
struct Times {
  std::vector<double> t;
  std::string unit, note;  // "days since 2024-01-31"; empty: they are numbers
};

bool are_dates(const CsvTable& table, std::size_t column) {
  return read_moment(table.cell(table.rows.front(), column), DayOrder::unknown).has_value();
}

// Where a row belongs is not guessed.
Status require(const CsvTable& table, std::size_t column, const std::string& what) {
  for (const CsvTable::Row& row : table.rows) {
    if (is_missing(table.cell(row, column)))
      return error_at(row.line, column, "expected " + what + ", found nothing");
  }
  return {};
}

Result<Times> read_times(const CsvTable& table, std::size_t column, NumberStyle style) {
  Times times;
  if (!are_dates(table, column)) {
    for (const CsvTable::Row& row : table.rows) {
      const auto t = read_value(table, row, column, style);
      if (!t) return Error{t.error()};
      times.t.push_back(t.value());
    }
    return times;
  }
  std::vector<DatedCell> cells;
  for (const CsvTable::Row& row : table.rows) cells.push_back({row.line, table.cell(row, column)});
  auto moments = read_moments(cells, column);
  if (!moments) return Error{moments.error()};
  times.t = std::move(moments.value().since_first);
  times.unit = moments.value().unit + " since " + moments.value().first;
  times.note = "; t in " + times.unit;
  return times;
}

struct Samples {
  std::vector<double> times, x, y;
};

// The trajectory of each row: the same number however it is written, or the same word.
class Names {
 public:
  explicit Names(NumberStyle style) : style_(style) {}
  std::size_t number_of(std::string_view name) {
    if (name == last_) return number_;
    const auto number = read_number(name, style_);
    const std::string key = number ? format_number(*number) : std::string(name);
    last_ = name;
    return number_ = numbers_.try_emplace(key, numbers_.size()).first->second;
  }

 private:
  NumberStyle style_;
  std::map<std::string, std::size_t, std::less<>> numbers_;
  std::string_view last_;
  std::size_t number_ = 0;
};

struct Content {
  std::vector<Samples> samples;
  LeftOut left_out;
  std::size_t rows = 0, missing = 0;
};

Result<Content> read_rows(const CsvTable& table, const Columns& columns, const Times& times,
                          NumberStyle style) {
  Content content;
  Names names(style);
  if (!columns.has(Role::trajectory)) content.samples.emplace_back();
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const CsvTable::Row& row = table.rows[i];
    const auto x = read_value(table, row, columns.at(Role::x), style);
    if (!x) return Error{x.error()};
    Result<double> y = std::numeric_limits<double>::quiet_NaN();
    if (columns.has(Role::y)) y = read_value(table, row, columns.at(Role::y), style);
    if (!y) return Error{y.error()};
    std::size_t k = 0;
    if (columns.has(Role::trajectory)) {
      k = names.number_of(table.cell(row, columns.at(Role::trajectory)));
      if (k == content.samples.size()) content.samples.emplace_back();
    }
    if (std::isnan(x.value()) && std::isnan(y.value())) {
      content.left_out.add(columns.has(Role::y) ? "x and y" : "x");
      continue;
    }
    if (columns.has(Role::y) && (std::isnan(x.value()) || std::isnan(y.value()))) ++content.missing;
    Samples& samples = content.samples[k];
    if (!samples.times.empty() && times.t[i] <= samples.times.back()) {
      return error_at(row.line, columns.at(Role::t),
                      "expected a time after the one before it in this trajectory, found " +
                          shown(table.cell(row, columns.at(Role::t))));
    }
    samples.times.push_back(times.t[i]);
    samples.x.push_back(x.value());
    samples.y.push_back(y.value());
    ++content.rows;
  }
  std::erase_if(content.samples, [](const Samples& each) { return each.times.empty(); });
  if (content.rows == 0) return Error{"no row is left" + content.left_out.in_words()};
  return content;
}

Trajectory trajectory_of(Samples& samples) {
  const auto count = static_cast<Index>(samples.times.size());
  Trajectory trajectory;
  trajectory.y.resize(2, count);
  trajectory.y.row(0) = Eigen::Map<const Vector<double>>(samples.x.data(), count);
  trajectory.y.row(1) = Eigen::Map<const Vector<double>>(samples.y.data(), count);
  trajectory.times = std::move(samples.times);
  return trajectory;
}

void name_columns(const Columns& columns, const Times& times, TrajectoryTable& table) {
  std::size_t i = 0;
  for (const Role role : {Role::t, Role::x, Role::y}) {
    if (std::string name = columns.name(role); !name.empty()) table.names[i] = std::move(name);
    ++i;
  }
  if (!times.unit.empty()) table.names[0] = "t (" + times.unit + ")";
}

std::string note_of(const Content& content, const Columns& columns, const Times& times,
                    NumberStyle style) {
  std::string note =
      "read " + counted(content.rows, "row") + " of " +
      (content.samples.size() == 1 ? "1 trajectory"
                                   : std::to_string(content.samples.size()) + " trajectories") +
      ": " + columns.in_words("") + times.note;
  if (content.missing > 0) note += "; " + counted(content.missing, "missing value");
  return note + content.left_out.in_words() + in_words(style);
}

}  // namespace

Result<Reading<TrajectoryTable>> parse_trajectories(std::string_view csv, bool x_alone) {
  const auto text = decode_text(csv);
  if (!text) return Error{text.error()};
  const auto read = read_table(text.value(), is_column_name);
  if (!read) return Error{read.error()};
  const CsvTable& table = read.value();
  const auto found = find_columns(table, wanted(x_alone));
  if (!found) return Error{found.error()};
  const Columns& columns = found.value();
  const std::size_t t = columns.at(Role::t);
  if (Status status = require(table, t, "a time"); !status) return Error{status.error()};
  if (columns.has(Role::trajectory)) {
    if (Status status = require(table, columns.at(Role::trajectory), "a trajectory"); !status)
      return Error{status.error()};
  }
  std::vector<std::size_t> numbers = {columns.at(Role::x)};
  if (columns.has(Role::y)) numbers.push_back(columns.at(Role::y));
  if (!are_dates(table, t)) numbers.push_back(t);
  const auto style = number_style(table, numbers);
  if (!style) return Error{style.error()};
  const auto times = read_times(table, t, style.value());
  if (!times) return Error{times.error()};
  auto content = read_rows(table, columns, times.value(), style.value());
  if (!content) return Error{content.error()};

  Reading<TrajectoryTable> reading;
  reading.note = note_of(content.value(), columns, times.value(), style.value());
  for (Samples& samples : content.value().samples)
    reading.data.trajectories.push_back(trajectory_of(samples));
  name_columns(columns, times.value(), reading.data);
  reading.data.x_alone = !columns.has(Role::y);
  return reading;
}

std::string write_trajectories(const TrajectoryTable& table) {
  std::string csv;
  const std::size_t coordinates = table.x_alone ? 1 : 2;
  for (std::size_t i = 0; i <= coordinates; ++i) csv += quoted_if_needed(table.names[i]) + ',';
  csv += "trajectory\n";
  const auto& trajectories = table.trajectories;
  for (std::size_t k = 0; k < trajectories.size(); ++k) {
    for (std::size_t i = 0; i < trajectories[k].times.size(); ++i) {
      csv += format_number(trajectories[k].times[i]);
      for (std::size_t row = 0; row < coordinates; ++row) {
        const double value = trajectories[k].y(static_cast<Index>(row), static_cast<Index>(i));
        csv += ',';
        if (!std::isnan(value)) csv += format_number(value);
      }
      csv += ',' + std::to_string(k) + '\n';
    }
  }
  return csv;
}

}  // namespace neural_ode
