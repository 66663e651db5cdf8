#include "engine/data/csv/columns.h"

#include <algorithm>
#include <set>

namespace neural_ode {

namespace {

using Role = ColumnRole;

// A role's own name first, which counts more than the others; all without blanks and underscores.
struct RoleNames {
  Role role;
  std::string_view in_words;  // in notes
  std::vector<std::string_view> names;
};

const std::vector<RoleNames>& role_names() {
  static const std::vector<RoleNames> names = {
      {Role::t,
       "t",
       {"t", "time", "times", "timestamp", "datetime", "date", "day", "days", "hour", "hours",
        "minute", "minutes", "second", "seconds", "year", "years"}},
      {Role::label,
       "class",
       {"label", "labels", "class", "classes", "cls", "target", "category", "type", "kind", "group",
        "species", "color", "colour", "outcome"}},
      {Role::weight, "weight", {"weight", "weights"}},
      {Role::trajectory,
       "trajectory",
       {"trajectory", "trajectoryid", "traj", "trajid", "series", "seriesid", "run", "runid",
        "track", "trackid", "group", "particle", "subject", "sequence", "episode", "curve"}},
  };
  return names;
}

constexpr std::array<std::string_view, 2> coordinates[] = {
    {"x", "y"},
    {"x1", "x2"},
    {"x0", "x1"},
    {"y1", "y2"},
    {"y0", "y1"},
    {"f1", "f2"},
    {"feature1", "feature2"},
    {"feature0", "feature1"},
    {"posx", "posy"},
    {"xpos", "ypos"},
    {"positionx", "positiony"},
    {"xcoord", "ycoord"},
    {"u", "v"},
    {"q", "p"},
    {"lon", "lat"},
    {"longitude", "latitude"},
};

constexpr std::array<std::string_view, 8> value_names = {
    "value", "values", "v", "level", "signal", "measurement", "reading", "observed"};

// "Unnamed: 0", "x_1 (m)" and "Time [s]" are unnamed:0, x1 and time.
std::string plain(std::string_view name) {
  name = without_blanks_around(name);
  for (const auto& [open, close] : {std::pair{'(', ')'}, std::pair{'[', ']'}}) {
    const std::size_t begin = name.find(open);
    if (begin != name.npos && begin > 0 && name.back() == close) name = name.substr(0, begin);
  }
  std::string word = lower_case(name);
  std::erase_if(word, [](char c) { return c == ' ' || c == '_' || c == '-' || c == '.'; });
  return word;
}

std::string list(const std::vector<std::string>& words, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < words.size() && i < most; ++i) {
    if (i > 0) text += ", ";
    text += words[i].empty() ? "one without a name" : shown(words[i]);
  }
  if (words.size() > most) text += " and " + std::to_string(words.size() - most) + " more";
  return text;
}

std::string name_of(Role role) {
  if (role == Role::x) return "x";
  if (role == Role::y) return "y";
  for (const RoleNames& each : role_names()) {
    if (each.role == role) return std::string(each.names.front());
  }
  return {};
}

std::vector<std::size_t> columns_named(const std::vector<std::string>& words,
                                       std::string_view name) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == name) found.push_back(i);
  }
  return found;
}

Error ambiguous(const CsvTable& table, std::string_view role, std::size_t a, std::size_t b) {
  return Error{"both " + shown(table.names[a]) + " (column " + std::to_string(a + 1) + ") and " +
               shown(table.names[b]) + " (column " + std::to_string(b + 1) + ") may be " +
               std::string(role) + "; rename one of them"};
}

// Its own name, or else the one other name that is there.
Result<std::optional<std::size_t>> find_role(const CsvTable& table,
                                             const std::vector<std::string>& words,
                                             const RoleNames& role) {
  std::vector<std::size_t> found = columns_named(words, role.names.front());
  if (found.empty()) {
    for (const std::string_view name : role.names) {
      for (const std::size_t at : columns_named(words, name)) found.push_back(at);
    }
  }
  if (found.size() > 1) return ambiguous(table, role.names.front(), found[0], found[1]);
  if (found.empty()) return std::optional<std::size_t>();
  return std::optional(found[0]);
}

