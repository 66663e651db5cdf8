// Numbers as text, both ways exact and free of the locale.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace neural_ode {

// The shortest decimal that reads back to the same bits; "nan", "inf", "-inf" for what is not
// finite.
std::string format_number(double value);

// A decimal number that fills the whole text: "1e-3", "+2", "-.5". Overflow gives an infinity.
// Nothing for other text, also not for hexadecimal, "inf" and "nan".
std::optional<double> parse_number(std::string_view text);

}  // namespace neural_ode
