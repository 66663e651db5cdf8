// What a PROBLEM.json can name, as JSON: `neural-ode solve --list`.
#pragma once

#include <string>

namespace neural_ode {

// methods with what is known of them, controllers, norms, gradients, the keys of "solver", systems
// with their parameters, activations. In a method's stability `real_interval` is the x of [-x, 0],
// "infinity" when it has no end, and `at_infinity` the limit of R, null for explicit methods; null
// where lambda is not meant to be real.
std::string problem_vocabulary();

}  // namespace neural_ode
