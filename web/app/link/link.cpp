#include "web/app/link/link.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <system_error>

#include "web/protocol/base64.h"

namespace neural_ode::web {
namespace {

// --- percent-encoding [rfc3986]

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '~' || c == ',';
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    if (is_plain(c)) {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    encoded.push_back('%');
    encoded.push_back(digits[byte >> 4]);
    encoded.push_back(digits[byte & 15u]);
  }
  return encoded;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// A lone '%' stands for itself, as browsers have it.
std::string percent_decode(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      decoded.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
      i += 2;
    } else {
      decoded.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return decoded;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

// Programs that pass links on encode what was encoded: '=' and '&' as %3D and %26, once or several
// times, and '&' as in HTML.
std::string without_wrapping(std::string_view wrapped) {
  constexpr int most_layers = 4;
  std::string text(wrapped);
  for (int i = 0; i < most_layers; ++i) {
    for (const std::string_view sign : {"%3D", "%3d"}) replace_all(text, sign, "=");
    for (const std::string_view sign : {"%26", "&amp;amp;", "&amp;", "&#38;", "&#x26;"}) {
      replace_all(text, sign, "&");
    }
    if (text.find('=') != text.npos || text.find('%') == text.npos) break;
    text = percent_decode(text);
  }
  return text;
}

// In a value these would end it, and %, which hides them, would be taken for an encoding.
std::string hide_separators(std::string_view value) {
  std::string text(value);
  replace_all(text, "%", "%25");
  replace_all(text, "&", "%26");
  replace_all(text, "=", "%3D");
  return text;
}

std::string show_separators(std::string text) {
  replace_all(text, "%3D", "=");
  replace_all(text, "%26", "&");
  replace_all(text, "%25", "%");
  return text;
}

template <class Visit>
void for_each_part(std::string_view text, std::string_view separators, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// --- reading

// `points` are own data, or how many of the generated ones: packed data are longer than any count.
bool is_count(std::string_view value) {
  constexpr std::size_t most_digits = 6;
  return !value.empty() && value.size() <= most_digits &&
         value.find_first_not_of("0123456789") == value.npos;
}

constexpr std::string_view base64_signs =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=";

bool is_on(std::string_view value) {
  return value != "0" && value != "false";
}

std::string shortened(std::string_view text) {
  constexpr std::size_t longest = 40;
  return text.size() <= longest ? std::string(text) : std::string(text.substr(0, longest)) + "…";
}

// A value out of a fixed list; anything else leaves the default, with a note.
void read_word(std::string_view key, std::string_view value,
               std::initializer_list<std::string_view> words, std::string& out, Link& link) {
  if (std::find(words.begin(), words.end(), value) != words.end()) {
    out = value;
    return;
  }
  std::string note = "link: " + std::string(key) + "=" + shortened(value) + " ignored; there are";
  for (const std::string_view word : words) note += " " + std::string(word);
  link.notes.push_back(std::move(note));
}

bool read_display(std::string_view key, std::string_view value, Link& link) {
  DisplayFlags& display = link.display;
  if (key == "embed") {
    display.embed = is_on(value);
  } else if (key == "lock") {
    display.lock = is_on(value);
  } else if (key == "lesson") {
    display.lesson = value;
  } else if (key == "simd") {
    // The page has chosen its trainer by it (web/page/loading.js).
  } else if (key == "run") {
    read_word(key, value, {"click", "auto", "visible"}, display.run, link);
  } else if (key == "theme") {
    read_word(key, value, {"light", "dark", "auto"}, display.theme, link);
  } else if (key == "hide") {
    for_each_part(value, ",", [&](std::string_view part) { display.hide.emplace_back(part); });
  } else {
    return false;
  }
  return true;
}

void read_points(std::string_view value, Link& link) {
  const auto bytes = decode_base64(value);
  const auto csv = bytes ? unpack_csv(*bytes) : std::nullopt;
  if (csv) {
    link.csv = *csv;
    return;
  }
  const std::size_t odd = value.find_first_not_of(base64_signs);
  link.damage = "the points in the link are damaged and were left out: ";
  if (odd < value.size()) {
    link.damage += "sign " + std::to_string(odd + 1) + " of them, '" +
                   shortened(value.substr(odd, 1)) + "', cannot be part of points";
  } else {
    link.damage += "they end too early, so the link may have been cut off, or hold something else";
  }
  link.notes.push_back("link: " + link.damage);
}

constexpr std::int64_t most_steps = 10'000'000;

void read_state(std::string_view key, std::string_view value, Link& link) {
  if (key == "v") {
    if (value != "1") {
      link.notes.push_back("link: made by another version (v=" + shortened(value) +
                           "); read as version 1");
    }
  } else if (key == "experiment") {
    link.experiment = value;
  } else if (key == "seed") {
    link.seed = read_seed(value);
    if (!link.seed) {
      link.notes.push_back("link: seed=" + shortened(value) +
                           " ignored; expected a whole number from 0");
    } else if (*link.seed > largest_seed) {
      link.seed = largest_seed;
      link.notes.push_back("link: seed clamped to " + std::to_string(largest_seed));
    }
  } else if (key == "step") {
    std::int64_t step = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), step);
    if (error != std::errc() || end != value.data() + value.size() || step < 0) {
      link.notes.push_back("link: step=" + shortened(value) +
                           " ignored; expected a whole number from 0");
      return;
    }
    link.step = std::min(step, most_steps);
    if (step > most_steps) {
      link.notes.push_back("link: step clamped to " + std::to_string(most_steps));
    }
  } else if (key == "points" && !is_count(value)) {
    read_points(value, link);
  } else {
    link.values.emplace_back(key, value);
  }
}

void read_pairs(std::string_view text, Link& link) {
  const std::string pairs = without_wrapping(text);
  for_each_part(pairs, "&", [&](std::string_view pair) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string key = percent_decode(pair.substr(0, equals));
    const std::string value = equals < pair.size()
                                  ? show_separators(percent_decode(pair.substr(equals + 1)))
                                  : std::string();
    if (!read_display(key, value, link)) read_state(key, value, link);
  });
}

}  // namespace

std::optional<std::uint64_t> read_seed(std::string_view text) {
  std::uint64_t seed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) return std::numeric_limits<std::uint64_t>::max();
  if (error != std::errc()) return std::nullopt;
  return seed;
}

Link read_link(std::string_view address) {
  Link link;
  const std::size_t hash = std::min(address.find('#'), address.size());
  const std::size_t query = address.substr(0, hash).find('?');
  if (query != std::string_view::npos) {
    read_pairs(address.substr(query + 1, hash - query - 1), link);
  }
  if (hash < address.size()) read_pairs(address.substr(hash + 1), link);
  return link;
}

std::string write_link(const Link& link) {
  std::string text = "#v=1";
  const auto add = [&text](std::string_view key, std::string_view value) {
    text += "&" + percent_encode(key) + "=" + percent_encode(hide_separators(value));
  };
  if (!link.experiment.empty()) add("experiment", link.experiment);
  if (link.seed) add("seed", std::to_string(*link.seed));
  for (const auto& [name, value] : link.values) add(name, value);
  if (link.step > 0) add("step", std::to_string(link.step));
  if (!link.csv.empty()) add("points", encode_base64(pack_csv(link.csv)));
  return text;
}

}  // namespace neural_ode::web
