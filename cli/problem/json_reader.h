// Strict reading of JSON: every mistake is one line that names the place as a JSON pointer.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/core/types.h"

namespace neural_ode {

// "line 3, column 7: ..." when it is not JSON.
Result<nlohmann::json> read_json(std::string_view text);

// "a, b or c"
template <class Names>
std::string one_of(const Names& names) {
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) list += i + 1 == names.size() ? " or " : ", ";
    list += names[i];
  }
  return list;
}

// A value and where it is.
struct JsonPlace {
  const nlohmann::json* value = nullptr;  // null: there is none
  std::string pointer;

  JsonPlace operator[](std::string_view key) const;  // nothing when missing or not an object
  JsonPlace operator[](std::size_t index) const;
  explicit operator bool() const { return value != nullptr; }
  bool is(std::string_view text) const;  // a string that equals it
  std::size_t size() const { return value == nullptr ? 0 : value->size(); }
};

// Keeps the first mistake; after it every further question is answered with a default.
class JsonReader {
 public:
  bool ok() const { return error_.empty(); }
  const std::string& error() const { return error_; }
  // "<pointer>: expected <expected>, found <what is there>"; returns false.
  bool fail(const JsonPlace& place, const std::string& expected);
  bool fail(const JsonPlace& place, const std::string& expected, const std::string& found);

  bool object(const JsonPlace& place, std::span<const std::string_view> allowed_keys);
  bool object(const JsonPlace& place, std::initializer_list<std::string_view> allowed_keys) {
    return object(place, std::span(allowed_keys.begin(), allowed_keys.size()));
  }
  bool array(const JsonPlace& place, const std::string& expected);
  std::string text(const JsonPlace& place, const std::string& expected);
  double number(const JsonPlace& place);
  bool flag(const JsonPlace& place);
  // A list of numbers; `size` < 0: any positive number of them.
  Vector<double> vector(const JsonPlace& place, Index size);
  // A list of rows of equal length.
  Matrix<double> matrix(const JsonPlace& place);

 private:
  std::string error_;
};

}  // namespace neural_ode
