#include "playground/contract/parameter.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <utility>

#include "engine/core/nearest_name.h"
#include "engine/core/number_text.h"

namespace neural_ode {

namespace {

const std::string empty_text;

std::string_view trim(std::string_view text) {
  const std::string_view blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<bool> read_flag(std::string_view text) {
  for (const auto yes : {"1", "true", "on", "yes"}) {
    if (text == yes) return true;
  }
  for (const auto no : {"0", "false", "off", "no"}) {
    if (text == no) return false;
  }
  return {};
}

std::string join_choices(const std::vector<Choice>& choices) {
  std::string text;
  for (const Choice& choice : choices) {
    if (!text.empty()) text += ", ";
    text += choice.name;
  }
  return text;
}

// What was typed, as messages show it.
std::string shown(std::string_view text) {
  constexpr std::size_t longest = 60;
  return std::string(text.substr(0, longest));
}

std::optional<double> index_of(const std::vector<Choice>& choices, std::string_view name) {
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (choices[i].name == name) return static_cast<double>(i);
  }
  return {};
}

// Why `number`, which `text` was read as, is no value of the row; empty when it is one.
std::string number_misfit(const Parameter& parameter, std::string_view text,
                          std::optional<double> number) {
  const std::string range =
      format_number(parameter.minimum) + " … " + format_number(parameter.maximum);
  if (!number) {
    std::string pointed(text);
    std::replace(pointed.begin(), pointed.end(), ',', '.');
    const bool comma = pointed != text && parse_number(pointed);
    return "expected a number, found '" + shown(text) + "' (" + range +
           (comma ? "; with a decimal point: " + shown(pointed) : "") + ")";
  }
  if (*number < parameter.minimum || *number > parameter.maximum) {
    return shown(text) + " is outside " + range;
  }
  if (parameter.kind == Parameter::Kind::integer && *number != std::round(*number)) {
    return shown(text) + " is not a whole number (" + range + ")";
  }
  return {};
}

bool is_number(const Parameter& row) {
  return row.kind == Parameter::Kind::real || row.kind == Parameter::Kind::integer;
}

}  // namespace

Settings::Settings(std::vector<Parameter> table)
    : table_(std::make_shared<const std::vector<Parameter>>(std::move(table))),
      numbers_(table_->size()),
      texts_(table_->size()) {
  for (int row = 0; row < static_cast<int>(table_->size()); ++row) reset(row);
}

int Settings::find(std::string_view name) const {
  for (std::size_t row = 0; row < table().size(); ++row) {
    if (table()[row].name == name) return static_cast<int>(row);
  }
  return -1;
}

// What a text says about a row.
struct Settings::Reading {
  int row = -1;
  std::optional<double> number;  // what comes next to it; none where it cannot be read
  std::string misfit;            // empty: the text is a value of the row
};

Settings::Reading Settings::read(std::string_view name, std::string_view value) const {
  Reading reading{find(name), {}, {}};
  if (reading.row < 0) {
    const std::string_view nearest = nearest_name(name, names_of(table()));
    reading.misfit = "unknown parameter '" + std::string(name.substr(0, 60)) + "'";
    if (!nearest.empty()) reading.misfit += "; did you mean '" + std::string(nearest) + "'?";
    return reading;
  }
  const Parameter& parameter = table()[static_cast<std::size_t>(reading.row)];
  const std::string_view text = trim(value);
  switch (parameter.kind) {
    case Parameter::Kind::text:
      break;
    case Parameter::Kind::choice:
      reading.number = index_of(parameter.choices, text);
      if (!reading.number) {
        reading.misfit =
            "unknown choice '" + shown(text) + "'; there are " + join_choices(parameter.choices);
      }
      break;
    case Parameter::Kind::flag:
      if (const auto flag = read_flag(text)) {
        reading.number = *flag ? 1 : 0;
      } else {
        reading.misfit = "expected true or false, found '" + shown(text) + "'";
      }
      break;
    case Parameter::Kind::real:
    case Parameter::Kind::integer:
      reading.number = parse_number(text);
      reading.misfit = number_misfit(parameter, text, reading.number);
      break;
  }
  if (!reading.misfit.empty()) reading.misfit = parameter.name + ": " + reading.misfit;
  return reading;
}

std::optional<std::string> Settings::misfit(std::string_view name, std::string_view value) const {
  Reading reading = read(name, value);
  if (reading.misfit.empty()) return {};
  return std::move(reading.misfit);
}

std::optional<std::string> Settings::set(std::string_view name, std::string_view value) {
  Reading reading = read(name, value);
  if (reading.row < 0) return std::move(reading.misfit);
  if (reading.number) set_number(reading.row, *reading.number);
  if (reading.misfit.empty()) {
    if (!reading.number) set_text(reading.row, std::string(value));
    return {};
  }
  return reading.misfit + (reading.number ? ", used " : "; kept ") + format(reading.row);
}

void Settings::set_number(int row, double value) {
  const Parameter& parameter = table()[static_cast<std::size_t>(row)];
  double minimum = parameter.minimum, maximum = parameter.maximum;
  if (parameter.kind == Parameter::Kind::flag) {
    minimum = 0;
    maximum = 1;
  } else if (parameter.kind == Parameter::Kind::choice) {
    minimum = 0;
    maximum = static_cast<double>(parameter.choices.size()) - 1;
  }
  if (std::isnan(value)) return;
  if (parameter.kind != Parameter::Kind::real) value = std::round(value);
  // "+ 0.0" turns -0 into 0, so that equal settings have one spelling.
  numbers_[static_cast<std::size_t>(row)] = std::clamp(value, minimum, maximum) + 0.0;
}

void Settings::set_text(int row, std::string value) {
  texts_[static_cast<std::size_t>(row)] = std::move(value);
}

void Settings::reset(int row) {
  const auto i = static_cast<std::size_t>(row);
  numbers_[i] = table()[i].default_value;
  texts_[i] = table()[i].default_text;
}

int Settings::known(std::string_view name) const {
  const int row = find(name);
  assert(row >= 0 && "no parameter of this name");
  return row;
}

double Settings::number(std::string_view name) const {
  const int row = known(name);
  return row < 0 ? 0.0 : number(row);
}

int Settings::integer(std::string_view name) const {
  return static_cast<int>(number(name));
}

bool Settings::flag(std::string_view name) const {
  return number(name) != 0;
}

const std::string& Settings::choice(std::string_view name) const {
  const int row = known(name);
  if (row < 0) return empty_text;
  const auto& choices = table()[static_cast<std::size_t>(row)].choices;
  const auto i = static_cast<std::size_t>(number(row));
  return i < choices.size() ? choices[i].name : empty_text;
}

const std::string& Settings::text(std::string_view name) const {
  const int row = known(name);
  return row < 0 ? empty_text : texts_[static_cast<std::size_t>(row)];
}

std::string Settings::format(int row) const {
  const auto i = static_cast<std::size_t>(row);
  switch (table()[i].kind) {
    case Parameter::Kind::text:
      return texts_[i];
    case Parameter::Kind::flag:
      return numbers_[i] != 0 ? "true" : "false";
    case Parameter::Kind::choice:
      return choice(table()[i].name);
    case Parameter::Kind::real:
    case Parameter::Kind::integer:
      break;
  }
  return format_number(numbers_[i]);
}

bool Settings::is_default(int row) const {
  const auto i = static_cast<std::size_t>(row);
  if (table()[i].kind == Parameter::Kind::text) return texts_[i] == table()[i].default_text;
  return numbers_[i] == table()[i].default_value;
}

bool Settings::is_shown(int row) const {
  const Parameter& parameter = table()[static_cast<std::size_t>(row)];
  if (parameter.shown_when.empty()) return true;
  const int other = find(parameter.shown_when);
  if (other < 0) return true;
  // A row that depends on a hidden row is hidden with it.
  if (!is_number(table()[static_cast<std::size_t>(other)]) && !is_shown(other)) return false;
  const std::string value = format(other);
  return std::find(parameter.shown_values.begin(), parameter.shown_values.end(), value) !=
         parameter.shown_values.end();
}

bool Settings::operator==(const Settings& other) const {
  if (table().size() != other.table().size()) return false;
  for (std::size_t i = 0; i < table().size(); ++i) {
    if (table()[i].name != other.table()[i].name) return false;
  }
  return numbers_ == other.numbers_ && texts_ == other.texts_;
}

}  // namespace neural_ode
