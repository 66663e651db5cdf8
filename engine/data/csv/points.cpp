#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "engine/core/number_text.h"
#include "engine/data/csv.h"
#include "engine/data/csv/columns.h"
#include "engine/data/csv/decode_text.h"
#include "engine/data/csv/labels.h"
#include "engine/data/csv/numbers.h"
#include "engine/data/csv/table.h"
#include "engine/data/csv/values.h"

namespace neural_ode {

namespace {

using Role = ColumnRole;

const WantedColumns& classified() {
  static const WantedColumns wanted = {
      {Role::x, Role::y, Role::label}, {}, {{Role::x, Role::y, Role::label}}, "x,y,label"};
  return wanted;
}

const WantedColumns& with_a_density() {
  static const WantedColumns wanted = {{Role::x, Role::y},
                                       {Role::label, Role::weight},
                                       {{Role::x, Role::y}, {Role::x, Role::y, Role::label}},
                                       "x,y or x,y,label"};
  return wanted;
}

// Rows whose x, y (and weight) are there.
struct Rows {
  std::vector<double> x, y, weight;
  std::vector<const CsvTable::Row*> row;
  LeftOut left_out;
};

Result<NumberStyle> style_of(const CsvTable& table, const Columns& columns) {
  std::vector<std::size_t> numbers = {columns.at(Role::x), columns.at(Role::y)};
  if (columns.has(Role::weight)) numbers.push_back(columns.at(Role::weight));
  return number_style(table, numbers);
}

Result<Rows> read_rows(const CsvTable& table, const Columns& columns, NumberStyle style,
                       bool needs_label) {
  Rows rows;
  for (const CsvTable::Row& row : table.rows) {
    double values[3] = {0, 0, 1};
    const char* lacks = nullptr;
    int i = 0;
    for (const auto& [role, name] :
         {std::pair{Role::x, "x"}, std::pair{Role::y, "y"}, std::pair{Role::weight, "weight"}}) {
      double& value = values[i++];
      if (!columns.has(role)) continue;
      const auto read = read_value(table, row, columns.at(role), style);
      if (!read) return Error{read.error()};
      value = read.value();
      if (std::isnan(value) && !lacks) lacks = name;
    }
    if (needs_label && !lacks && is_missing(table.cell(row, columns.at(Role::label)))) {
      lacks = "label";
    }
    if (lacks) {
      rows.left_out.add(lacks);
      continue;
    }
    if (values[2] < 0) {
      return error_at(
          row.line, columns.at(Role::weight),
          "expected a weight >= 0, found " + shown(table.cell(row, columns.at(Role::weight))));
    }
    rows.x.push_back(values[0]);
    rows.y.push_back(values[1]);
    rows.weight.push_back(values[2]);
    rows.row.push_back(&row);
  }
  if (rows.row.empty()) return Error{"no row is left" + rows.left_out.in_words()};
  return rows;
}

Result<Labels> labels_of(const CsvTable& table, const Columns& columns, const Rows& rows,
                         NumberStyle style) {
  std::vector<LabelCell> cells;
  for (const CsvTable::Row* row : rows.row) {
    cells.push_back({row->line, table.cell(*row, columns.at(Role::label))});
  }
  return read_labels(cells, columns.at(Role::label), style);
}

std::string class_names(const Labels& labels) {
  if (labels.names[0] == "0" && labels.names[1] == "1") return " (0 → A, 1 → B)";
  return " (" + shown(labels.names[0]) + " → A, " + shown(labels.names[1]) + " → B)";
}

// What was read, but for its labels.
struct Text {
  std::string text;
  CsvTable table;
  Columns columns;
  NumberStyle style;
  Rows rows;
};

Status read(std::string_view csv, const WantedColumns& wanted, Text& read) {
  auto text = decode_text(csv);
  if (!text) return Error{text.error()};
  read.text = std::move(text.value());
  auto table = read_table(read.text, is_column_name);
  if (!table) return Error{table.error()};
  read.table = std::move(table.value());
  auto columns = find_columns(read.table, wanted);
  if (!columns) return Error{columns.error()};
  read.columns = std::move(columns.value());
  const auto style = style_of(read.table, read.columns);
  if (!style) return Error{style.error()};
  read.style = style.value();
  auto rows = read_rows(read.table, read.columns, read.style, &wanted == &classified());
  if (!rows) return Error{rows.error()};
  read.rows = std::move(rows.value());
  return {};
}

Reading<PointTable> reading_of(const Text& text, std::optional<Labels> labels) {
  Reading<PointTable> reading;
  const auto count = text.rows.row.size();
  LabelledPoints& points = reading.data.points;
  points.x.resize(2, static_cast<Index>(count));
  for (std::size_t i = 0; i < count; ++i)
    points.x.col(static_cast<Index>(i)) << text.rows.x[i], text.rows.y[i];
  const std::string classes = labels ? class_names(*labels) : "";
  if (labels) {
    points.label = std::move(labels->of_row);
    reading.data.classes = labels->names;
  } else {
    points.label.assign(count, 0);
  }
  std::size_t i = 0;
  for (const Role role : {Role::x, Role::y, Role::label}) {
    if (std::string name = text.columns.name(role); !name.empty())
      reading.data.names[i] = std::move(name);
    ++i;
  }
  reading.note = "read " + counted(count, "row") + ": " + text.columns.in_words(classes) +
                 text.rows.left_out.in_words() + in_words(text.style);
  return reading;
}

// Point n stands in the middle of the n-th of `count` equal shares of all the weight.
Status draw_weighted(const Rows& rows, int count, LabelledPoints& points) {
  double total = 0;
  for (const double weight : rows.weight) total += weight;
  if (!(total > 0) || !std::isfinite(total)) {
    return Error{"the weights sum to " + format_number(total) + "; expected more than 0"};
  }
  points.x.resize(2, count);
  points.label.assign(static_cast<std::size_t>(count), 0);
  std::size_t pixel = 0;
  double reached = rows.weight[0];
  for (int n = 0; n < count; ++n) {
    const double wanted = (n + 0.5) / count * total;
    while (reached <= wanted && pixel + 1 < rows.weight.size()) reached += rows.weight[++pixel];
    points.x.col(n) << rows.x[pixel], rows.y[pixel];
  }
  return {};
}

}  // namespace

Result<Reading<PointTable>> parse_points(std::string_view csv) {
  Text text;
  if (Status status = read(csv, classified(), text); !status) return Error{status.error()};
  auto labels = labels_of(text.table, text.columns, text.rows, text.style);
  if (!labels) return Error{labels.error()};
  return reading_of(text, std::move(labels.value()));
}

Result<Reading<PointTable>> parse_density(std::string_view csv, int count) {
  Text text;
  if (Status status = read(csv, with_a_density(), text); !status) return Error{status.error()};
  if (text.columns.has(Role::weight)) {
    Reading<PointTable> reading = reading_of(text, {});
    if (Status status = draw_weighted(text.rows, count, reading.data.points); !status)
      return Error{status.error()};
    reading.note += "; " + std::to_string(count) + " points in proportion to the weights";
    return reading;
  }
  // A density has no classes; those that are drawn or written stay with their points.
  if (text.columns.has(Role::label)) {
    if (auto labels = labels_of(text.table, text.columns, text.rows, text.style))
      return reading_of(text, std::move(labels.value()));
  }
  Reading<PointTable> reading = reading_of(text, {});
  if (text.columns.has(Role::label)) reading.note += "; labels are not of two classes and unused";
  return reading;
}

std::string write_points(const PointTable& table) {
  std::string csv;
  for (const std::string& name : table.names)
    csv += (csv.empty() ? "" : ",") + quoted_if_needed(name);
  csv += '\n';
  const std::string classes[] = {',' + quoted_if_needed(table.classes[0]) + '\n',
                                 ',' + quoted_if_needed(table.classes[1]) + '\n'};
  for (Index i = 0; i < table.points.size(); ++i) {
    csv += format_number(table.points.x(0, i)) + ',' + format_number(table.points.x(1, i));
    csv += classes[table.points.label[static_cast<std::size_t>(i)] == 0 ? 0 : 1];
  }
  return csv;
}

}  // namespace neural_ode
