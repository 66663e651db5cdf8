#include "web/app/tables/plot_table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace neural_ode::web {

namespace {

std::string print(const char* format, int precision, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, precision, value);
  return buffer;
}

std::string shortest(float value) {
  std::string text;
  for (int digits = 6; digits <= 9; ++digits) {
    text = print("%.*g", digits, static_cast<double>(value));
    if (std::strtof(text.c_str(), nullptr) == value) break;
  }
  return text;
}

// Five digits of the largest, unless the smallest would be lost or all are whole.
int decimals_for(const std::vector<float>& values) {
  constexpr double most_places = 1e6, fewest_places = 1e-3;
  double largest = 0, smallest = HUGE_VAL;
  bool whole = true;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    const double size = std::abs(static_cast<double>(value));
    whole = whole && size == std::floor(size);
    largest = std::max(largest, size);
    if (size > 0) smallest = std::min(smallest, size);
  }
  if (whole && largest < most_places) return 0;
  if (largest >= most_places || largest < fewest_places) return -1;
  const int decimals = std::clamp(4 - static_cast<int>(std::floor(std::log10(largest))), 0, 6);
  // A column of errors that fall by decades keeps its last ones.
  return smallest * 1e4 < largest && smallest < 10 * std::pow(10.0, -decimals) ? -1 : decimals;
}

int characters_for(const std::vector<float>& values, int decimals) {
  double largest = 0;
  int sign = 0;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    largest = std::max(largest, std::abs(static_cast<double>(value)));
    if (value < 0) sign = 1;
  }
  if (decimals < 0) return sign + 9;  // 1.234e-05
  return sign + static_cast<int>(print("%.*f", decimals, largest).size());
}

std::string joined(const std::string& first, const std::string& second) {
  return first.empty() ? second : first + " " + second;
}

class Builder {
 public:
  explicit Builder(const Plot& plot)
      : in_plane_(plot.equal_aspect),
        x_(plot.x.label.empty() ? "x" : plot.x.label),
        y_(plot.y.label.empty() ? "y" : plot.y.label) {}

  void add(const Layer& layer) {
    at_ = table.columns.size();
    if (layer.kind == LayerKind::heatmap || layer.kind == LayerKind::image) return note(layer);
    if (is_function(layer)) {
      if (!find_x(layer)) own_x(layer);
      return function_of_x(layer);
    }
    if (layer.kind == LayerKind::paths) path_numbers(layer, layer.label);
    own(layer, joined(layer.label, x_), layer.x);
    own(layer, joined(layer.label, y_), layer.y);
    if (layer.kind == LayerKind::arrows) {
      own(layer, joined(layer.label, "d" + x_), layer.u);
      own(layer, joined(layer.label, "d" + y_), layer.v);
    }
    if (layer.kind != LayerKind::points) return;
    own(layer, joined(layer.label, "class"), {layer.group.begin(), layer.group.end()});
    own(layer, joined(layer.label, "value"), layer.z);
  }

  PlotTable table;

 private:
  void own(const Layer& layer, std::string name, std::vector<float> values) {
    if (values.empty()) return;
    table.rows = std::max(table.rows, values.size());
    const int decimals = decimals_for(values), characters = characters_for(values, decimals);
    table.columns.insert(table.columns.begin() + static_cast<std::ptrdiff_t>(at_),
                         {std::move(name), &layer, std::move(values), decimals, characters});
    sources_.insert(sources_.begin() + static_cast<std::ptrdiff_t>(at_), &layer);
    ++at_;
  }

  // Drawn over x, so that others may share its x. Paths in a plane are not.
  bool is_function(const Layer& layer) const {
    return layer.kind == LayerKind::curve || layer.kind == LayerKind::band ||
           layer.kind == LayerKind::histogram || (layer.kind == LayerKind::paths && !in_plane_);
  }

  void function_of_x(const Layer& layer) {
    if (layer.kind == LayerKind::histogram)
      return own(layer, joined(layer.label, "count"), layer.y);
    if (layer.kind == LayerKind::band) {
      own(layer, joined(layer.label, "low"), layer.y);
      return own(layer, joined(layer.label, "high"), layer.z);
    }
    own(layer, layer.label.empty() ? y_ : layer.label, layer.y);
  }

