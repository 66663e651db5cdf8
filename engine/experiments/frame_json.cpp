#include "engine/experiments/frame_json.h"

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <type_traits>
#include <utility>

namespace neural_ode {

namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 8> role_names = {"neutral", "class_a", "class_b", "truth",
                                                        "model",   "train",   "test",    "accent"};
constexpr std::array<std::string_view, 8> layer_names = {"heatmap", "points", "paths", "arrows",
                                                         "curve",   "band",   "image", "histogram"};
constexpr std::array<std::string_view, 5> format_names = {"number", "percent", "count",
                                                          "milliseconds", "bytes"};
constexpr std::array<std::string_view, 5> kind_names = {"real", "integer", "choice", "flag",
                                                        "text"};
constexpr std::array<std::string_view, 4> group_names = {"data", "model", "solver", "training"};

// JSON has no NaN and no infinity: they become null, and null becomes NaN again.
template <class Number>
json number(Number value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

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
      array.push_back(number(value));
    } else {
      array.push_back(value);
    }
  }
  return array;
}

// Absent, of another type: the default stays. Nothing here can throw on odd JSON.
const json* member(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(name);
  return it == object.end() ? nullptr : &*it;
}

void read(const json& object, const char* name, std::string& value) {
  const json* field = member(object, name);
  if (field && field->is_string()) value = *field->get_ptr<const std::string*>();
}

void read(const json& object, const char* name, bool& value) {
  const json* field = member(object, name);
  if (field && field->is_boolean()) value = *field->get_ptr<const bool*>();
}

double to_double(const json& value) {
  return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

void read(const json& object, const char* name, double& value) {
  const json* field = member(object, name);
  if (field && (field->is_number() || field->is_null())) value = to_double(*field);
}

void read(const json& object, const char* name, float& value) {
  double wide = static_cast<double>(value);
  read(object, name, wide);
  value = static_cast<float>(wide);
}

void read(const json& object, const char* name, int& value) {
  const json* field = member(object, name);
  if (field && field->is_number_integer()) value = field->get<int>();
}

void read(const json& object, const char* name, std::int64_t& value) {
  const json* field = member(object, name);
  if (field && field->is_number_integer()) value = field->get<std::int64_t>();
}

template <class Enum, std::size_t n>
void read(const json& object, const char* name, const std::array<std::string_view, n>& names,
          Enum& value) {
  std::string text;
  read(object, name, text);
  for (std::size_t i = 0; i < n; ++i) {
    if (names[i] == text) value = static_cast<Enum>(i);
  }
}

template <class Enum, std::size_t n>
std::string_view enum_name(const std::array<std::string_view, n>& names, Enum value) {
  return names[static_cast<std::size_t>(value)];
}

template <class Word>
void read(const json& object, const char* name, std::span<const std::uint32_t> blob, bool in_blob,
          std::vector<Word>& values) {
  const json* field = member(object, name);
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
      values.push_back(static_cast<Word>(to_double(item)));
    } else {
      values.push_back(item.is_number_integer() ? item.get<Word>() : Word{0});
    }
  }
}

void read(const json& object, const char* name, std::vector<std::string>& values) {
  const json* field = member(object, name);
  if (!field || !field->is_array()) return;
  values.clear();
  for (const json& item : *field) {
    if (item.is_string()) values.push_back(*item.get_ptr<const std::string*>());
  }
}

template <class Item, class Reader>
void read_list(const json& object, const char* name, std::vector<Item>& items, Reader reader) {
  const json* field = member(object, name);
  if (!field || !field->is_array()) return;
  items.clear();
  for (const json& item : *field) items.push_back(reader(item));
}

json axis_to_json(const Axis& axis) {
  return {{"label", axis.label},
          {"minimum", number(axis.minimum)},
          {"maximum", number(axis.maximum)},
          {"logarithmic", axis.logarithmic}};
}

void read(const json& object, const char* name, Axis& axis) {
  const json* field = member(object, name);
  if (!field) return;
  read(*field, "label", axis.label);
  read(*field, "minimum", axis.minimum);
  read(*field, "maximum", axis.maximum);
  read(*field, "logarithmic", axis.logarithmic);
}

