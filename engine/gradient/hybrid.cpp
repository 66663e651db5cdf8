#include "engine/gradient/hybrid.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string>

#include "engine/gradient/time_gradient.h"

namespace neural_ode {
namespace {

template <class Scalar>
double dot(Index dim, const Scalar* a, const Scalar* b) {
  double sum = 0;
  for (Index d = 0; d < dim; ++d) sum += static_cast<double>(a[d]) * static_cast<double>(b[d]);
  return sum;
}

GradientOptions with_times(GradientOptions options) {
  options.times = true;
  return options;
}

}  // namespace

template <class Scalar>
HybridSolve<Scalar>::HybridSolve(const SolverOptions& options, const GradientStrategy& strategy,
                                 const GradientOptions& gradient, int max_events)
    : options_(options),
      strategy_(strategy),
      gradient_(with_times(gradient)),
      max_events_(max_events) {}

template <class Scalar>
Status HybridSolve<Scalar>::check(const VectorField<Scalar>& field, MatrixIn<Scalar> y0) const {
  if (y0.rows() == field.dim()) return {};
  return Error{"y0: expected " + std::to_string(field.dim()) + " components, found " +
               std::to_string(y0.rows())};
}

// Adds the cost of a batch of one to that of its sample; whether it succeeded.
template <class Scalar>
bool HybridSolve<Scalar>::add_cost(const SolveReport& piece, int sample, SolveReport& report) {
  report.add_steps(piece);
  const auto s = static_cast<std::size_t>(sample);
  if (!piece.nfe_per_sample.empty()) report.nfe_per_sample[s] += piece.nfe_per_sample[0];
  if (!piece.jacobians_per_sample.empty())
    report.jacobians_per_sample[s] += piece.jacobians_per_sample[0];
  if (piece.succeeded()) return true;
  report.stop_as(piece, sample);
  return false;
}

template <class Scalar>
const SolveReport& HybridSolve<Scalar>::forward(VectorField<Scalar>& field, MatrixIn<Scalar> y0,
                                                const Matrix<double>& times,
                                                const Events<Scalar>& events) {
  const Index batch = y0.cols();
  report_.reset(batch);
  states_.resize(static_cast<std::size_t>(times.rows()));
  for (auto* list : {&before_, &after_, &slope_before_, &slope_after_}) list->clear();
  piece_count_ = 0;
  Status status = validate_times(times, batch);
  if (status) status = check(field, y0);
  if (!status) {
    report_.status = SolveStatus::invalid;
    report_.reason = status.error();
    states_.clear();
    return report_;
  }

  dim_ = y0.rows();
  field_.bind(field);
  times_columns_ = times.cols();
  times_.resize(times.rows(), batch);
  for (Index s = 0; s < batch; ++s) times_.col(s) = times.col(times_columns_ == 1 ? 0 : s);
  for (Matrix<Scalar>& state : states_)
    state.setConstant(dim_, batch, std::numeric_limits<Scalar>::quiet_NaN());
  states_[0] = y0;
  events_ = events;
  resumed_.resize(events.size());
  piece_events_.clear();
  for (const ResumedEvent<Scalar>& event : resumed_) piece_events_.push_back(&event);
  event_y_.resize(dim_);
  unused_theta_.resize(field.parameter_count());
  t_.resize(1);
  slope_.resize(dim_, 1);

  bool ended = false;
  for (int s = 0; s < static_cast<int>(batch); ++s) {
    if (!solve_sample(s)) return report_;
    const int last = pieces_[piece_count_ - 1].occurrence;
    ended = ended || (last >= 0 && !goes_on(event_of(last)));
  }
  if (ended) report_.status = SolveStatus::event;
  return report_;
}

template <class Scalar>
typename HybridSolve<Scalar>::Piece& HybridSolve<Scalar>::next_piece(int sample, double t,
                                                                     Index row) {
  if (piece_count_ == pieces_.size()) {
    pieces_.emplace_back();
    pieces_.back().gradient = strategy_.template make<Scalar>(options_, gradient_);
  }
  Piece& piece = pieces_[piece_count_++];
  const Index left = times_.rows() - row;
  piece.times.resize(1 + left, 1);
  piece.times(0, 0) = t;
  piece.times.col(0).tail(left) = times_.col(sample).tail(left);
  piece.sample = sample;
  piece.row = row;
  piece.reached = 0;
  piece.occurrence = -1;
  return piece;
}

template <class Scalar>
bool HybridSolve<Scalar>::solve_sample(int sample) {
  const Index rows = times_.rows();
  const int earlier = static_cast<int>(report_.events.size());
  field_.set_sample(sample);
  for (std::size_t e = 0; e < events_.size(); ++e) resumed_[e].bind(*events_[e]);
  y_ = states_[0].col(sample);
  double t = times_(0, sample);
  Index row = 1;
  for (;;) {
    Piece& piece = next_piece(sample, t, row);
    piece.starts_again = static_cast<int>(report_.events.size()) > earlier;
    const SolveReport& report = piece.gradient->forward(field_, y_, piece.times, piece_events_);
    if (!add_cost(report, sample, report_)) return false;
    const bool ended = report.status == SolveStatus::event;
    const auto& states = piece.gradient->states();
    t = piece.gradient->times()(piece.times.rows() - 1, 0);
    const bool forward = rows == 1 || times_(rows - 1, sample) > times_(0, sample);
    for (; row < rows; ++row, ++piece.reached) {
      const double own = times_(row, sample);
      if (ended && (forward ? own > t : own < t)) break;
      states_[static_cast<std::size_t>(row)].col(sample) =
          states[static_cast<std::size_t>(1 + piece.reached)].col(0);
    }
    if (!ended) return true;
    if (!happened(piece, report, earlier)) return false;
    if (!goes_on(event_of(piece.occurrence))) {
      for (; row < rows; ++row) {
        times_(row, sample) = t;
        states_[static_cast<std::size_t>(row)].col(sample) = states.back().col(0);
      }
    }
    if (row == rows) return true;
    const auto occurrence = static_cast<std::size_t>(piece.occurrence);
    resume(sample, occurrence);
    y_ = after(occurrence);
  }
}

template <class Scalar>
bool HybridSolve<Scalar>::happened(Piece& piece, const SolveReport& report, int earlier) {
  const double t = piece.gradient->times()(piece.times.rows() - 1, 0);
  piece.occurrence = static_cast<int>(report_.events.size());
  if (piece.occurrence - earlier == max_events_) {
    report_.status = SolveStatus::max_events;
    report_.sample = piece.sample;
    report_.t = t;
    return false;
  }
  // Of several at once this one is the first; the piece that follows finds the others at its start.
  report_.events.push_back({piece.sample, report.events.front().event, t});
  const Event<Scalar>& event = event_of(piece.occurrence);
  const Matrix<Scalar>& state = piece.gradient->states().back();
  before_.insert(before_.end(), state.data(), state.data() + dim_);
  slope(t, before_, slope_before_);
  after_.resize(before_.size());
  Scalar* next = after_.data() + (after_.size() - static_cast<std::size_t>(dim_));
  if (goes_on(event)) {
    event.reset(t, state.data(), dim_, next);
  } else {
    std::copy(state.data(), state.data() + dim_, next);
  }
  slope(t, after_, slope_after_);
  return true;
}

// Appends f at the last of the states.
template <class Scalar>
void HybridSolve<Scalar>::slope(double t, const std::vector<Scalar>& states,
                                std::vector<Scalar>& slopes) {
  const int first = 0;
  field_.select(std::span(&first, 1));
  t_[0] = t;
  const Eigen::Map<const Matrix<Scalar>> y(
      states.data() + (states.size() - static_cast<std::size_t>(dim_)), dim_, 1);
  field_.eval(t_, y, slope_);
  slopes.insert(slopes.end(), slope_.data(), slope_.data() + dim_);
  ++report_.nfe_per_sample[static_cast<std::size_t>(report_.events.back().sample)];
}

template <class Scalar>
double HybridSolve<Scalar>::rate(const Event<Scalar>& event, double t, const Scalar* y,
                                 const Scalar* slope, double& partial) {
  event_y_.setZero();
  partial = event.vjp(t, y, 1, event_y_.data(), unused_theta_);
  return dot(dim_, event_y_.data(), slope) + partial;
}

// Events whose function is zero up to rounding where the next piece starts begin it on a side of
// zero: the one that happened on that to which it goes, another, which is due at the same time or
// was handled there before, on that from which it comes.
template <class Scalar>
void HybridSolve<Scalar>::resume(int sample, std::size_t occurrence) {
  const Occurrence& what = report_.events[occurrence];
  const double t = what.t, left = times_(times_.rows() - 1, sample) - t;
  const double slack = 64 * static_cast<double>(std::numeric_limits<Scalar>::epsilon()) *
                       std::max(std::abs(t), std::abs(left));
  const std::size_t at = occurrence * static_cast<std::size_t>(dim_);
  const Scalar *y_before = before_.data() + at, *y_after = after_.data() + at;
  for (std::size_t e = 0; e < events_.size(); ++e) {
    const Event<Scalar>& event = *events_[e];
    ResumedEvent<Scalar>& resumed = resumed_[e];
    const bool fired = static_cast<int>(e) == what.event;
    double partial;
    const double value = std::abs(event.value(t, y_after));
    const double speed = fired ? rate(event, t, y_after, slope_after_.data() + at, partial)
                               : rate(event, t, y_before, slope_before_.data() + at, partial);
    const bool zero =
        value <= std::abs(speed) * slack || (fired && value <= std::abs(event.value(t, y_before)));
    const double direction = left > 0 ? speed : -speed;
    const double side = fired ? direction : resumed.told(t, slack) ? resumed.side() : -direction;
    resumed.bind(event);
    if (zero) resumed.start_on(t, side);
  }
}

template <class Scalar>
const SolveReport& HybridSolve<Scalar>::backward(VectorField<Scalar>& field,
                                                 const std::vector<Matrix<Scalar>>& states_bar,
                                                 const OccurrenceCotangents<Scalar>& bar) {
  const Index batch = times_.cols(), count = static_cast<Index>(report_.events.size());
  backward_report_.reset(batch);
  bool fits = report_.succeeded() && !states_.empty() && states_bar.size() == states_.size() &&
              (bar.t.size() == 0 || bar.t.size() == count);
  for (const Matrix<Scalar>& part : states_bar)
    fits = fits && part.rows() == dim_ && part.cols() == batch;
  for (const auto* part : {&bar.before, &bar.after}) {
    fits = fits && (part->size() == 0 || (part->rows() == dim_ && part->cols() == count));
  }
  if (!fits) {
    backward_report_.status = SolveStatus::invalid;
    backward_report_.reason =
        "backward: expected a finished forward solve and a cotangent for each of its states, and "
        "for each of its events or none";
    return backward_report_;
  }

  field_.bind(field);
  nvjp_.assign(static_cast<std::size_t>(batch), 0);
  y0_bar_.setZero(dim_, batch);
  theta_bar_.setZero(field.parameter_count());
  times_bar_.setZero(times_.rows(), times_columns_);
  for (std::size_t i = piece_count_; i-- > 0;) {
    const bool last = i + 1 == piece_count_ || pieces_[i + 1].sample != pieces_[i].sample;
    if (last) {
      start_bar_.setZero(dim_);
      start_t_bar_ = 0;
    }
    if (!take_back(pieces_[i], states_bar, bar)) return backward_report_;
  }
  if (!all_finite(y0_bar_, theta_bar_)) {
    backward_report_.status = SolveStatus::non_finite;
    backward_report_.t = batch == 0 ? 0 : times_(0, 0);
  }
  return backward_report_;
}

template <class Scalar>
bool HybridSolve<Scalar>::take_back(Piece& piece, const std::vector<Matrix<Scalar>>& states_bar,
                                    const OccurrenceCotangents<Scalar>& bar) {
  const int s = piece.sample;
  field_.set_sample(s);
  event_bar_.setZero(dim_);
  if (piece.occurrence >= 0 && !pull_event(piece, states_bar, bar)) return false;

  piece.bar.resize(static_cast<std::size_t>(piece.times.rows()));
  for (Matrix<Scalar>& row : piece.bar) row.setZero(dim_, 1);
  if (!piece.starts_again) piece.bar[0] = states_bar[0].col(s);
  for (Index i = 0; i < piece.reached; ++i) {
    piece.bar[static_cast<std::size_t>(1 + i)] =
        states_bar[static_cast<std::size_t>(piece.row + i)].col(s);
  }
  piece.bar.back().col(0) += event_bar_;
  const bool done = add_cost(piece.gradient->backward(field_, piece.bar), s, backward_report_);
  nvjp_[static_cast<std::size_t>(s)] += piece.gradient->nvjp();
  if (!done) return false;

  theta_bar_ += piece.gradient->theta_bar();
  start_bar_ = piece.gradient->y0_bar().col(0);
  const Matrix<double>& piece_bar = piece.gradient->times_bar();
  const Index column = times_columns_ == 1 ? 0 : s;
  for (Index i = 0; i < piece.reached; ++i) {
    double& own = times_bar_(piece.row + i, column);
    if (piece.occurrence >= 0 && times_(piece.row + i, s) == event_time(piece)) {
      // The event's own part of that row is not a gradient of the output time.
      own += dot(dim_, states_bar[static_cast<std::size_t>(piece.row + i)].col(s).data(),
                 slope_before_.data() + offset(piece.occurrence));
    } else {
      own += piece_bar(1 + i, 0);
    }
  }
  start_t_bar_ = piece_bar(0, 0);
  if (!piece.starts_again) {
    y0_bar_.col(s) = start_bar_;
    times_bar_(0, column) += start_t_bar_;
  }
  return true;
}

// The event happens at t*(y, theta) with g(t*, y(t*)) = 0: dt* = -(g_y dy + g_theta dtheta) / (g_y
// f + g_t) for changes dy of the state at a time that stays [chen2021].
template <class Scalar>
bool HybridSolve<Scalar>::pull_event(const Piece& piece,
                                     const std::vector<Matrix<Scalar>>& states_bar,
                                     const OccurrenceCotangents<Scalar>& bar) {
  const Index k = piece.occurrence;
  const Event<Scalar>& event = event_of(piece.occurrence);
  const double t = event_time(piece);
  const Scalar *y = before_.data() + offset(piece.occurrence),
               *f = slope_before_.data() + offset(piece.occurrence);
  if (bar.before.size() > 0) event_bar_ += bar.before.col(k);
  if (bar.after.size() > 0) start_bar_ += bar.after.col(k);
  double t_bar = (bar.t.size() > 0 ? bar.t[k] : 0) + start_t_bar_;
  if (goes_on(event)) {
    t_bar += event.reset_vjp(t, y, dim_, start_bar_.data(), event_bar_.data(), theta_bar_);
  } else {
    event_bar_ += start_bar_;
    for (std::size_t row = static_cast<std::size_t>(piece.row + piece.reached);
         row < states_bar.size(); ++row)
      event_bar_ += states_bar[row].col(piece.sample);
  }
  t_bar += dot(dim_, event_bar_.data(), f);
  if (t_bar == 0) return true;

  double partial;
  const double speed = rate(event, t, y, f, partial);
  const double size =
      std::sqrt(dot(dim_, event_y_.data(), event_y_.data()) * dot(dim_, f, f)) + std::abs(partial);
  // Near a double root t* is known to no better than the square root of a rounding error.
  if (!(std::abs(speed) >
        std::sqrt(static_cast<double>(std::numeric_limits<Scalar>::epsilon())) * size)) {
    backward_report_.status = SolveStatus::grazing;
    backward_report_.sample = piece.sample;
    backward_report_.t = t;
    return false;
  }
  event.vjp(t, y, -t_bar / speed, event_bar_.data(), theta_bar_);
  return true;
}

template <class Scalar>
Count HybridSolve<Scalar>::nvjp() const {
  return nvjp_.empty() ? 0 : *std::max_element(nvjp_.begin(), nvjp_.end());
}

template <class Scalar>
std::size_t HybridSolve<Scalar>::state_bytes() const {
  std::size_t bytes =
      (before_.size() + after_.size() + slope_before_.size() + slope_after_.size()) *
      sizeof(Scalar);
  for (std::size_t i = 0; i < piece_count_; ++i) bytes += pieces_[i].gradient->state_bytes();
  return bytes;
}

template class HybridSolve<float>;
template class HybridSolve<double>;

}  // namespace neural_ode
