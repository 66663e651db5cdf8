// An event as a smooth piece of a trajectory sees it that starts where the last event happened.
#pragma once

#include <cmath>
#include <limits>

#include "engine/ode/event.h"

namespace neural_ode {

// Ends the piece in any case. Its function can be told which side of zero it starts on: after a
// reset the very value is a rounding error of either sign, which would be a crossing at once.
template <class Scalar>
class ResumedEvent final : public Event<Scalar> {
 public:
  void bind(const Event<Scalar>& event) {
    event_ = &event;
    told_ = false;
  }
  // side: its sign counts; 0: zero, which no crossing starts from.
  void start_on(double t, double side) {
    told_ = true;
    t_start_ = t;
    value_ = side == 0 ? 0 : std::copysign(std::numeric_limits<double>::min(), side);
  }

  bool told(double t, double slack) const { return told_ && std::abs(t - t_start_) <= slack; }
  double side() const { return value_; }

  Crossing crossing() const override { return event_->crossing(); }
  bool terminal() const override { return true; }
  double value(double t, const Scalar* y) const override {
    return told_ && t == t_start_ ? value_ : event_->value(t, y);
  }
  double vjp(double t, const Scalar* y, double g_bar, Scalar* y_bar,
             VectorOut<Scalar> theta_bar) const override {
    return event_->vjp(t, y, g_bar, y_bar, theta_bar);
  }

 private:
  const Event<Scalar>* event_ = nullptr;
  bool told_ = false;
  double t_start_ = 0, value_ = 0;
};

}  // namespace neural_ode