using Pair = std::array<std::size_t, 2>;

Result<std::optional<Pair>> find_coordinates(const CsvTable& table,
                                             const std::vector<std::string>& words) {
  std::optional<Pair> found;
  for (const auto& names : coordinates) {
    const auto first = columns_named(words, names[0]), second = columns_named(words, names[1]);
    if (first.empty() || second.empty()) continue;
    if (first.size() > 1) return ambiguous(table, names[0], first[0], first[1]);
    if (second.size() > 1) return ambiguous(table, names[1], second[0], second[1]);
    const Pair pair = {first[0], second[0]};
    if (found) {
      return Error{"the columns " + shown(table.names[(*found)[0]]) + ", " +
                   shown(table.names[(*found)[1]]) + " and " + shown(table.names[pair[0]]) + ", " +
                   shown(table.names[pair[1]]) + " may both be x, y; name two columns x and y"};
    }
    found = pair;
    if (names[0] == "x") break;
  }
  return found;
}

// A column `id` that names trajectories repeats itself; one that numbers rows does not.
bool repeats(const CsvTable& table, std::size_t column) {
  std::set<std::string_view> seen;
  for (const CsvTable::Row& row : table.rows) {
    if (!seen.insert(table.cell(row, column)).second) return true;
  }
  return false;
}

Error missing_columns(const CsvTable& table, const WantedColumns& wanted,
                      const std::vector<Role>& missing) {
  std::vector<std::string> names(table.names.begin(), table.names.end());
  std::string expected, absent;
  for (const Role role : wanted.needed) expected += (expected.empty() ? "" : ", ") + name_of(role);
  for (const Role role : missing) absent += (absent.empty() ? "" : ", ") + name_of(role);
  return Error{"found the columns " + list(names, 12) + "; expected " + expected +
               ", and there is no " + absent};
}

}  // namespace

std::string Columns::name(ColumnRole role) const {
  constexpr std::size_t longest = 40;
  if (!has(role) || at(role) >= names_.size()) return {};
  const std::string& name = names_[at(role)];
  const bool printable = std::all_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) >= ' ' && c != '"';
  });
  return printable && name.size() <= longest ? name : std::string();
}

std::string Columns::in_words(const std::string& class_names) const {
  constexpr std::size_t most_ignored = 6;
  std::string text;
  std::vector<std::string> ignored(names_);
  std::vector<bool> used(names_.size(), false);
  const auto add = [&](Role role, std::string_view word) {
    if (!has(role)) return;
    if (!text.empty()) text += ", ";
    text += word;
    if (!names_.empty()) {
      text += " ← " + shown(names_[at(role)]);
      used[at(role)] = true;
    }
    if (role == Role::label) text += class_names;
  };
  add(Role::t, "t");
  add(Role::x, "x");
  add(Role::y, "y");
  add(Role::label, "class");
  add(Role::weight, "weight");
  add(Role::trajectory, "trajectory");
  if (names_.empty()) text = "columns without a header, in this order: " + text;
  std::vector<std::string> rest;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (!used[i]) rest.push_back(names_[i]);
  }
  if (!rest.empty()) text += "; ignored " + list(rest, most_ignored);
  return text;
}

bool is_column_name(std::string_view word) {
  const std::string name = plain(word);
  for (const auto& pair : coordinates) {
    if (name == pair[0] || name == pair[1]) return true;
  }
  return std::any_of(role_names().begin(), role_names().end(), [&](const RoleNames& role) {
    return std::find(role.names.begin(), role.names.end(), name) != role.names.end();
  });
}

