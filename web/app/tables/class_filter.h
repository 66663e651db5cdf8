// Points and paths of one class apart from those of the other.
#pragma once

#include <array>

#include "playground/picture/frame.h"

namespace neural_ode::web {

// Class A, class B.
using ShownClasses = std::array<bool, 2>;

// The points, or whole paths, of the classes that are shown; those without a class stay. Layers of
// other kinds have none and stay as they are.
Layer of_classes(const Layer& layer, const ShownClasses& shown);

}  // namespace neural_ode::web