  // Beside the others of the same x, if there are any.
  bool find_x(const Layer& layer) {
    const auto& columns = table.columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].layer || columns[i].values != layer.x || sources_[i]->starts != layer.starts)
        continue;
      at_ = i + 1;
      while (at_ < columns.size() && columns[at_].layer && is_function(*columns[at_].layer)) ++at_;
      return true;
    }
    return false;
  }

  void own_x(const Layer& layer) {
    const std::size_t first = at_;
    if (layer.kind == LayerKind::paths) path_numbers(layer, "");
    own(layer, x_, layer.x);
    for (std::size_t i = first; i < at_; ++i) table.columns[i].layer = nullptr;
  }

  // Which path a vertex belongs to, and when it is passed.
  void path_numbers(const Layer& layer, const std::string& label) {
    std::vector<float> numbers, times;
    std::size_t path = 0, begin = 0;
    for (std::size_t i = 0; i < layer.x.size(); ++i) {
      if (path + 1 < layer.starts.size() && layer.starts[path + 1] <= i) {
        ++path;
        begin = i;
      }
      numbers.push_back(static_cast<float>(path + 1));
      if (i - begin < layer.times.size()) times.push_back(layer.times[i - begin]);
    }
    if (layer.starts.size() > 1) own(layer, joined(label, "path"), std::move(numbers));
    // Else the axis says the time.
    if (times.size() == layer.x.size() && times != layer.x)
      own(layer, joined(label, "t"), std::move(times));
  }

  void note(const Layer& layer) {
    std::string text = " of " + std::to_string(layer.nx) + " × " + std::to_string(layer.ny);
    if (layer.kind == LayerKind::heatmap)
      text += ", " + print("%.*g", 3, static_cast<double>(layer.z_min)) + " to " +
              print("%.*g", 3, static_cast<double>(layer.z_max));
    if (layer.times.size() > 1) text += ", at " + std::to_string(layer.times.size()) + " times";
    // A page of images is one line.
    if (!alike_.empty() && alike_ == layer.label + text) {
      text = std::to_string(++count_) + " grids" + text;
      table.notes.pop_back();
    } else {
      alike_ = layer.label + text;
      count_ = 1;
      text = "a grid" + text;
    }
    table.notes.push_back(layer.label.empty() ? text : layer.label + ": " + text);
  }

  bool in_plane_;
  std::string x_, y_;
  std::vector<const Layer*> sources_;  // of the columns, also of the shared ones
  std::size_t at_ = 0;                 // where the next column goes
  std::string alike_;                  // what the last note was about, and of how many
  int count_ = 0;
};

std::string quoted(const std::string& name) {
  if (name.find_first_of(",\"\n") == std::string::npos) return name;
  std::string text = "\"";
  for (const char letter : name)
    text += letter == '"' ? std::string("\"\"") : std::string(1, letter);
  return text + "\"";
}

}  // namespace

PlotTable table_of(const Plot& plot, const std::vector<const Layer*>& layers) {
  Builder builder(plot);
  for (const Layer* layer : layers) builder.add(*layer);
  return std::move(builder.table);
}

std::string cell_text(const TableColumn& column, std::size_t row) {
  if (row >= column.values.size()) return {};
  const auto value = static_cast<double>(column.values[row]);
  if (!std::isfinite(value)) return "—";
  std::string text = column.decimals < 0 && value != 0
                         ? print("%.*e", 3, value)
                         : print("%.*f", std::max(column.decimals, 0), value == 0 ? 0.0 : value);
  if (text[0] == '-') text.replace(0, 1, "−");
  return text;
}

std::string csv_of(const PlotTable& table) {
  std::string csv;
  for (std::size_t row = 0; row <= table.rows; ++row) {
    bool first = true;
    for (const TableColumn& column : table.columns) {
      if (!std::exchange(first, false)) csv += ',';
      if (row == 0)
        csv += quoted(column.name);
      else if (row <= column.values.size() && std::isfinite(column.values[row - 1]))
        csv += shortest(column.values[row - 1]);
    }
    csv += '\n';
  }
  return csv;
}

}  // namespace neural_ode::web
