// Something that happens when a function of the state crosses zero.
#pragma once

#include <vector>

#include "engine/core/types.h"

namespace neural_ode {

enum class Crossing { any, rising, falling };  // in the direction in which the solve goes

// Fields as in VectorField: one sample at a time, y: D. Owns no state that a solve changes.
template <class Scalar>
class Event {
 public:
  virtual ~Event() = default;

  virtual Crossing crossing() const { return Crossing::any; }
  virtual bool terminal() const { return true; }  // the sample's solve ends there

  // g(t, y): the event is where it crosses zero. A g that starts at zero does not count until it
  // has left it.
  virtual double value(double t, const Scalar* y) const = 0;
  // Adds g_bar dg/dy to y_bar (D), g_bar dg/dtheta to theta_bar (P of the field), and returns g_bar
  // dg/dt.
  virtual double vjp(double t, const Scalar* y, double g_bar, Scalar* y_bar,
                     VectorOut<Scalar> theta_bar) const = 0;

  // Whether a trajectory of pieces (gradient/hybrid.h) goes on after this terminal event.
  virtual bool resets() const { return false; }
  // It does so from y_after (D) = r(t, y); the same state by default.
  virtual void reset(double /*t*/, const Scalar* y, Index dim, Scalar* y_after) const {
    for (Index d = 0; d < dim; ++d) y_after[d] = y[d];
  }
  // Adds the pullback of after_bar (D) through r: to y_bar, theta_bar; returns the part of t.
  virtual double reset_vjp(double /*t*/, const Scalar* /*y*/, Index dim, const Scalar* after_bar,
                           Scalar* y_bar, VectorOut<Scalar> /*theta_bar*/) const {
    for (Index d = 0; d < dim; ++d) y_bar[d] += after_bar[d];
    return 0;
  }
};

template <class Scalar>
using Events = std::vector<const Event<Scalar>*>;

// That it happened.
struct Occurrence {
  int sample = 0, event = 0;  // which of the batch, which of the list
  double t = 0;
};

}  // namespace neural_ode
