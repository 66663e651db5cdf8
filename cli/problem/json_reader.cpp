#include "cli/problem/json_reader.h"

#include <algorithm>
#include <cmath>

namespace neural_ode {
namespace {

using nlohmann::json;

std::string quote(std::string_view text) {
  return json(text).dump(-1, ' ', true, json::error_handler_t::replace);
}

std::string count(std::size_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

std::string describe(const json* value) {
  if (value == nullptr) return "nothing";
  switch (value->type()) {
    case json::value_t::null:
      return "null";
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return value->empty() ? "an empty list" : "a list";
    case json::value_t::boolean:
      return value->get<bool>() ? "true" : "false";
    case json::value_t::string: {
      const std::string text = quote(*value->get_ptr<const std::string*>());
      return text.size() <= 60 ? text : "a long string";
    }
    default:
      return value->dump();
  }
}

// A JSON pointer's token (RFC 6901).
std::string token(std::string_view key) {
  std::string escaped;
  const std::string printable = quote(key);
  for (const char c : printable.substr(1, printable.size() - 2)) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

// Hears only where the parser stopped.
struct ErrorListener final : nlohmann::json_sax<json> {
  std::size_t position = 0;

  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_object(std::size_t) override { return true; }
  bool key(string_t&) override { return true; }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool parse_error(std::size_t at, const std::string&, const json::exception&) override {
    position = at;
    return false;
  }
};

}  // namespace

Result<json> read_json(std::string_view text) {
  json value = json::parse(text, nullptr, false);
  if (!value.is_discarded()) return value;

  ErrorListener listener;
  json::sax_parse(text, &listener);
  // The parser counts the character it stopped at.
  const std::size_t end = std::min(std::max<std::size_t>(listener.position, 1) - 1, text.size());
  std::size_t line = 1, line_begin = 0;
  for (std::size_t i = 0; i < end; ++i) {
    if (text[i] != '\n') continue;
    ++line;
    line_begin = i + 1;
  }
  const std::string found = end < text.size() ? quote(text.substr(end, 1)) : "the end of the text";
  return Error{"line " + std::to_string(line) + ", column " + std::to_string(end - line_begin + 1) +
               ": not JSON, stopped at " + found};
}

JsonPlace JsonPlace::operator[](std::string_view key) const {
  JsonPlace place{nullptr, pointer + "/" + token(key)};
  if (value == nullptr || !value->is_object()) return place;
  const auto found = value->find(key);
  if (found != value->end()) place.value = &*found;
  return place;
}

JsonPlace JsonPlace::operator[](std::size_t index) const {
  JsonPlace place{nullptr, pointer + "/" + std::to_string(index)};
  if (value != nullptr && value->is_array() && index < value->size())
    place.value = &(*value)[index];
  return place;
}

bool JsonPlace::is(std::string_view text) const {
  return value != nullptr && value->is_string() && *value->get_ptr<const std::string*>() == text;
}

bool JsonReader::fail(const JsonPlace& place, const std::string& expected) {
  return fail(place, expected, describe(place.value));
}

bool JsonReader::fail(const JsonPlace& place, const std::string& expected,
                      const std::string& found) {
  if (!ok()) return false;
  const std::string where = place.pointer.empty() ? "the whole text" : place.pointer;
  error_ = where + ": expected " + expected + ", found " + found;
  return false;
}

bool JsonReader::object(const JsonPlace& place, std::span<const std::string_view> allowed_keys) {
  std::string keys;
  for (const std::string_view key : allowed_keys) {
    keys += (keys.empty() ? "" : ", ") + std::string(key);
  }
  if (!ok()) return false;
  if (!place || !place.value->is_object()) return fail(place, "an object with " + keys);
  for (const auto& [key, value] : place.value->items()) {
    const bool known =
        std::find(allowed_keys.begin(), allowed_keys.end(), key) != allowed_keys.end();
    if (!known)
      return fail(place[key], keys.empty() ? "no keys here" : "only " + keys + " here",
                  "an unknown key");
  }
  return true;
}

bool JsonReader::array(const JsonPlace& place, const std::string& expected) {
  if (!ok()) return false;
  if (!place || !place.value->is_array() || place.value->empty()) return fail(place, expected);
  return true;
}

std::string JsonReader::text(const JsonPlace& place, const std::string& expected) {
  if (!ok()) return {};
  if (place && place.value->is_string()) return *place.value->get_ptr<const std::string*>();
  fail(place, expected);
  return {};
}

double JsonReader::number(const JsonPlace& place) {
  if (!ok()) return 0;
  if (place && place.value->is_number()) return place.value->get<double>();
  fail(place, "a number");
  return 0;
}

bool JsonReader::flag(const JsonPlace& place) {
  if (!ok()) return false;
  if (place && place.value->is_boolean()) return place.value->get<bool>();
  return fail(place, "true or false");
}

Vector<double> JsonReader::vector(const JsonPlace& place, Index size) {
  const std::string expected = size < 0
                                   ? "a list of numbers"
                                   : "a list of " + count(static_cast<std::size_t>(size), "number");
  if (!array(place, expected)) return {};
  if (size >= 0 && static_cast<Index>(place.size()) != size) {
    fail(place, count(static_cast<std::size_t>(size), "number"), std::to_string(place.size()));
    return {};
  }
  Vector<double> values(static_cast<Index>(place.size()));
  for (std::size_t i = 0; i < place.size(); ++i) {
    const json& entry = (*place.value)[i];
    if (!entry.is_number()) {
      fail(place[i], "a number");
      return {};
    }
    values[static_cast<Index>(i)] = entry.get<double>();
  }
  return values;
}

Matrix<double> JsonReader::matrix(const JsonPlace& place) {
  if (!array(place, "a list of rows")) return {};
  Matrix<double> values;
  for (std::size_t i = 0; i < place.size(); ++i) {
    const Vector<double> row = vector(place[i], i == 0 ? -1 : values.cols());
    if (!ok()) return {};
    if (i == 0) values.resize(static_cast<Index>(place.size()), row.size());
    values.row(static_cast<Index>(i)) = row.transpose();
  }
  return values;
}

}  // namespace neural_ode
