#include "engine/ode/event_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace neural_ode {

template <class Scalar>
void EventSearch<Scalar>::start(const Events<Scalar>& events, Index dim, Index batch) {
  events_ = events;
  values_.resize(static_cast<Index>(events.size()), batch);
  point_.resize(dim);
}

template <class Scalar>
void EventSearch<Scalar>::begin(int sample, double t, const Scalar* y) {
  for (std::size_t e = 0; e < events_.size(); ++e)
    values_(static_cast<Index>(e), sample) = events_[e]->value(t, y);
}

template <class Scalar>
double EventSearch<Scalar>::value(const Event<Scalar>& event, const SearchedStep<Scalar>& step,
                                  double x) {
  step.stages.interpolate(step.p, x, step.h, step.y, point_.data());
  return event.value(step.time(x), point_.data());
}

template <class Scalar>
double EventSearch<Scalar>::search(const SearchedStep<Scalar>& step, int sample,
                                   std::vector<Occurrence>& found) {
  // Events are looked for on this many parts of a step, so that two crossings in one are not
  // missed.
  constexpr int parts = 8;
  const auto earlier = [&](const Occurrence& a, const Occurrence& b) {
    return step.h > 0 ? a.t < b.t : a.t > b.t;
  };
  const auto first = static_cast<std::ptrdiff_t>(found.size());
  double end = std::numeric_limits<double>::infinity();
  for (std::size_t e = 0; e < events_.size(); ++e) {
    const Event<Scalar>& event = *events_[e];
    double& before = values_(static_cast<Index>(e), sample);
    for (int part = 1; part <= parts; ++part) {
      const double x = part / static_cast<double>(parts);
      const double after = value(event, step, x);
      const bool rises = before < 0 && after >= 0, falls = before > 0 && after <= 0;
      const bool counts = (rises && event.crossing() != Crossing::falling) ||
                          (falls && event.crossing() != Crossing::rising);
      const double at = counts ? locate(event, step, x - 1.0 / parts, x, before, after) : 0;
      before = after;
      if (!counts || at > end) continue;
      const Occurrence occurrence{sample, static_cast<int>(e), step.time(at)};
      found.insert(std::upper_bound(found.begin() + first, found.end(), occurrence, earlier),
                   occurrence);
      if (!event.terminal()) continue;
      end = at;
      break;
    }
  }
  if (!std::isfinite(end)) return end;
  const Occurrence last{sample, 0, step.time(end)};
  while (earlier(last, found.back())) found.pop_back();
  return end;
}

// Where in [low, high] of the step the event function crosses zero, to rounding; the far side of
// it. Regula falsi, an end that stays being halved (Illinois).
template <class Scalar>
double EventSearch<Scalar>::locate(const Event<Scalar>& event, const SearchedStep<Scalar>& step,
                                   double low, double high, double before, double after) {
  const double resolution =
      4 * std::numeric_limits<double>::epsilon() * std::max(1.0, std::abs(step.t / step.h));
  int stayed = 0;
  for (int i = 0; i < 100 && high - low > resolution && after != 0; ++i) {
    double x = high - after * (high - low) / (after - before);
    if (!(x > low && x < high) || i % 8 == 7) x = 0.5 * (low + high);
    if (x == low || x == high) break;
    const double middle = value(event, step, x);
    if (middle == 0) return x;
    if ((middle > 0) == (after > 0)) {
      high = x;
      after = middle;
      if (stayed == 1) before *= 0.5;
      stayed = 1;
    } else {
      low = x;
      before = middle;
      if (stayed == -1) after *= 0.5;
      stayed = -1;
    }
  }
  return high;
}

template class EventSearch<float>;
template class EventSearch<double>;

}  // namespace neural_ode
