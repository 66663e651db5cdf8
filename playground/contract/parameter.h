// The table that describes what a person may set. The panel, the URL, CLI flags, the JS API and the
// docs are all generated from it, so they cannot disagree.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace neural_ode {

struct Choice {
  std::string name;   // "moons": in URLs and --set
  std::string label;  // "Moons": shown
};

struct Parameter {
  enum class Kind { real, integer, choice, flag, text };
  enum class Scale { linear, logarithmic };
  enum class Group { data, model, solver, training };

  std::string name;   // "learning_rate"
  std::string label;  // "Learning rate"
  std::string help;   // one or two sentences, names the symbol
  Group group = Group::model;
  Kind kind = Kind::real;
  double minimum = 0, maximum = 1;  // real, integer
  double default_value = 0;         // real, integer, flag (0 or 1), choice (index)
  Scale scale = Scale::linear;
  std::vector<Choice> choices;
  std::string default_text;  // text
  bool pictures = false;     // choice whose options have previews (Experiment::preview)

  // Shown only when another choice or flag has one of these values; empty name: always.
  std::string shown_when;
  std::vector<std::string> shown_values;
};

// By Parameter::Kind and Parameter::Group: in tables that are written.
inline constexpr std::array<std::string_view, 5> kind_names = {"real", "integer", "choice", "flag",
                                                               "text"};
inline constexpr std::array<std::string_view, 4> group_names = {"data", "model", "solver",
                                                                "training"};

// One value for every row of a table; always within range.
class Settings {
 public:
  Settings() : Settings(std::vector<Parameter>()) {}
  explicit Settings(std::vector<Parameter> table);  // defaults

  const std::vector<Parameter>& table() const { return *table_; }
  int find(std::string_view name) const;  // row, or -1

  // Why the table cannot have this value, with what it allows: "noise: 9 is outside 0 … 0.5".
  // Nothing when it can.
  std::optional<std::string> misfit(std::string_view name, std::string_view value) const;
  // Reads `value` as the row's kind. Out-of-range numbers are clamped; unknown names, unreadable
  // values and unknown choices change nothing. In each such case the returned note says what is
  // wrong (misfit) and what is used instead; no note when all was well.
  std::optional<std::string> set(std::string_view name, std::string_view value);
  void set_number(int row, double value);  // clamped and rounded as the kind demands
  void set_text(int row, std::string value);
  void reset(int row);

  double number(std::string_view name) const;  // also choice index and flag
  int integer(std::string_view name) const;
  bool flag(std::string_view name) const;
  const std::string& choice(std::string_view name) const;  // its name
  const std::string& text(std::string_view name) const;

  double number(int row) const { return numbers_[static_cast<std::size_t>(row)]; }
  std::string format(int row) const;  // what `set` reads back to the same value, shortest form
  bool is_default(int row) const;
  bool is_shown(int row) const;  // by shown_when

  bool operator==(const Settings& other) const;

 private:
  struct Reading;
  Reading read(std::string_view name, std::string_view value) const;
  int known(std::string_view name) const;  // find; a name that is misspelt stops a debug build

  std::shared_ptr<const std::vector<Parameter>> table_;  // copies share it
  std::vector<double> numbers_;
  std::vector<std::string> texts_;
};

}  // namespace neural_ode
