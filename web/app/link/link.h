// What a link says: the experiment in the hash, display flags in the query; each is read from
// either.
//   ?embed=1&run=click#v=1&experiment=classify&seed=42&hidden=32&step=200&points=...
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace neural_ode::web {

// How the page shows itself; no part of the run.
struct DisplayFlags {
  bool embed = false;
  bool lock = false;
  std::string run;    // "click", "auto", "visible"; empty: the page's own default
  std::string theme;  // "light", "dark", "auto"; empty: the page's own default
  std::string lesson;
  std::vector<std::string> hide;
};

struct Link {
  std::string experiment;  // empty: the first
  std::optional<std::uint64_t> seed;
  std::vector<std::pair<std::string, std::string>> values;  // parameters, unchecked
  std::int64_t step = 0;                                    // train to there and pause
  std::string csv;                                          // own data
  std::string damage;  // why there are none although the link holds some
  DisplayFlags display;
  std::vector<std::string> notes;  // what could not be read
};

// Seeds are kept where JavaScript's numbers are exact.
inline constexpr std::uint64_t largest_seed = (1ull << 53) - 1;
// The whole of `text` as a number; nothing when it is not one. Larger ones than largest_seed are
// returned as they are.
std::optional<std::uint64_t> read_seed(std::string_view text);

// Takes "?...#...", "#..." or a whole address. Never fails: what cannot be read is left out with a
// note.
Link read_link(std::string_view address);
// The hash with its '#', experiment state only.
std::string write_link(const Link& link);

// CSV numbers, packed: each column holds whole multiples of a power of ten as differences from row
// to row. Falls back to the text itself where that does not reproduce every value.
std::vector<std::uint8_t> pack_csv(std::string_view csv);
std::optional<std::string> unpack_csv(const std::vector<std::uint8_t>& bytes);

}  // namespace neural_ode::web