json layer_to_json(const Layer& layer, std::vector<std::uint32_t>* blob) {
  json object = {{"kind", enum_name(layer_names, layer.kind)},
                 {"label", layer.label},
                 {"heading", layer.heading},
                 {"role", enum_name(role_names, layer.role)},
                 {"series", layer.series},
                 {"nx", layer.nx},
                 {"ny", layer.ny},
                 {"z_min", number(layer.z_min)},
                 {"z_max", number(layer.z_max)},
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
  read(object, "kind", layer_names, layer.kind);
  read(object, "label", layer.label);
  read(object, "heading", layer.heading);
  read(object, "role", role_names, layer.role);
  read(object, "series", layer.series);
  read(object, "nx", layer.nx);
  read(object, "ny", layer.ny);
  read(object, "z_min", layer.z_min);
  read(object, "z_max", layer.z_max);
  read(object, "diverging", layer.diverging);
  read(object, "dashed", layer.dashed);
  read(object, "faint", layer.faint);
  read(object, "smooth", layer.smooth);
  read(object, "handle", layer.handle);
  read(object, "x", blob, in_blob, layer.x);
  read(object, "y", blob, in_blob, layer.y);
  read(object, "z", blob, in_blob, layer.z);
  read(object, "u", blob, in_blob, layer.u);
  read(object, "v", blob, in_blob, layer.v);
  read(object, "times", blob, in_blob, layer.times);
  read(object, "starts", blob, in_blob, layer.starts);
  read(object, "group", blob, in_blob, layer.group);
  return layer;
}

Plot read_plot(const json& object, std::span<const std::uint32_t> blob, bool in_blob) {
  Plot plot;
  read(object, "id", plot.id);
  read(object, "title", plot.title);
  read(object, "caption", plot.caption);
  read(object, "x", plot.x);
  read(object, "y", plot.y);
  read(object, "z", plot.z);
  read(object, "equal_aspect", plot.equal_aspect);
  read(object, "spatial", plot.spatial);
  read(object, "legend_beside", plot.legend_beside);
  read(object, "editable", plot.editable);
  read(object, "t_begin", plot.t_begin);
  read(object, "t_end", plot.t_end);
  read_list(object, "layers", plot.layers,
            [&](const json& item) { return layer_from_json(item, blob, in_blob); });
  return plot;
}

Metric metric_from_json(const json& object) {
  Metric metric;
  read(object, "name", metric.name);
  read(object, "label", metric.label);
  read(object, "value", metric.value);
  read(object, "format", format_names, metric.format);
  read(object, "headline", metric.headline);
  return metric;
}

json parameter_to_json(const Parameter& parameter) {
  json choices = json::array();
  for (const Choice& choice : parameter.choices) {
    choices.push_back({{"name", choice.name}, {"label", choice.label}});
  }
  json object = {{"name", parameter.name},
                 {"label", parameter.label},
                 {"help", parameter.help},
                 {"group", group_name(parameter.group)},
                 {"kind", kind_name(parameter.kind)}};
  switch (parameter.kind) {
    case Parameter::Kind::real:
    case Parameter::Kind::integer:
      object["minimum"] = parameter.minimum;
      object["maximum"] = parameter.maximum;
      object["default"] = parameter.default_value;
      object["scale"] = parameter.scale == Parameter::Scale::logarithmic ? "logarithmic" : "linear";
      break;
    case Parameter::Kind::flag:
      object["default"] = parameter.default_value != 0;
      break;
    case Parameter::Kind::choice: {
      const auto i = static_cast<std::size_t>(parameter.default_value);
      object["default"] = i < parameter.choices.size() ? parameter.choices[i].name : "";
      object["choices"] = std::move(choices);
      object["pictures"] = parameter.pictures;
      break;
    }
    case Parameter::Kind::text:
      object["default"] = parameter.default_text;
      break;
  }
  if (!parameter.shown_when.empty()) {
    object["shown_when"] = parameter.shown_when;
    object["shown_values"] = parameter.shown_values;
  }
  return object;
}

Parameter parameter_from_json(const json& object) {
  Parameter parameter;
  read(object, "name", parameter.name);
  read(object, "label", parameter.label);
  read(object, "help", parameter.help);
  read(object, "group", group_names, parameter.group);
  read(object, "kind", kind_names, parameter.kind);
  read(object, "minimum", parameter.minimum);
  read(object, "maximum", parameter.maximum);
  std::string scale;
  read(object, "scale", scale);
  if (scale == "logarithmic") parameter.scale = Parameter::Scale::logarithmic;
  read(object, "pictures", parameter.pictures);
  read(object, "shown_when", parameter.shown_when);
  read(object, "shown_values", parameter.shown_values);
  read_list(object, "choices", parameter.choices, [](const json& item) {
    Choice choice;
    read(item, "name", choice.name);
    read(item, "label", choice.label);
    return choice;
  });
  std::string text;
  bool flag = false;
  read(object, "default", text);
  read(object, "default", flag);
  switch (parameter.kind) {
    case Parameter::Kind::real:
    case Parameter::Kind::integer:
      read(object, "default", parameter.default_value);
      break;
    case Parameter::Kind::flag:
      parameter.default_value = flag ? 1 : 0;
      break;
    case Parameter::Kind::choice:
      for (std::size_t i = 0; i < parameter.choices.size(); ++i) {
        if (parameter.choices[i].name == text) parameter.default_value = static_cast<double>(i);
      }
      break;
    case Parameter::Kind::text:
      parameter.default_text = text;
      break;
  }
  return parameter;
}

Suggestion suggestion_from_json(const json& object) {
  Suggestion suggestion;
  read(object, "label", suggestion.label);
  const json* values = member(object, "values");
  if (values && values->is_array()) {
    for (const json& pair : *values) {
      if (pair.is_array() && pair.size() == 2 && pair[0].is_string() && pair[1].is_string()) {
        suggestion.values.emplace_back(*pair[0].get_ptr<const std::string*>(),
                                       *pair[1].get_ptr<const std::string*>());
      }
    }
  }
  return suggestion;
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
          {"t_begin", number(plot.t_begin)},
          {"t_end", number(plot.t_end)},
          {"blob", blob != nullptr},
          {"layers", std::move(layers)}};
}

