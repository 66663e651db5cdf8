// The bytes of a file as UTF-8, whatever a spreadsheet wrote: UTF-8 or UTF-16 with or without a byte
// order mark, else Latin-1.
#pragma once

#include <string>
#include <string_view>

#include "engine/core/result.h"

namespace neural_ode {

// Without a byte order mark. An error: this is no text.
Result<std::string> decode_text(std::string_view bytes);

}  // namespace neural_ode
