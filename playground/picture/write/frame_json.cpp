#include "playground/picture/write/frame_json.h"

#include <array>
#include <cmath>
#include <cstring>
#include <string_view>
#include <type_traits>
#include <utility>

#include "playground/picture/write/json_fields.h"

namespace neural_ode {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 8> role_names = {"neutral", "class_a", "class_b", "truth",
                                                        "model",   "train",   "test",    "accent"};
constexpr std::array<std::string_view, 8> layer_names = {"heatmap", "points", "paths", "arrows",
                                                         "curve",   "band",   "image", "histogram"};
constexpr std::array<std::string_view, 5> format_names = {"number", "percent", "count",
                                                          "milliseconds", "bytes"};

template <class Word>
json words(const std::vector<Word>& values, std::vector<std::uint32_t>* blob) {
  static_assert(sizeof(Word) == sizeof(std::uint32_t));
  json array = json::array();
  if (blob) {
    array.push_back(blob->size());
    array.push_back(values.size());
    const std::size_t offset = blob->size();
    blob->resize(offset + values.size());
    if (!values.empty()) {
      std::memcpy(blob->data() + offset, values.data(), values.size() * sizeof(Word));
    }
    return array;
  }
  for (const Word value : values) {
    if constexpr (std::is_floating_point_v<Word>) {
      array.push_back(number_or_null(value));
    } else {
      array.push_back(value);
    }
  }
  return array;
}

template <class Enum, std::size_t n>
std::string_view enum_name(const std::array<std::string_view, n>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

template <class Word>
void read_words(const json& object, const char* name, std::span<const std::uint32_t> blob,
                bool in_blob, std::vector<Word>& values) {
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

json axis_to_json(const Axis& axis) {
  return {{"label", axis.label},
          {"minimum", number_or_null(axis.minimum)},
          {"maximum", number_or_null(axis.maximum)},
          {"logarithmic", axis.logarithmic}};
}

void read_axis(const json& object, const char* name, Axis& axis) {
  const json* field = find_field(object, name);
  if (!field) return;
  read_field(*field, "label", axis.label);
  read_field(*field, "minimum", axis.minimum);
  read_field(*field, "maximum", axis.maximum);
  read_field(*field, "logarithmic", axis.logarithmic);
}

json layer_to_json(const Layer& layer, std::vector<std::uint32_t>* blob) {
  json object = {{"kind", enum_name(layer_names, layer.kind)},
                 {"label", layer.label},
                 {"heading", layer.heading},
                 {"role", enum_name(role_names, layer.role)},
                 {"series", layer.series},
                 {"nx", layer.nx},
                 {"ny", layer.ny},
                 {"z_min", number_or_null(layer.z_min)},
                 {"z_max", number_or_null(layer.z_max)},
                 {"diverging", layer.diverging},
                 {"dashed", layer.dashed},
                 {"faint", layer.faint},
                 {"smooth", layer.smooth},
                 {"handle", layer.handle}};
  const auto put = [&](const char* name, const auto& values) {
    if (!values.empty()) object[name] = words(values, blob);
  };
  put("x", layer.x);
  put("y", layer.y);
  put("z", layer.z);
  put("u", layer.u);
  put("v", layer.v);
  put("times", layer.times);
  put("starts", layer.starts);
  put("group", layer.group);
  return object;
}

Layer layer_from_json(const json& object, std::span<const std::uint32_t> blob, bool in_blob) {
  Layer layer;
  read_field(object, "kind", layer_names, layer.kind);
  read_field(object, "label", layer.label);
  read_field(object, "heading", layer.heading);
  read_field(object, "role", role_names, layer.role);
  read_field(object, "series", layer.series);
  read_field(object, "nx", layer.nx);
  read_field(object, "ny", layer.ny);
  read_field(object, "z_min", layer.z_min);
  read_field(object, "z_max", layer.z_max);
  read_field(object, "diverging", layer.diverging);
  read_field(object, "dashed", layer.dashed);
  read_field(object, "faint", layer.faint);
  read_field(object, "smooth", layer.smooth);
  read_field(object, "handle", layer.handle);
  read_words(object, "x", blob, in_blob, layer.x);
  read_words(object, "y", blob, in_blob, layer.y);
  read_words(object, "z", blob, in_blob, layer.z);
  read_words(object, "u", blob, in_blob, layer.u);
  read_words(object, "v", blob, in_blob, layer.v);
  read_words(object, "times", blob, in_blob, layer.times);
  read_words(object, "starts", blob, in_blob, layer.starts);
  read_words(object, "group", blob, in_blob, layer.group);
  return layer;
}

Plot read_plot(const json& object, std::span<const std::uint32_t> blob, bool in_blob) {
  Plot plot;
  read_field(object, "id", plot.id);
  read_field(object, "title", plot.title);
  read_field(object, "caption", plot.caption);
  read_axis(object, "x", plot.x);
  read_axis(object, "y", plot.y);
  read_axis(object, "z", plot.z);
  read_field(object, "equal_aspect", plot.equal_aspect);
  read_field(object, "spatial", plot.spatial);
  read_field(object, "legend_beside", plot.legend_beside);
  read_field(object, "editable", plot.editable);
  read_field(object, "t_begin", plot.t_begin);
  read_field(object, "t_end", plot.t_end);
  read_list(object, "layers", plot.layers,
            [&](const json& item) { return layer_from_json(item, blob, in_blob); });
  return plot;
}

Metric metric_from_json(const json& object) {
  Metric metric;
  read_field(object, "name", metric.name);
  read_field(object, "label", metric.label);
  read_field(object, "value", metric.value);
  read_field(object, "format", format_names, metric.format);
  read_field(object, "headline", metric.headline);
  return metric;
}

}  // namespace

json plot_to_json(const Plot& plot, std::vector<std::uint32_t>* blob) {
  json layers = json::array();
  for (const Layer& layer : plot.layers) layers.push_back(layer_to_json(layer, blob));
  return {{"id", plot.id},
          {"title", plot.title},
          {"caption", plot.caption},
          {"x", axis_to_json(plot.x)},
          {"y", axis_to_json(plot.y)},
          {"z", axis_to_json(plot.z)},
          {"equal_aspect", plot.equal_aspect},
          {"spatial", plot.spatial},
          {"legend_beside", plot.legend_beside},
          {"editable", plot.editable},
          {"t_begin", number_or_null(plot.t_begin)},
          {"t_end", number_or_null(plot.t_end)},
          {"blob", blob != nullptr},
          {"layers", std::move(layers)}};
}

Plot plot_from_json(const json& object, std::span<const std::uint32_t> blob) {
  bool in_blob = false;
  read_field(object, "blob", in_blob);
  return read_plot(object, blob, in_blob);
}

json frame_to_json(const Frame& frame, std::vector<std::uint32_t>* blob) {
  json metrics = json::array();
  for (const Metric& metric : frame.metrics) {
    metrics.push_back({{"name", metric.name},
                       {"label", metric.label},
                       {"value", number_or_null(metric.value)},
                       {"format", enum_name(format_names, metric.format)},
                       {"headline", metric.headline}});
  }
  json plots = json::array();
  for (const Plot& plot : frame.plots) plots.push_back(plot_to_json(plot, blob));
  return {{"step", frame.step},
          {"metrics", std::move(metrics)},
          {"plots", std::move(plots)},
          {"description", frame.description}};
}

Frame frame_from_json(const json& object, std::span<const std::uint32_t> blob) {
  Frame frame;
  read_field(object, "step", frame.step);
  read_field(object, "description", frame.description);
  read_list(object, "metrics", frame.metrics, metric_from_json);
  read_list(object, "plots", frame.plots,
            [&](const json& item) { return plot_from_json(item, blob); });
  return frame;
}

}  // namespace neural_ode