Plot plot_from_json(const json& object, std::span<const std::uint32_t> blob) {
  bool in_blob = false;
  read(object, "blob", in_blob);
  return read_plot(object, blob, in_blob);
}

json frame_to_json(const Frame& frame, std::vector<std::uint32_t>* blob) {
  json metrics = json::array();
  for (const Metric& metric : frame.metrics) {
    metrics.push_back({{"name", metric.name},
                       {"label", metric.label},
                       {"value", number(metric.value)},
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
  read(object, "step", frame.step);
  read(object, "description", frame.description);
  read_list(object, "metrics", frame.metrics, metric_from_json);
  read_list(object, "plots", frame.plots,
            [&](const json& item) { return plot_from_json(item, blob); });
  return frame;
}

json info_to_json(const ExperimentInfo& info) {
  json parameters = json::array(), suggestions = json::array();
  for (const Parameter& row : info.parameters) parameters.push_back(parameter_to_json(row));
  for (const Suggestion& suggestion : info.suggestions) {
    json values = json::array();
    for (const auto& [name, value] : suggestion.values) {
      values.push_back(json::array({name, value}));
    }
    suggestions.push_back({{"label", suggestion.label}, {"values", std::move(values)}});
  }
  return {{"name", info.name},
          {"label", info.label},
          {"promise", info.promise},
          {"look_for", info.look_for},
          {"trains", info.trains},
          {"default_steps", info.default_steps},
          {"suggestions", std::move(suggestions)},
          {"parameters", std::move(parameters)}};
}

ExperimentInfo info_from_json(const json& object) {
  ExperimentInfo info;
  read(object, "name", info.name);
  read(object, "label", info.label);
  read(object, "promise", info.promise);
  read(object, "look_for", info.look_for);
  read(object, "trains", info.trains);
  read(object, "default_steps", info.default_steps);
  read_list(object, "suggestions", info.suggestions, suggestion_from_json);
  read_list(object, "parameters", info.parameters, parameter_from_json);
  return info;
}

}  // namespace neural_ode
