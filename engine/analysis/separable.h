// Whether a symplectic method has its order on a field.
#pragma once

#include "engine/ode/vector_field.h"

namespace neural_ode {

// Whether the field is q' = f(t, p), p' = g(t, q) for y = (q, p), as partitioned methods expect:
// found from the Jacobian at y and at states around it.
bool separable(VectorField<double>& field, double t, VectorIn<double> y);

}  // namespace neural_ode
