// Every experiment there is. Adding one: a folder in playground/experiments/ and a row in
// catalogue.cpp.
#pragma once

#include "playground/contract/catalogue.h"

namespace neural_ode {

Catalogue all_experiments();

// The page's trainer comes in two parts, so that the first visit need not wait for both: each knows
// every experiment's table and makes its own.
Catalogue first_experiments();
Catalogue later_experiments();

}  // namespace neural_ode
