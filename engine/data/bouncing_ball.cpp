#include "engine/data/bouncing_ball.h"

#include <cmath>

namespace neural_ode {

double BouncingBall::first_bounce(double height, double velocity) const {
  return (velocity + std::sqrt(velocity * velocity + 2 * gravity * height)) / gravity;
}

// After the first bounce with speed e V the flights last 2 e V / g, 2 e^2 V / g, ...
double BouncingBall::rest_time(double height, double velocity) const {
  const double t = first_bounce(height, velocity), impact = gravity * t - velocity;
  return t + 2 * impact / gravity * restitution / (1 - restitution);
}

Vector<double> BouncingBall::state(double height, double velocity, double t) const {
  if (t >= rest_time(height, velocity)) return Vector<double>::Zero(2);
  double flight = first_bounce(height, velocity);
  while (t > flight && flight > 0) {
    t -= flight;
    const double impact = velocity - gravity * flight;
    height = 0;
    velocity = -restitution * impact;
    flight = 2 * velocity / gravity;
  }
  Vector<double> y(2);
  y << height + velocity * t - 0.5 * gravity * t * t, velocity - gravity * t;
  return y;
}

}  // namespace neural_ode
