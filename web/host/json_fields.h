// Reading JSON that somebody else wrote: a field that is missing or of another type is its
// fallback, never a throw.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace neural_ode::web {

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

// A value as the text that Settings::set reads: "moons", "0.1", "1" for true; empty when it is none
// of these.
std::string value_text(const nlohmann::json& value);

}  // namespace neural_ode::web