namespace {

Status check_rows(const CsvTable& table, const WantedColumns& wanted, std::size_t count) {
  const std::size_t most = wanted.orders.back().size();
  for (const CsvTable::Row& row : table.rows) {
    if (row.count == count) continue;
    return error_at(row.line, std::min(row.count, most),
                    "expected " + std::string(wanted.orders_in_words) + ", found " +
                        std::to_string(row.count) + (row.count == 1 ? " field" : " fields"));
  }
  return {};
}

// The values of a series of one coordinate: x, or a name that says so, or the only column that is
// left beside those used and those that number rows.
Result<std::optional<std::size_t>> find_values(const CsvTable& table,
                                               const std::vector<std::string>& words,
                                               const std::vector<bool>& used) {
  constexpr std::array<std::string_view, 3> numbering = {"", "index", "id"};
  std::vector<std::size_t> left;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (used[i]) continue;
    if (words[i] == "x") return std::optional(i);
    if (std::find(numbering.begin(), numbering.end(), words[i]) != numbering.end()) continue;
    if (words[i].starts_with("unnamed")) continue;
    left.push_back(i);
  }
  std::vector<std::size_t> named;
  for (const std::size_t i : left) {
    const auto is = [&](std::string_view name) { return words[i] == name; };
    if (std::any_of(value_names.begin(), value_names.end(), is)) named.push_back(i);
  }
  if (named.empty()) named = left;
  if (named.size() > 1) return ambiguous(table, "x", named[0], named[1]);
  if (named.empty()) return std::optional<std::size_t>();
  return std::optional(named[0]);
}

}  // namespace

Result<Columns> find_columns(const CsvTable& table, const WantedColumns& wanted) {
  Columns columns;
  if (table.names.empty()) {
    const std::size_t count = table.rows.front().count;
    const auto order = std::find_if(wanted.orders.begin(), wanted.orders.end(),
                                    [&](const auto& each) { return each.size() == count; });
    const bool found = order != wanted.orders.end();
    if (Status status = check_rows(table, wanted, found ? count : 0); !status) {
      return Error{status.error()};
    }
    for (std::size_t i = 0; found && i < count; ++i) columns.place((*order)[i]) = i;
    return columns;
  }
  columns.names_.assign(table.names.begin(), table.names.end());
  std::vector<std::string> words;
  for (const std::string_view name : table.names) words.push_back(plain(name));
  const auto pair = find_coordinates(table, words);
  if (!pair) return Error{pair.error()};
  if (pair.value()) {
    columns.place(Role::x) = (*pair.value())[0];
    columns.place(Role::y) = (*pair.value())[1];
  }
  std::vector<Role> missing;
  for (const auto* roles : {&wanted.needed, &wanted.optional}) {
    for (const Role role : *roles) {
      for (const RoleNames& names : role_names()) {
        if (names.role != role) continue;
        const auto found = find_role(table, words, names);
        if (!found) return Error{found.error()};
        columns.place(role) = found.value();
      }
      const auto same = columns_named(words, role == Role::label ? "y" : "id");
      const bool may_be =
          role == Role::label
              ? pair.value() && !same.empty() && words[columns.at(Role::x)] != "x"
              : role == Role::trajectory && same.size() == 1 && repeats(table, same[0]);
      if (!columns.has(role) && may_be) columns.place(role) = same[0];
      if (columns.has(role) || roles == &wanted.optional) continue;
      const bool half =
          (role == Role::x || role == Role::y) && !columns_named(words, name_of(role)).empty();
      if (!half) missing.push_back(role);
    }
  }
  const auto& needed = wanted.needed;
  const bool x_alone = std::find(needed.begin(), needed.end(), Role::x) != needed.end() &&
                       std::find(needed.begin(), needed.end(), Role::y) == needed.end();
  if (x_alone && !columns.has(Role::x)) {
    std::vector<bool> used(words.size(), false);
    for (const Role role : {Role::t, Role::trajectory})
      if (columns.has(role)) used[columns.at(role)] = true;
    const auto values = find_values(table, words, used);
    if (!values) return Error{values.error()};
    columns.place(Role::x) = values.value();
    if (columns.has(Role::x)) std::erase(missing, Role::x);
  }
  if (!missing.empty()) return missing_columns(table, wanted, missing);
  return columns;
}

}  // namespace neural_ode
