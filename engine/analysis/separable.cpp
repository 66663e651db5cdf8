#include "engine/analysis/separable.h"

#include <cmath>

#include "engine/analysis/linearisation.h"

namespace neural_ode {

bool separable(VectorField<double>& field, double t, VectorIn<double> y) {
  if (y.size() % 2 != 0) return false;
  const Index half = y.size() / 2;
  // A zero of a block at one state may be chance.
  for (const double shift : {0.0, 0.05, -0.07, 0.11}) {
    Vector<double> state = y;
    for (Index d = 0; d < y.size(); ++d) {
      state[d] += shift * (1 + std::abs(y[d])) / static_cast<double>(d + 1);
    }
    const auto at = linearise(field, t, state);
    if (!at) return false;
    const Matrix<double>& jacobian = at.value().jacobian;
    if (!jacobian.topLeftCorner(half, half).isZero(0)) return false;
    if (!jacobian.bottomRightCorner(half, half).isZero(0)) return false;
  }
  return true;
}

}  // namespace neural_ode
