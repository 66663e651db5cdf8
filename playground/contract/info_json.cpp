#include "playground/contract/info_json.h"

#include <cstddef>
#include <string_view>
#include <utility>

#include "playground/picture/write/json_fields.h"

namespace neural_ode {

namespace {

using nlohmann::json;

json parameter_to_json(const Parameter& parameter) {
  json choices = json::array();
  for (const Choice& choice : parameter.choices) {
    choices.push_back({{"name", choice.name}, {"label", choice.label}});
  }
  json object = {{"name", parameter.name},
                 {"label", parameter.label},
                 {"help", parameter.help},
                 {"group", group_names[static_cast<std::size_t>(parameter.group)]},
                 {"kind", kind_names[static_cast<std::size_t>(parameter.kind)]}};
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
  read_field(object, "name", parameter.name);
  read_field(object, "label", parameter.label);
  read_field(object, "help", parameter.help);
  read_field(object, "group", group_names, parameter.group);
  read_field(object, "kind", kind_names, parameter.kind);
  read_field(object, "minimum", parameter.minimum);
  read_field(object, "maximum", parameter.maximum);
  std::string scale;
  read_field(object, "scale", scale);
  if (scale == "logarithmic") parameter.scale = Parameter::Scale::logarithmic;
  read_field(object, "pictures", parameter.pictures);
  read_field(object, "shown_when", parameter.shown_when);
  read_field(object, "shown_values", parameter.shown_values);
  read_list(object, "choices", parameter.choices, [](const json& item) {
    Choice choice;
    read_field(item, "name", choice.name);
    read_field(item, "label", choice.label);
    return choice;
  });
  std::string text;
  bool flag = false;
  read_field(object, "default", text);
  read_field(object, "default", flag);
  switch (parameter.kind) {
    case Parameter::Kind::real:
    case Parameter::Kind::integer:
      read_field(object, "default", parameter.default_value);
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
  read_field(object, "label", suggestion.label);
  const json* values = find_field(object, "values");
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
  read_field(object, "name", info.name);
  read_field(object, "label", info.label);
  read_field(object, "promise", info.promise);
  read_field(object, "look_for", info.look_for);
  read_field(object, "trains", info.trains);
  read_field(object, "default_steps", info.default_steps);
  read_list(object, "suggestions", info.suggestions, suggestion_from_json);
  read_list(object, "parameters", info.parameters, parameter_from_json);
  return info;
}

}  // namespace neural_ode
