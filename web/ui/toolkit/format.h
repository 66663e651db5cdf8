// Numbers as a person reads them: sensible digits, spaces between thousands, units.
#pragma once

#include <string>

#include "playground/picture/frame.h"

namespace neural_ode::web {

std::string count_text(double value);   // "1 240"
std::string number_text(double value);  // "0.0121", "1.2e-5", "—" for NaN
std::string metric_text(const Metric& metric);
std::string sentence_case(std::string text);  // "step time" -> "Step time"

}  // namespace neural_ode::web
