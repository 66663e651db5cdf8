#include "engine/ode/event_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace neural_ode {

template <class Scalar>
void EventSearch<Scalar>::start(const Events<Scalar>& events, Index dim, Index batch) {
  events_ = events;
  values_.resize(static_cast<Index>(events.size()), batch);
  begins_.assign(static_cast<std::size_t>(batch), 1);
  point_.resize(dim);
}

template <class Scalar>
void EventSearch<Scalar>::begin(int sample, double t, const Scalar* y) {
  for (std::size_t e = 0; e < events_.size(); ++e)
    values_(static_cast<Index>(e), sample) = events_[e]->value(t, y);
  begins_[static_cast<std::size_t>(sample)] = 1;
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
  const auto earlier = [&](const Occurrence& a, const Occurrence& b) {
    return step.h > 0 ? a.t < b.t : a.t > b.t;
  };
  const auto first = static_cast<std::ptrdiff_t>(found.size());
  double end = std::numeric_limits<double>::infinity();
  for (std::size_t e = 0; e < events_.size(); ++e) {
    const Event<Scalar>& event = *events_[e];
    double& before = values_(static_cast<Index>(e), sample);
    this->sample(event, step, before, begins_[static_cast<std::size_t>(sample)] != 0);
    before = points_.back().value;
    for (std::size_t i = 1; i < points_.size(); ++i) {
      const Point low = points_[i - 1], high = points_[i];
      const bool rises = low.value < 0 && high.value >= 0, falls = low.value > 0 && high.value <= 0;
      const bool counts = (rises && event.crossing() != Crossing::falling) ||
                          (falls && event.crossing() != Crossing::rising);
      const double at = counts ? locate(event, step, low, high) : 0;
      if (!counts || at > end) continue;
      const Occurrence occurrence{sample, static_cast<int>(e), step.time(at)};
      found.insert(std::upper_bound(found.begin() + first, found.end(), occurrence, earlier),
                   occurrence);
      if (!event.terminal()) continue;
      end = at;
      break;
    }
  }
  begins_[static_cast<std::size_t>(sample)] = 0;
  if (!std::isfinite(end)) return end;
  const Occurrence last{sample, 0, step.time(end)};
  while (earlier(last, found.back())) found.pop_back();
  return end;
}

// Eighths of the step. Two zeros in one of them show no change of sign: where the curvature that
// the step has anywhere would let the function reach zero and come back, its dip is looked for. Not
// at the very beginning, where a function that starts at zero may be on either side by rounding.
template <class Scalar>
void EventSearch<Scalar>::sample(const Event<Scalar>& event, const SearchedStep<Scalar>& step,
                                 double before, bool begins) {
  constexpr int parts = 8;
  Point grid[parts + 1] = {{0, before}};
  for (int i = 1; i <= parts; ++i) {
    const double x = i / static_cast<double>(parts);
    grid[i] = {x, value(event, step, x)};
  }
  double curvature = 0;
  for (int i = 1; i < parts; ++i)
    curvature =
        std::max(curvature, std::abs(grid[i - 1].value - 2 * grid[i].value + grid[i + 1].value));
  points_.assign(1, grid[0]);
  for (int i = 1; i <= parts; ++i) {
    const Point low = grid[i - 1], high = grid[i];
    const double nearest = std::min(std::abs(low.value), std::abs(high.value));
    // A parabola of this curvature dips by an eighth of it; four times as much is allowed for.
    if (low.value * high.value > 0 && nearest < 0.5 * curvature && !(begins && i == 1)) {
      if (const auto lowest = dip(event, step, low, high)) points_.push_back(*lowest);
    }
    points_.push_back(high);
  }
}

// By golden sections towards zero.
template <class Scalar>
auto EventSearch<Scalar>::dip(const Event<Scalar>& event, const SearchedStep<Scalar>& step,
                              Point low, Point high) -> std::optional<Point> {
  constexpr double golden = 0.6180339887498949;
  const double sign = low.value > 0 ? 1 : -1;
  const auto at = [&](double x) { return Point{x, sign * value(event, step, x)}; };
  Point left = at(high.x - golden * (high.x - low.x)),
        right = at(low.x + golden * (high.x - low.x));
  for (int i = 0; i < 40; ++i) {
    if (left.value < 0) return Point{left.x, sign * left.value};
    if (right.value < 0) return Point{right.x, sign * right.value};
    if (left.value < right.value) {
      high = right;
      right = left;
      left = at(high.x - golden * (high.x - low.x));
    } else {
      low = left;
      left = right;
      right = at(low.x + golden * (high.x - low.x));
    }
  }
  return std::nullopt;
}

// Where between two points the event function crosses zero, to rounding; the far side of it.
// Regula falsi, an end that stays being halved (Illinois).
template <class Scalar>
double EventSearch<Scalar>::locate(const Event<Scalar>& event, const SearchedStep<Scalar>& step,
                                   Point from, Point to) {
  double low = from.x, high = to.x, before = from.value, after = to.value;
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
