// Looks for events within accepted steps.
#pragma once

#include <optional>
#include <vector>

#include "engine/core/types.h"
#include "engine/ode/event.h"
#include "engine/ode/stages.h"

namespace neural_ode {

// A step of column p of the stages, from (t, y) to t1 = t + h.
template <class Scalar>
struct SearchedStep {
  const Stages<Scalar>& stages;
  Index p;
  double t, h, t1;
  const Scalar* y;  // D

  double time(double x) const { return x == 1 ? t1 : t + x * h; }
};

template <class Scalar>
class EventSearch {
 public:
  void start(const Events<Scalar>& events, Index dim, Index batch);
  bool empty() const { return events_.empty(); }
  // Where a sample begins, y: D.
  void begin(int sample, double t, const Scalar* y);
  // Adds what happened within a step to `found`, in the order of time, up to the first terminal
  // event. Returns where in the step that was, as a part of it, or infinity.
  double search(const SearchedStep<Scalar>& step, int sample, std::vector<Occurrence>& found);

 private:
  struct Point {
    double x, value;  // where in the step, and the event function there
  };

  // Points of a step, in order, between any two of which the event function has at most one zero.
  void sample(const Event<Scalar>& event, const SearchedStep<Scalar>& step, double before,
              bool begins);
  // Where between two points of one sign the function has the other.
  std::optional<Point> dip(const Event<Scalar>& event, const SearchedStep<Scalar>& step, Point low,
                           Point high);
  double locate(const Event<Scalar>& event, const SearchedStep<Scalar>& step, Point from, Point to);
  double value(const Event<Scalar>& event, const SearchedStep<Scalar>& step, double x);

  Events<Scalar> events_;
  Matrix<double> values_;     // events x B, at the end of the last step
  std::vector<char> begins_;  // B: nothing has been searched since begin()
  Vector<Scalar> point_;      // D
  std::vector<Point> points_;
};

extern template class EventSearch<float>;
extern template class EventSearch<double>;

}  // namespace neural_ode
