// How often memory has been asked for, so that a test can prove that a hot loop does not ask.
#pragma once

namespace neural_ode::testing {

// Calls of operator new so far, and natively of malloc by the code linked into the tests (Eigen's
// way).
long allocation_count();

}  // namespace neural_ode::testing
