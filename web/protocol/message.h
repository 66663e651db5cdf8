// What goes between the page and its trainer (protocol.md): JSON text, with a blob of 32-bit words
// beside it where numbers are many.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace neural_ode::web {

struct Message {
  std::string json;
  std::vector<std::uint32_t> blob;
};

}  // namespace neural_ode::web
