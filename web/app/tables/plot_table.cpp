#include "web/app/tables/plot_table.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <variant>

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
      : geometric_(plot.equal_aspect || plot.spatial),
        x_(plot.x.label.empty() ? "x" : plot.x.label),
        y_(plot.y.label.empty() ? "y" : plot.y.label),
        z_(plot.z.label.empty() ? "z" : plot.z.label) {}

  void add(const Layer& layer) {
    at_ = table.columns.size();
    layer_ = &layer;
    std::visit([this](const auto& shape) { add(shape); }, layer.shape);
  }

  PlotTable table;

 private:
  using Starts = std::vector<std::uint32_t>;

  void add(const Heatmap& heatmap) {
    std::string text = size_of(heatmap) + ", " +
                       print("%.*g", 3, static_cast<double>(heatmap.z_min)) + " to " +
                       print("%.*g", 3, static_cast<double>(heatmap.z_max));
    if (heatmap.times.size() > 1) text += ", at " + std::to_string(heatmap.times.size()) + " times";
    note(text);
  }
  void add(const Image& image) { note(size_of(image)); }

  void add(const Points& points) {
    places(points);
    own(labelled("class"), {points.group.begin(), points.group.end()});
    own(labelled("value"), points.value);
  }
  void add(const Paths& paths) {
    if (!geometric_) {
      if (!find_x(paths.x, paths.starts)) {
        const std::size_t first = at_;
        path_numbers(paths, "");
        own_x(paths.x, paths.starts, first);
      }
      return own(value_name(), paths.y);
    }
    path_numbers(paths, layer_->label);
    places(paths);
  }
  void add(const Polygon& polygon) { places(polygon); }
  void add(const Arrows& arrows) {
    places(arrows);
    own(labelled("d" + x_), arrows.u);
    own(labelled("d" + y_), arrows.v);
  }

  void add(const Curve& curve) {
    over_x(curve.x);
    own(value_name(), curve.y);
  }
  void add(const Band& band) {
    over_x(band.x);
    own(labelled("low"), band.low);
    own(labelled("high"), band.high);
  }
  void add(const Histogram& histogram) {
    over_x(histogram.edges);
    own(labelled("count"), histogram.counts);
  }

  std::string labelled(const std::string& name) const { return joined(layer_->label, name); }
  std::string value_name() const { return layer_->label.empty() ? y_ : layer_->label; }

  void places(const Vertices& vertices) {
    own(labelled(x_), vertices.x);
    own(labelled(y_), vertices.y);
  }
  void places(const SpaceVertices& vertices) {
    places(static_cast<const Vertices&>(vertices));
    own(labelled(z_), vertices.z);
  }

  void own(std::string name, std::vector<float> values) {
    if (values.empty()) return;
    table.rows = std::max(table.rows, values.size());
    const int decimals = decimals_for(values), characters = characters_for(values, decimals);
    const auto place = static_cast<std::ptrdiff_t>(at_++);
    table.columns.insert(table.columns.begin() + place,
                         {std::move(name), layer_, std::move(values), decimals, characters});
    starts_.insert(starts_.begin() + place, nullptr);
  }

  // Whether a column is drawn over x, so that others may share its x. Paths in a plane or in space
  // are not.
  bool is_function(const TableColumn& column) const {
    if (!column.layer) return false;
    const Shape& shape = column.layer->shape;
    return std::holds_alternative<Curve>(shape) || std::holds_alternative<Band>(shape) ||
           std::holds_alternative<Histogram>(shape) ||
           (std::holds_alternative<Paths>(shape) && !geometric_);
  }

  // Beside the others of the same x, if there are any; with a new column of it if not.
  void over_x(const std::vector<float>& x) {
    static const Starts whole;
    if (!find_x(x, whole)) own_x(x, whole, at_);
  }

  bool find_x(const std::vector<float>& x, const Starts& starts) {
    const auto& columns = table.columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].layer || columns[i].values != x || *starts_[i] != starts) continue;
      at_ = i + 1;
      while (at_ < columns.size() && is_function(columns[at_])) ++at_;
      return true;
    }
    return false;
  }

  // All columns from `first` on are shared.
  void own_x(const std::vector<float>& x, const Starts& starts, std::size_t first) {
    own(x_, x);
    for (std::size_t i = first; i < at_; ++i) {
      table.columns[i].layer = nullptr;
      starts_[i] = &starts;
    }
  }

  // Which path a vertex belongs to, and when it is passed.
  void path_numbers(const Paths& paths, const std::string& label) {
    std::vector<float> numbers, times;
    std::size_t path = 0, begin = 0;
    for (std::size_t i = 0; i < paths.x.size(); ++i) {
      if (path + 1 < paths.starts.size() && paths.starts[path + 1] <= i) {
        ++path;
        begin = i;
      }
      numbers.push_back(static_cast<float>(path + 1));
      if (i - begin < paths.times.size()) times.push_back(paths.times[i - begin]);
    }
    if (paths.starts.size() > 1) own(joined(label, "path"), std::move(numbers));
    // Else the axis says the time.
    if (times.size() == paths.x.size() && times != paths.x)
      own(joined(label, "t"), std::move(times));
  }

  static std::string size_of(const Grid& grid) {
    return " of " + std::to_string(grid.nx) + " × " + std::to_string(grid.ny);
  }

  void note(std::string text) {
    const std::string& label = layer_->label;
    // A page of images is one line.
    if (!alike_.empty() && alike_ == label + text) {
      text = std::to_string(++count_) + " grids" + text;
      table.notes.pop_back();
    } else {
      alike_ = label + text;
      count_ = 1;
      text = "a grid" + text;
    }
    table.notes.push_back(label.empty() ? text : label + ": " + text);
  }

  bool geometric_;  // in a plane or in space, not values over x
  std::string x_, y_, z_;
  const Layer* layer_ = nullptr;       // whose columns are being made
  std::vector<const Starts*> starts_;  // of the paths that share a column; null: it is not shared
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
