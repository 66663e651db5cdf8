#include "engine/ode/solver.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <utility>

namespace neural_ode {

// Tells the field which samples the first n columns are.
template <class Scalar>
void Solver<Scalar>::select(Index n) {
  moved_ = false;
  samples_.clear();
  for (Index p = 0; p < n; ++p) samples_.push_back(active_[static_cast<std::size_t>(p)].sample);
  field_->select(samples_);
}

template <class Scalar>
void Solver<Scalar>::share_norms(Vector<double>& norms, Index n) const {
  if (!options_.shared_steps) return;
  double sum = 0;
  for (Index p = 0; p < n; ++p) sum += norms[p] * norms[p];
  for (Index p = 0; p < n; ++p) norms[p] = std::sqrt(sum / static_cast<double>(n));
}

template <class Scalar>
Index Solver<Scalar>::group() {
  const Index n = static_cast<Index>(active_.size());
  if (options_.method->substitute == nullptr) return n;
  for (Progress& active : active_) active.method = plan_.choose_method(active);
  Index count = 1;
  for (Index p = 1; p < n; ++p) {
    if (active_[static_cast<std::size_t>(p)].method != active_[0].method) continue;
    if (p != count) swap_columns(p, count);
    ++count;
  }
  return count;
}

template <class Scalar>
void Solver<Scalar>::swap_columns(Index p, Index q) {
  moved_ = true;
  std::swap(active_[static_cast<std::size_t>(p)], active_[static_cast<std::size_t>(q)]);
  y_.col(p).swap(y_.col(q));
  stages_.k(0).col(p).swap(stages_.k(0).col(q));
  for (int m = 0; m < options_.method->past; ++m)
    stages_.past(m).col(p).swap(stages_.past(m).col(q));
}

// f(t, y) anew, after a jump.
template <class Scalar>
void Solver<Scalar>::restart_slopes(Index n) {
  for (Index p = 0; p < n; ++p) {
    Progress& active = active_[static_cast<std::size_t>(p)];
    if (!active.restart) continue;
    active.restart = false;
    field_->select(std::span(&active.sample, 1));
    field_->eval(begin_.segment(p, 1), y_.middleCols(p, 1), stages_.k(0).middleCols(p, 1));
    ++report_.nfe_per_sample[static_cast<std::size_t>(active.sample)];
    if (options_.method->implicit()) newton_.renew(active.sample);
    field_->select(samples_);
  }
}

template <class Scalar>
void Solver<Scalar>::step() {
  const Index n = group();
  if (moved_ || n != static_cast<Index>(samples_.size())) select(n);
  for (Index p = 0; p < n; ++p) {
    Progress& active = active_[static_cast<std::size_t>(p)];
    const SolveStatus status = plan_.next(active);
    if (status != SolveStatus::running) return fail(status, active, report_.error_norm);
    t_[p] = active.t;
    h_[p] = active.h;
    plan_.bounds(active.sample, active.output, active.t, active.h, begin_[p], end_[p]);
  }
  take_stages(n);
  if (adaptive_) measure_errors(n);

  const bool with_record = keeps_record(n);
  if (recording_ != Recording::nothing) tape_.begin_step(stages_.method(), with_record);
  bool any_accepted = false;
  for (Index p = 0; p < n; ++p) {
    outcomes_[static_cast<std::size_t>(p)] = finish_step(p);
    if (report_.status != SolveStatus::running) return;
    const bool accepted = outcomes_[static_cast<std::size_t>(p)] != Outcome::rejected;
    any_accepted = any_accepted || accepted;
    if (with_record && !accepted) record(active_[static_cast<std::size_t>(p)], p, false);
  }
  if (recording_ != Recording::nothing && !any_accepted) tape_.drop_step();
  if (sink_ != nullptr) show_step(n);

  move_on(n);
  if (active_.empty()) {
    report_.status = plan_.any_ended() ? SolveStatus::event : SolveStatus::ok;
  }
}

template <class Scalar>
void Solver<Scalar>::show_step(Index n) {
  accepted_.clear();
  for (Index p = 0; p < n; ++p)
    accepted_.push_back(outcomes_[static_cast<std::size_t>(p)] != Outcome::rejected);
  // A first stage that was found in place has no state.
  stages_.y(0).leftCols(n) = y_.leftCols(n);
  sink_->step({stages_, n, t_, h_, begin_, end_, samples_, accepted_});
}

template <class Scalar>
void Solver<Scalar>::take_stages(Index n) {
  const ButcherTableau& method = *active_[0].method;
  stages_.use(method);
  // An adaptive step finds its first stage in place: it is the last one of the step before.
  if (adaptive_ && !options_.jumps.empty()) restart_slopes(n);
  const bool implicit = stages_.implicit();
  if (implicit) {
    newton_.begin_step(*field_, samples_, begin_.head(n), y_.leftCols(n),
                       report_.jacobians_per_sample);
  }
  const int stages = method.stages, evaluated = want_end_slope_ ? stages : stages - 1;
  const int first = adaptive_ ? 1 : want_end_slope_ ? 0 : method.first_stage();
  record_size_ = record_bytes_ > 0 && !implicit ? field_->record_size(n) : 0;
  record_ = record_size_ > 0 ? tape_.reserve_record(first, evaluated, record_size_) : nullptr;
  int evaluations = 0;
  for (int i = first; i < stages; ++i) {
    stages_.place(i, n, t_, h_, begin_, end_);
    stages_.state(i, n, y_.data(), h_);
    if (implicit && method.implicit(i)) {
      solve_stage(i, n, adaptive_ ? 0 : first);
    } else if (i < evaluated) {
      eval_stage(i, n);
      ++evaluations;
    }
  }
  for (const int sample : samples_)
    report_.nfe_per_sample[static_cast<std::size_t>(sample)] += evaluations;
}

template <class Scalar>
void Solver<Scalar>::eval_stage(int stage, Index n) {
  if (record_ == nullptr) return stages_.eval(stage, n, *field_);
  field_->eval_recording(stages_.times().head(n), stages_.y(stage).leftCols(n),
                         stages_.k(stage).leftCols(n), record_);
  record_ += record_size_;
}

// Rejected columns are taken back with cotangents of zero, which makes NaN of what is not finite.
template <class Scalar>
bool Solver<Scalar>::keeps_record(Index n) const {
  if (record_ == nullptr) return false;
  for (Index p = 0; p < n && adaptive_; ++p) {
    if (!std::isfinite(errors_[p])) return false;
  }
  return true;
}

template <class Scalar>
void Solver<Scalar>::solve_stage(int stage, Index n, int first) {
  const double weight = stages_.method().a[stage][stage];
  for (Index p = 0; p < n; ++p) implicit_weight_[p] = h_[p] * weight;
  stages_.guess(stage, first, n);
  newton_.solve(*field_, samples_, stages_.times().head(n), implicit_weight_,
                stages_.y(stage).leftCols(n), stages_.k(stage).leftCols(n), report_.nfe_per_sample);
}

template <class Scalar>
void Solver<Scalar>::measure_errors(Index n) {
  stages_.error(n, h_, error_);
  const bool implicit = stages_.implicit();
  for (Index p = 0; p < n; ++p) {
    const Index begin = p * dim_;
    const bool failed = implicit && newton_.failed(samples_[static_cast<std::size_t>(p)]);
    errors_[p] = !failed && finite_step(p)
                     ? options_.norm(dim_, error_.data() + begin, y_.data() + begin,
                                     stages_.y1().data() + begin, options_.rtol, options_.atol)
                     : std::numeric_limits<double>::infinity();
  }
  share_norms(errors_, n);
}

template <class Scalar>
typename Solver<Scalar>::Outcome Solver<Scalar>::reject(Progress& active, double error) {
  ++report_.rejected;
  const bool newton_failed = options_.method->implicit() && newton_.failed(active.sample);
  active.non_finite = !newton_failed && !std::isfinite(error);
  active.newton_failed = newton_failed;
  if (newton_failed && newton_.outdated(active.sample)) {
    newton_.renew(active.sample);
    if (!options_.shared_steps) return Outcome::rejected;
  } else if (!adaptive_) {
    fail(SolveStatus::newton_failed, active, error);
    return Outcome::rejected;
  }
  if (adaptive_) active.h *= controller_.reject(error, active.memory);
  return Outcome::rejected;
}

template <class Scalar>
typename Solver<Scalar>::Outcome Solver<Scalar>::finish_step(Index p) {
  Progress& active = active_[static_cast<std::size_t>(p)];
  const double h = active.h;
  if (adaptive_) {
    report_.error_norm = errors_[p];
    if (!(errors_[p] <= 1)) return reject(active, errors_[p]);
    active.h *= controller_.accept(errors_[p], active.memory);
    if (active.last && !plan_.reaches_final(active)) {
      active.h = std::copysign(std::max(std::abs(active.h), std::abs(active.wanted)), h);
    }
    active.h =
        std::copysign(std::clamp(std::abs(active.h), options_.min_step, options_.max_step), h);
    next_steps_[active.sample] = std::max(std::abs(active.h), std::abs(active.wanted));
  } else if (stages_.implicit() && newton_.failed(active.sample)) {
    return reject(active, std::numeric_limits<double>::infinity());
  } else if (!finite_step(p)) {
    fail(SolveStatus::non_finite, active, 0);
    return Outcome::rejected;
  }

  ++report_.accepted;
  report_.largest_step = std::max(report_.largest_step, std::abs(h));
  if (recording_ != Recording::nothing) record(active, p, true);
  const double t1 = active.last ? active.end : active.t + h;
  if (!events_.empty() && ended_by_event(active, p, t1)) return Outcome::finished;
  write_outputs(active, p, t1);
  plan_.advance(active, t1);
  return active.output == plan_.outputs() ? Outcome::finished : Outcome::accepted;
}

// The end of a step is the beginning of the next one; columns that are finished close up.
template <class Scalar>
void Solver<Scalar>::move_on(Index n) {
  const Index count = static_cast<Index>(active_.size());
  const auto outcome = [&](Index p) {
    return p < n ? outcomes_[static_cast<std::size_t>(p)] : Outcome::rejected;
  };
  // Columns that fare alike move as one.
  Index kept = 0;
  for (Index p = 0, end; p < count; p = end) {
    for (end = p + 1; end < count && outcome(end) == outcome(p);) ++end;
    if (outcome(p) == Outcome::finished) continue;
    keep(kept, p, end - p, outcome(p));
    kept += end - p;
  }
  if (kept < count) active_.resize(static_cast<std::size_t>(kept));
}

// Columns [p, p + n), their step done, become columns [kept, kept + n) of the next one.
template <class Scalar>
void Solver<Scalar>::keep(Index kept, Index p, Index n, Outcome outcome) {
  const auto copy = [&](const Matrix<Scalar>& from, Matrix<Scalar>& to) {
    const Scalar* source = from.data() + p * dim_;
    Scalar* target = to.data() + kept * dim_;
    for (Index d = 0; d < n * dim_; ++d) target[d] = source[d];
  };
  const int past = options_.method->past;
  if (outcome == Outcome::accepted) {
    copy(stages_.y1(), y_);
    for (int m = past; m-- > 0;) copy(m == 0 ? stages_.k(0) : stages_.past(m - 1), stages_.past(m));
    if (adaptive_) copy(stages_.k(stages_.method().stages - 1), stages_.k(0));
  } else if (kept != p) {
    copy(y_, y_);
    copy(stages_.k(0), stages_.k(0));
    for (int m = 0; m < past; ++m) copy(stages_.past(m), stages_.past(m));
  }
  if (kept == p) return;
  moved_ = true;
  std::move(active_.begin() + p, active_.begin() + p + n, active_.begin() + kept);
}

template <class Scalar>
void Solver<Scalar>::record(const Progress& active, Index p, bool accepted) {
  const Scalar* y = y_.col(p).data();
  const double h = h_[p];
  if (recording_ == Recording::interpolant) dense_.add(active.sample, active.t, h, p, y, stages_);
  if (recording_ == Recording::schedule || recording_ == Recording::states) {
    tape_.add(active.sample, accepted ? active.output : StepTape<Scalar>::rejected, active.t, h, y,
              dim_);
    for (int m = 0; m < options_.method->past; ++m)
      tape_.append(stages_.past(m).col(p).data(), dim_);
  }
}

template <class Scalar>
void Solver<Scalar>::write_within(Progress& active, Index p, double t1) {
  for (; active.output + 1 < plan_.outputs(); ++active.output) {
    const double t = plan_.time(active.output, active.sample);
    if (h_[p] > 0 ? t > t1 : t < t1) return;
    stages_.interpolate(p, (t - t_[p]) / h_[p], h_[p], y_.col(p).data(), output(active).data());
  }
}

template <class Scalar>
void Solver<Scalar>::write_outputs(Progress& active, Index p, double t1) {
  if (adaptive_) write_within(active, p, t1);
  if (adaptive_ ? !plan_.reaches_final(active) : !active.last) return;
  output(active) = stages_.y1().col(p);
  ++active.output;
}

// Whether a terminal event within the accepted step of column p ends the sample: outputs before it
// are written as ever, and from then on the sample stays where it is.
template <class Scalar>
bool Solver<Scalar>::ended_by_event(Progress& active, Index p, double t1) {
  const Scalar* y = y_.col(p).data();
  const SearchedStep<Scalar> step{stages_, p, t_[p], h_[p], t1, y};
  const double x = events_.search(step, active.sample, report_.events);
  if (!std::isfinite(x)) return false;
  const double t = step.time(x);
  // An output at the very time of the event shows its state, to the bit.
  if (adaptive_) write_within(active, p, std::nextafter(t, t_[p]));
  plan_.end(active.sample, active.output, t);
  stages_.interpolate(p, x, h_[p], y, error_.col(p).data());
  for (; active.output < plan_.outputs(); ++active.output) output(active) = error_.col(p);
  return true;
}

// Whether the state after the step is, and its slope where dense output needs it.
template <class Scalar>
bool Solver<Scalar>::finite_step(Index p) const {
  const int last = stages_.method().stages - 1;
  const Scalar* y1 = stages_.y1().data() + p * dim_;
  return finite(y1) && (!want_end_slope_ || finite(stages_.k(last).data() + p * dim_));
}

template <class Scalar>
bool Solver<Scalar>::finite(const Scalar* column) const {
  Scalar zero = 0;
  for (Index d = 0; d < dim_; ++d) zero += 0 * column[d];  // NaN unless it is finite
  return zero == 0;
}

template <class Scalar>
void Solver<Scalar>::fail(SolveStatus status, const Progress& active, double error) {
  report_.status = status;
  report_.t = active.t;
  report_.h = active.h;
  report_.error_norm = error;
  report_.sample = active.sample;
}

template <class Scalar>
std::size_t Solver<Scalar>::bytes() const {
  return stages_.bytes() + newton_.bytes() + tape_.bytes() + dense_.bytes() +
         static_cast<std::size_t>(y_.size() + error_.size()) * sizeof(Scalar);
}

template <class Scalar>
SolveStatus Solver<Scalar>::advance(int budget) {
  for (int i = 0; i < budget && report_.status == SolveStatus::running; ++i) step();
  return report_.status;
}

template <class Scalar>
void Solver<Scalar>::cancel() {
  if (report_.status == SolveStatus::running) fail(SolveStatus::cancelled, active_.front(), 0);
}

template <class Scalar>
const SolveReport& Solver<Scalar>::solve(VectorField<Scalar>& field, MatrixIn<Scalar> y0,
                                         const Matrix<double>& times,
                                         const SolveRequest<Scalar>& request) {
  start(field, y0, times, request);
  while (advance(std::numeric_limits<int>::max()) == SolveStatus::running) {
  }
  return report_;
}

template class Solver<float>;
template class Solver<double>;

}  // namespace neural_ode
