#include "playground/picture/write/json_fields.h"

#include <cmath>
#include <limits>

namespace neural_ode {

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
  constexpr double limit = 9007199254740992.0;
  return value >= -limit && value <= limit ? static_cast<std::int64_t>(value) : fallback;
}

bool flag_field(const json& object, const char* name, bool fallback) {
  const json* field = find_field(object, name);
  return field && field->is_boolean() ? field->get<bool>() : fallback;
}

std::string value_text(const json& value) {
  if (value.is_string()) return *value.get_ptr<const std::string*>();
  if (value.is_boolean()) return value.get<bool>() ? "1" : "0";
  return write_json(value);
}

void read_field(const json& object, const char* name, std::string& value) {
  value = text_field(object, name, value);
}

void read_field(const json& object, const char* name, bool& value) {
  value = flag_field(object, name, value);
}

void read_field(const json& object, const char* name, int& value) {
  const std::int64_t wide = integer_field(object, name, value);
  if (wide == static_cast<int>(wide)) value = static_cast<int>(wide);
}

void read_field(const json& object, const char* name, std::int64_t& value) {
  value = integer_field(object, name, value);
}

void read_field(const json& object, const char* name, double& value) {
  const json* field = find_field(object, name);
  if (field && (field->is_number() || field->is_null())) value = number_or_nan(*field);
}

void read_field(const json& object, const char* name, float& value) {
  double wide = static_cast<double>(value);
  read_field(object, name, wide);
  value = static_cast<float>(wide);
}

void read_field(const json& object, const char* name, std::vector<std::string>& values) {
  const json* field = find_field(object, name);
  if (!field || !field->is_array()) return;
  values.clear();
  for (const json& item : *field) {
    if (item.is_string()) values.push_back(*item.get_ptr<const std::string*>());
  }
}

json number_or_null(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

double number_or_nan(const json& value) {
  return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace neural_ode
