#include "engine/data/csv/labels.h"

#include <algorithm>
#include <optional>

namespace neural_ode {

namespace {

constexpr std::size_t most_kinds = 50;  // of spellings; beyond it these are no labels

struct Kind {
  std::string_view text;  // as first written
  int line = 0;
  std::optional<double> number;
  std::string word;
};

// By size or by the alphabet.
bool precedes(const Kind& a, const Kind& b) {
  return a.number ? *a.number < *b.number : a.word < b.word;
}

std::string list(const std::vector<Kind>& kinds) {
  constexpr std::size_t most = 8;
  std::string text;
  for (std::size_t i = 0; i < kinds.size() && i < most; ++i) {
    text += (i > 0 ? ", " : "") + shown(kinds[i].text);
  }
  return kinds.size() > most ? text + " and " + std::to_string(kinds.size() - most) + " more"
                             : text;
}

Error not_two(std::size_t column, const std::vector<Kind>& classes) {
  if (classes.size() == 1) {
    return error_at(
        classes[0].line, column,
        "all rows have the label " + shown(classes[0].text) + "; expected labels of two classes");
  }
  std::size_t last = 0;
  std::vector<int> lines;
  for (const Kind& kind : classes) lines.push_back(kind.line);
  std::sort(lines.begin(), lines.end());
  while (classes[last].line != lines[2]) ++last;
  return error_at(classes[last].line, column,
                  shown(classes[last].text) + " is a third class; expected two, found " +
                      list(classes) +
                      ": leave out the rows of the others, or give them one of two labels");
}

}  // namespace

Result<Labels> read_labels(std::span<const LabelCell> cells, std::size_t column,
                           NumberStyle style) {
  std::vector<Kind> kinds;
  std::vector<std::size_t> kind_of_row;
  for (const LabelCell& cell : cells) {
    std::size_t kind = 0;
    while (kind < kinds.size() && kinds[kind].text != cell.text) ++kind;
    if (kind == most_kinds) {
      return error_at(cell.line, column,
                      "more than " + std::to_string(most_kinds) +
                          " different labels; expected labels of two classes");
    }
    if (kind == kinds.size()) {
      kinds.push_back({cell.text, cell.line, read_number(cell.text, style), lower_case(cell.text)});
    }
    kind_of_row.push_back(kind);
  }
  const bool numbers =
      std::all_of(kinds.begin(), kinds.end(), [](const Kind& kind) { return kind.number; });
  std::vector<Kind> classes;
  for (Kind& kind : kinds) {
    if (!numbers) kind.number.reset();
    const auto same = std::find_if(classes.begin(), classes.end(), [&](const Kind& each) {
      return !precedes(each, kind) && !precedes(kind, each);
    });
    if (same == classes.end()) classes.push_back(kind);
  }
  std::sort(classes.begin(), classes.end(), precedes);
  const bool usual = numbers && std::all_of(classes.begin(), classes.end(), [](const Kind& each) {
                       return *each.number == 0 || *each.number == 1;
                     });
  if (classes.size() != 2 && !usual) return not_two(column, classes);

  Labels labels;
  labels.names = {"0", "1"};
  if (!usual) labels.names = {std::string(classes[0].text), std::string(classes[1].text)};
  for (const std::size_t kind : kind_of_row) {
    labels.of_row.push_back(usual ? static_cast<int>(*kinds[kind].number)
                                  : static_cast<int>(precedes(classes[0], kinds[kind])));
  }
  return labels;
}

}  // namespace neural_ode
