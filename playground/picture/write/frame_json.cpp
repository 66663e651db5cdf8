#include "playground/picture/write/frame_json.h"

#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "playground/picture/write/frame_fields.h"
#include "playground/picture/write/json_fields.h"

namespace neural_ode {

namespace {

using nlohmann::json;

using namespace frame_fields;

struct Writer {
  json& object;
  std::vector<std::uint32_t>* blob = nullptr;
  bool spatial = false;  // the plot

  template <class Value>
  void operator()(const char* name, const Value& value) {
    if constexpr (std::is_enum_v<Value>) {
      object[name] = names_of(value)[static_cast<std::size_t>(value)];
    } else if constexpr (std::is_floating_point_v<Value>) {
      object[name] = number_or_null(value);
    } else {
      object[name] = value;
    }
  }
  void operator()(const char* name, const Axis& axis) {
    Writer part{object[name]};
    describe(part, axis);
  }
  void operator()(const char* name, const Interval& interval) {
    (*this)(name, std::vector<float>{interval.minimum, interval.maximum});
  }
  // None are not mentioned.
  template <class Word>
  void operator()(const char* name, const std::vector<Word>& values) {
    static_assert(sizeof(Word) == sizeof(std::uint32_t));
    if (values.empty()) return;
    if (blob) {
      const std::size_t offset = blob->size();
      object[name] = {offset, values.size()};
      blob->resize(offset + values.size());
      std::memcpy(blob->data() + offset, values.data(), values.size() * sizeof(Word));
      return;
    }
    json& array = object[name] = json::array();
    for (const Word value : values) {
      if constexpr (std::is_floating_point_v<Word>) {
        array.push_back(number_or_null(value));
      } else {
        array.push_back(value);
      }
    }
  }
};

struct Reader {
  const json& object;
  std::span<const std::uint32_t> blob;
  bool in_blob = false, spatial = false;

  template <class Value>
  void operator()(const char* name, Value& value) const {
    if constexpr (std::is_enum_v<Value>) {
      read_field(object, name, names_of(value), value);
    } else {
      read_field(object, name, value);
    }
  }
  void operator()(const char* name, Axis& axis) const {
    const json* field = find_field(object, name);
    if (!field) return;
    const Reader part{*field, {}};
    describe(part, axis);
  }
  void operator()(const char* name, Interval& interval) const {
    std::vector<float> ends;
    (*this)(name, ends);
    if (ends.size() >= 2) interval = {ends[0], ends[1]};
  }
  template <class Word>
  void operator()(const char* name, std::vector<Word>& values) const {
    const json* field = find_field(object, name);
    if (!field || !field->is_array()) return;
    if (in_blob) {
      if (field->size() != 2 || !(*field)[0].is_number_unsigned() ||
          !(*field)[1].is_number_unsigned()) {
        return;
      }
      const auto offset = (*field)[0].get<std::size_t>(), count = (*field)[1].get<std::size_t>();
      if (offset > blob.size() || count > blob.size() - offset) return;
      values.resize(count);
      if (count > 0) std::memcpy(values.data(), blob.data() + offset, count * sizeof(Word));
      return;
    }
    values.clear();
    for (const json& item : *field) {
      if constexpr (std::is_floating_point_v<Word>) {
        values.push_back(static_cast<Word>(number_or_nan(item)));
      } else {
        values.push_back(item.is_number_integer() ? item.get<Word>() : Word{0});
      }
    }
  }
};

// Of every kind there are all the fields of any that are one number.
json layer_to_json(const Layer& layer, bool spatial, std::vector<std::uint32_t>* blob) {
  json object = {{"kind", kinds[layer.shape.index()].name},
                 {"nx", 0},
                 {"ny", 0},
                 {"z_min", 0.0},
                 {"z_max", 1.0},
                 {"diverging", false},
                 {"smooth", false},
                 {"handle", false}};
  Writer write{object, blob, spatial};
  describe(write, layer);
  std::visit([&](const auto& shape) { describe(write, shape); }, layer.shape);
  return object;
}

Layer layer_from_json(const Reader& read) {
  Layer layer;
  const std::string name = text_field(read.object, "kind");
  for (const Kind& kind : kinds)
    if (kind.name == name) layer.shape = kind.make();
  if (std::holds_alternative<Polygon>(layer.shape) && !read.spatial) layer.shape = Band();
  describe(read, layer);
  std::visit([&](auto& shape) { describe(read, shape); }, layer.shape);
  return layer;
}

}  // namespace

json plot_to_json(const Plot& plot, std::vector<std::uint32_t>* blob) {
  json object;
  Writer write{object};
  describe(write, plot);
  object["blob"] = blob != nullptr;
  json& layers = object["layers"] = json::array();
  for (const Layer& layer : plot.layers) layers.push_back(layer_to_json(layer, plot.spatial, blob));
  return object;
}

Plot plot_from_json(const json& object, std::span<const std::uint32_t> blob) {
  Plot plot;
  const Reader read{object, blob};
  describe(read, plot);
  const bool in_blob = flag_field(object, "blob");
  read_list(object, "layers", plot.layers, [&](const json& item) {
    return layer_from_json({item, blob, in_blob, plot.spatial});
  });
  return plot;
}

json frame_to_json(const Frame& frame, std::vector<std::uint32_t>* blob) {
  json object = {{"step", frame.step}, {"description", frame.description}};
  json& metrics = object["metrics"] = json::array();
  for (const Metric& metric : frame.metrics) {
    Writer write{metrics.emplace_back()};
    describe(write, metric);
  }
  json& plots = object["plots"] = json::array();
  for (const Plot& plot : frame.plots) plots.push_back(plot_to_json(plot, blob));
  return object;
}

Frame frame_from_json(const json& object, std::span<const std::uint32_t> blob) {
  Frame frame;
  read_field(object, "step", frame.step);
  read_field(object, "description", frame.description);
  read_list(object, "metrics", frame.metrics, [](const json& item) {
    Metric metric;
    const Reader read{item, {}};
    describe(read, metric);
    return metric;
  });
  read_list(object, "plots", frame.plots,
            [&](const json& item) { return plot_from_json(item, blob); });
  return frame;
}

}  // namespace neural_ode
