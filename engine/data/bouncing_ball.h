// The exact motion of a ball that bounces on a level floor at height 0.
#pragma once

#include <vector>

#include "engine/core/types.h"

namespace neural_ode {

struct BouncingBall {
  double gravity = 9.81;     // > 0
  double restitution = 0.8;  // in [0, 1): velocity kept at a bounce

  // Height and velocity (2) at t >= 0 of a ball at `height` >= 0 with `velocity` at t = 0; at rest
  // on the floor after the last of its infinitely many bounces.
  Vector<double> state(double height, double velocity, double t) const;
  // When that is; infinite for restitution 1.
  double rest_time(double height, double velocity) const;
  double first_bounce(double height, double velocity) const;
};

}  // namespace neural_ode
