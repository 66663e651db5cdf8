// Bytes as text: base64url [rfc4648] without padding, as links carry it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace neural_ode::web {

std::string encode_base64(std::span<const std::uint8_t> bytes);
// Takes both alphabets, with and without padding; nothing when a character or the length is wrong.
std::optional<std::vector<std::uint8_t>> decode_base64(std::string_view text);

}  // namespace neural_ode::web
