// A frame as a stand-alone SVG drawing.
#pragma once

#include <string>

#include "playground/picture/frame.h"

namespace neural_ode {

std::string frame_to_svg(const Frame& frame);

}  // namespace neural_ode
