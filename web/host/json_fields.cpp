#include "web/host/json_fields.h"

#include <nlohmann/json.hpp>

namespace neural_ode::web {

using nlohmann::json;

json parse_json(std::string_view text) {
  return json::parse(text, nullptr, false);
}

std::string write_json(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

const json* find_field(const json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

std::string text_field(const json& object, const char* name, std::string_view fallback) {
  const json* field = find_field(object, name);
  return field && field->is_string() ? *field->get_ptr<const std::string*>()
                                     : std::string(fallback);
}

double number_field(const json& object, const char* name, double fallback) {
  const json* field = find_field(object, name);
  return field && field->is_number() ? field->get<double>() : fallback;
}

std::int64_t integer_field(const json& object, const char* name, std::int64_t fallback) {
  const json* field = find_field(object, name);
  if (!field || !field->is_number()) return fallback;
  // Integers beyond 2^53 are no counts that we ever sent; the comparison also refuses NaN.
  const double value = field->get<double>();
  constexpr double kLimit = 9007199254740992.0;
  return value >= -kLimit && value <= kLimit ? static_cast<std::int64_t>(value) : fallback;
}

bool flag_field(const json& object, const char* name, bool fallback) {
  const json* field = find_field(object, name);
  return field && field->is_boolean() ? field->get<bool>() : fallback;
}

std::string value_text(const json& value) {
  if (value.is_string()) return *value.get_ptr<const std::string*>();
  if (value.is_boolean()) return value.get<bool>() ? "1" : "0";
  return value.is_number() ? write_json(value) : std::string();
}

}  // namespace neural_ode::web
