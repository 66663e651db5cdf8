// Reading JSON that somebody else wrote: a field that is missing or of another type leaves what
// there was or is its fallback, never a throw.
#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace neural_ode {

// Discarded (is_discarded()) when `text` is not JSON.
nlohmann::json parse_json(std::string_view text);
// Bytes that are not UTF-8 become U+FFFD, so that any message can be sent.
std::string write_json(const nlohmann::json& json);

// Null when `json` is no object or has no such field.
const nlohmann::json* find_field(const nlohmann::json& json, const char* name);

std::string text_field(const nlohmann::json& json, const char* name,
                       std::string_view fallback = "");
double number_field(const nlohmann::json& json, const char* name, double fallback = 0);
std::int64_t integer_field(const nlohmann::json& json, const char* name, std::int64_t fallback = 0);
bool flag_field(const nlohmann::json& json, const char* name, bool fallback = false);

// A value as the text that Settings::set reads: "moons", "0.1", "1" for true; JSON when it is none
// of these.
std::string value_text(const nlohmann::json& value);

// --- the same into a place whose value is the fallback
void read_field(const nlohmann::json& json, const char* name, std::string& value);
void read_field(const nlohmann::json& json, const char* name, bool& value);
void read_field(const nlohmann::json& json, const char* name, int& value);
void read_field(const nlohmann::json& json, const char* name, std::int64_t& value);
// JSON has no NaN and no infinity: number_or_null writes null for them, and null is read as NaN.
void read_field(const nlohmann::json& json, const char* name, double& value);
void read_field(const nlohmann::json& json, const char* name, float& value);
void read_field(const nlohmann::json& json, const char* name, std::vector<std::string>& values);
nlohmann::json number_or_null(double value);
double number_or_nan(const nlohmann::json& value);

// An enumeration by the names of its values.
template <class Enum, std::size_t n>
void read_field(const nlohmann::json& json, const char* name,
                const std::array<std::string_view, n>& names, Enum& value) {
  const std::string text = text_field(json, name);
  for (std::size_t i = 0; i < n; ++i) {
    if (names[i] == text) value = static_cast<Enum>(i);
  }
}

template <class Item, class Reader>
void read_list(const nlohmann::json& json, const char* name, std::vector<Item>& items,
               Reader reader) {
  const nlohmann::json* field = find_field(json, name);
  if (!field || !field->is_array()) return;
  items.clear();
  for (const nlohmann::json& item : *field) items.push_back(reader(item));
}

}  // namespace neural_ode
