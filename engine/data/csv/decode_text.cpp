#include "engine/data/csv/decode_text.h"

#include <cstddef>
#include <cstdint>

namespace neural_ode {

namespace {

constexpr std::uint32_t replacement = 0xFFFD;

std::uint32_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<unsigned char>(bytes[i]);
}

void append_utf8(std::uint32_t code, std::string& text) {
  const auto put = [&](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | code >> 6);
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3F));
    put(0x80 | (code >> 6 & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

std::string from_utf16(std::string_view bytes, bool little_endian) {
  const auto unit = [&](std::size_t i) {
    const std::uint32_t first = byte_at(bytes, i), second = byte_at(bytes, i + 1);
    return little_endian ? first | second << 8 : first << 8 | second;
  };
  std::string text;
  text.reserve(bytes.size() / 2);
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    std::uint32_t code = unit(i);
    if (code >= 0xD800 && code < 0xE000) {
      const std::uint32_t low = i + 3 < bytes.size() ? unit(i + 2) : 0;
      if (code < 0xDC00 && low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        i += 2;
      } else {
        code = replacement;
      }
    }
    append_utf8(code, text);
  }
  return text;
}

// The length of the character at `i`; 0: there is none.
std::size_t utf8_length(std::string_view bytes, std::size_t i) {
  const std::uint32_t first = byte_at(bytes, i);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || i + length > bytes.size()) return 0;
  for (std::size_t k = 1; k < length; ++k) {
    if ((byte_at(bytes, i + k) & 0xC0) != 0x80) return 0;
  }
  const std::uint32_t second = byte_at(bytes, i + 1);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool beyond = (first == 0xED && second > 0x9F) || (first == 0xF4 && second > 0x8F);
  return overlong || beyond ? 0 : length;
}

bool is_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t length = utf8_length(bytes, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::string from_latin1(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) append_utf8(byte_at(bytes, i), text);
  return text;
}

// Of text without a byte order mark, whose first characters are ASCII in any table.
bool looks_like_utf16(std::string_view bytes, bool little_endian) {
  if (bytes.size() < 4) return false;
  const std::size_t high = little_endian ? 1 : 0;
  return bytes[high] == 0 && bytes[high + 2] == 0 && bytes[1 - high] != 0 && bytes[3 - high] != 0;
}

}  // namespace

Result<std::string> decode_text(std::string_view bytes) {
  std::string text;
  if (bytes.starts_with("PK\x03\x04")) {
    return Error{"this is a workbook or an archive and no text; save the sheet as CSV"};
  }
  if (bytes.starts_with("\xFF\xFE")) {
    text = from_utf16(bytes.substr(2), true);
  } else if (bytes.starts_with("\xFE\xFF")) {
    text = from_utf16(bytes.substr(2), false);
  } else if (looks_like_utf16(bytes, true) || looks_like_utf16(bytes, false)) {
    text = from_utf16(bytes, looks_like_utf16(bytes, true));
  } else {
    if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
    text = is_utf8(bytes) ? std::string(bytes) : from_latin1(bytes);
  }
  if (text.find('\0') != std::string::npos) {
    return Error{"this is no text; expected rows of numbers, as a spreadsheet saves them as CSV"};
  }
  return text;
}

}  // namespace neural_ode
