#include "engine/ode/solver.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace neural_ode {

Status validate(const SolverOptions& options) {
  if (options.method == nullptr) return Error{"solver: expected a method"};
  if (options.max_steps < 1) return Error{"max_steps: expected at least 1"};
  if (options.adaptive()) {
    const bool sized = options.rtol >= 0 && options.atol >= 0 && options.rtol + options.atol > 0;
    if (!sized || !std::isfinite(options.rtol + options.atol)) {
      return Error{"rtol and atol: expected finite numbers >= 0, one of them > 0"};
    }
  } else if (!(options.step_size > 0) || !std::isfinite(options.step_size)) {
    return Error{"step_size: expected a finite number > 0"};
  }
  return {};
}

Status validate_times(const Matrix<double>& times, Index batch) {
  if (times.rows() < 1) return Error{"times: expected at least one"};
  if (times.cols() != 1 && times.cols() != batch) {
    return Error{"times: expected one column, or one for each sample"};
  }
  for (Index column = 0; column < times.cols(); ++column) {
    for (Index row = 0; row < times.rows(); ++row) {
      const double t = times(row, column);
      if (!std::isfinite(t)) return Error{"times: expected finite numbers"};
      if (row == 0) continue;
      const bool forward = times(1, column) > times(0, column);
      const double before = times(row - 1, column);
      if (forward ? !(t > before) : !(t < before)) {
        return Error{"times: expected strictly increasing or strictly decreasing numbers"};
      }
    }
  }
  return {};
}

template <class Scalar>
Status Solver<Scalar>::check(const VectorField<Scalar>& field, MatrixIn<Scalar> y0) const {
  if (Status status = validate(options_); !status) return status;
  if (Status status = validate_times(times_, y0.cols()); !status) return status;
  if (y0.rows() != field.dim()) {
    return Error{"y0: expected " + std::to_string(field.dim()) + " components, found " +
                 std::to_string(y0.rows())};
  }
  return {};
}

template <class Scalar>
void Solver<Scalar>::start(VectorField<Scalar>& field, MatrixIn<Scalar> y0,
                           const Matrix<double>& times, bool record) {
  const Index batch = y0.cols();
  field_ = &field;
  record_ = record;
  dim_ = y0.rows();
  times_ = times;
  report_.reset(batch);
  tape_.clear(dim_);
  active_.clear();
  if (const Status status = check(field, y0); !status) {
    report_.status = SolveStatus::invalid;
    report_.reason = status.error();
    states_.clear();
    return;
  }

  states_.resize(static_cast<std::size_t>(times.rows()));
  for (Matrix<Scalar>& state : states_) {
    state.setConstant(dim_, batch, std::numeric_limits<Scalar>::quiet_NaN());
  }
  states_[0] = y0;
  y_ = y0;
  y1_.resize(dim_, batch);
  error_.resize(dim_, batch);
  t_.resize(batch);
  h_.resize(batch);
  end_.resize(batch);
  stages_.reserve(*options_.method, dim_, batch);
  field.reserve(batch);
  if (times.rows() == 1) return;

  active_.resize(static_cast<std::size_t>(batch));
  for (Index p = 0; p < batch; ++p) {
    Active& active = active_[static_cast<std::size_t>(p)];
    active = Active{};
    active.sample = static_cast<int>(p);
    active.t = time(0, p);
    active.end = time(options_.adaptive() ? times.rows() - 1 : 1, p);
    plan_interval(active);
    if (!finite(y_.col(p).data())) return fail(SolveStatus::non_finite, active, 0);
  }
  if (!active_.empty()) report_.status = SolveStatus::running;
  if (options_.adaptive()) first_steps();
}

// Hairer, Norsett, Wanner II.4, for each sample by itself [hairer1993]. Leaves f(t0, y0) in the
// first stage.
template <class Scalar>
void Solver<Scalar>::first_steps() {
  controller_ = PiController(options_.method->embedded_order);
  const Index n = static_cast<Index>(active_.size());
  const double rtol = options_.rtol, atol = options_.atol;
  Matrix<Scalar>&k0 = stages_.k(0), &k1 = stages_.k(1);

  for (Index p = 0; p < n; ++p) t_[p] = active_[static_cast<std::size_t>(p)].t;
  field_->eval(t_.head(n), y_.leftCols(n), k0.leftCols(n));
  count_evaluations(1);
  for (Index p = 0; p < n; ++p) {
    Active& active = active_[static_cast<std::size_t>(p)];
    const Scalar *y = y_.col(p).data(), *f = k0.col(p).data();
    if (!finite(f)) return fail(SolveStatus::non_finite, active, 0);
    const double trial = PiController::trial_step(scaled_norm(dim_, y, y, y, rtol, atol),
                                                  scaled_norm(dim_, f, y, y, rtol, atol));
    const double span = active.end - active.t;
    h_[p] = trial < std::abs(span) ? std::copysign(trial, span) : span;
    t_[p] = active.t + h_[p];
  }
  const double one = 1;
  combine(n, y_.data(), h_, &one, 1, stages_.k(), stages_.y(1));
  field_->eval(t_.head(n), stages_.y(1).leftCols(n), k1.leftCols(n));
  count_evaluations(1);
  for (Index p = 0; p < n; ++p) {
    Active& active = active_[static_cast<std::size_t>(p)];
    const Scalar* y = y_.col(p).data();
    error_.col(p) = k1.col(p) - k0.col(p);
    const double trial = std::abs(h_[p]);
    const double slope = scaled_norm(dim_, error_.col(p).data(), y, y, rtol, atol) / trial;
    const double f_norm = scaled_norm(dim_, k0.col(p).data(), y, y, rtol, atol);
    const double h = std::isfinite(slope) ? controller_.first_step(trial, f_norm, slope) : trial;
    active.h = std::copysign(h, active.end - active.t);
  }
}

// Fixed steps from times(output - 1) to times(output).
template <class Scalar>
void Solver<Scalar>::plan_interval(Active& active) const {
  if (options_.adaptive()) return;
  active.end = time(active.output, active.sample);
  const double length = active.end - time(active.output - 1, active.sample);
  // A ratio that is whole but for rounding counts as whole.
  constexpr double slack = 1 - 1e-9;
  active.step = 0;
  active.step_count = std::max(1.0, std::ceil(std::abs(length) / options_.step_size * slack));
  active.h = length / active.step_count;
}

// Sets t, h and whether it is the last step; false when there is no step to take.
template <class Scalar>
bool Solver<Scalar>::plan_step(Active& active) {
  if (options_.adaptive()) {
    // A remainder of a percent is taken along.
    const double left = active.end - active.t;
    active.last = 1.01 * std::abs(active.h) >= std::abs(left);
    if (active.last) active.h = left;
  } else {
    active.t = time(active.output - 1, active.sample) + active.step * active.h;
    active.last = active.step + 1 == active.step_count;
  }
  if (active.t + active.h == active.t) {
    fail(active.non_finite ? SolveStatus::non_finite : SolveStatus::step_underflow, active,
         report_.error_norm);
    return false;
  }
  if (active.steps == options_.max_steps) {
    fail(SolveStatus::max_steps, active, report_.error_norm);
    return false;
  }
  ++active.steps;
  return true;
}

template <class Scalar>
void Solver<Scalar>::step() {
  const ButcherTableau& method = *options_.method;
  const bool adaptive = options_.adaptive();
  const Index n = static_cast<Index>(active_.size());
  for (Index p = 0; p < n; ++p) {
    Active& active = active_[static_cast<std::size_t>(p)];
    if (!plan_step(active)) return;
    t_[p] = active.t;
    h_[p] = active.h;
    end_[p] = active.end;
  }

  // An adaptive step finds its first stage in place: it is the last one of the step before.
  const int first = adaptive ? 1 : 0;
  const int stages = adaptive ? method.stages : method.solution_stages();
  for (int i = first; i < stages; ++i) {
    stages_.place(i, n, t_, h_, end_);
    stages_.state(i, n, y_.data(), h_);
    stages_.eval(i, n, *field_);
  }
  count_evaluations(stages - first);
  if (!adaptive) combine(n, y_.data(), h_, method.b, stages, stages_.k(), y1_);
  const Matrix<Scalar>& y1 = adaptive ? stages_.y(stages - 1) : y1_;
  if (adaptive) {
    error_.leftCols(n).setZero();
    combine(n, error_.data(), h_, method.b_error, stages, stages_.k(), error_);
  }

  if (record_) tape_.begin_step();
  Index kept = 0;
  for (Index p = 0; p < n; ++p) {
    const Index rejected_before = report_.rejected;
    const bool goes_on = finish_step(p, y1);
    if (report_.status != SolveStatus::running) return;
    if (!goes_on) continue;
    const bool accepted = report_.rejected == rejected_before;
    if (accepted) {
      y_.col(kept) = y1.col(p);
      if (adaptive) stages_.k(0).col(kept) = stages_.k(stages - 1).col(p);
    } else if (kept != p) {
      y_.col(kept) = y_.col(p);
      stages_.k(0).col(kept) = stages_.k(0).col(p);
    }
    active_[static_cast<std::size_t>(kept++)] = active_[static_cast<std::size_t>(p)];
  }
  active_.resize(static_cast<std::size_t>(kept));
  if (active_.empty()) report_.status = SolveStatus::ok;
}

template <class Scalar>
bool Solver<Scalar>::finish_step(Index p, const Matrix<Scalar>& y1) {
  Active& active = active_[static_cast<std::size_t>(p)];
  const Scalar* column = y1.col(p).data();
  const double h = active.h;
  if (options_.adaptive()) {
    const double error =
        finite(column) ? error_norm(p, y1) : std::numeric_limits<double>::infinity();
    report_.error_norm = error;
    active.non_finite = !std::isfinite(error);
    if (!(error <= 1)) {
      ++report_.rejected;
      active.h *= controller_.reject(error, active.memory);
      return true;
    }
    active.h *= controller_.accept(error, active.memory);
  } else if (!finite(column)) {
    fail(SolveStatus::non_finite, active, 0);
    return false;
  }

  ++report_.accepted;
  if (record_) tape_.add(active.sample, active.output, active.t, h, y_.col(p).data());
  const double t1 = active.last ? active.end : active.t + h;
  write_outputs(active, p, t1, column);
  active.t = t1;
  active.step += 1;
  if (active.output == times_.rows()) return false;
  if (!options_.adaptive() && active.last) plan_interval(active);
  return true;
}

template <class Scalar>
void Solver<Scalar>::write_outputs(Active& active, Index p, double t1, const Scalar* y1) {
  const int final_output = static_cast<int>(times_.rows()) - 1;
  const auto write_end = [&] {
    Scalar* to = states_[static_cast<std::size_t>(active.output++)].col(active.sample).data();
    std::copy(y1, y1 + dim_, to);
  };
  if (!options_.adaptive()) {
    if (active.last) write_end();
    return;
  }
  const ButcherTableau& method = *options_.method;
  for (; active.output < final_output; ++active.output) {
    const double t = time(active.output, active.sample);
    if (h_[p] > 0 ? t > t1 : t < t1) return;
    double weights[ButcherTableau::max_stages];
    method.dense_weights((t - t_[p]) / h_[p], weights);
    Scalar* to = states_[static_cast<std::size_t>(active.output)].col(active.sample).data();
    const Scalar* from = y_.col(p).data();
    std::copy(from, from + dim_, to);
    for (int i = 0; i < method.stages; ++i) {
      const Scalar factor = static_cast<Scalar>(h_[p] * weights[i]);
      const Scalar* k = stages_.k(i).col(p).data();
      for (Index d = 0; d < dim_; ++d) to[d] += factor * k[d];
    }
  }
  if (active.last) write_end();
}

template <class Scalar>
double Solver<Scalar>::error_norm(Index p, const Matrix<Scalar>& y1) const {
  return scaled_norm(dim_, error_.col(p).data(), y_.col(p).data(), y1.col(p).data(), options_.rtol,
                     options_.atol);
}

template <class Scalar>
bool Solver<Scalar>::finite(const Scalar* column) const {
  for (Index d = 0; d < dim_; ++d) {
    if (!std::isfinite(column[d])) return false;
  }
  return true;
}

template <class Scalar>
void Solver<Scalar>::count_evaluations(int n) {
  for (const Active& active : active_) {
    report_.nfe_per_sample[static_cast<std::size_t>(active.sample)] += n;
  }
}

template <class Scalar>
void Solver<Scalar>::fail(SolveStatus status, const Active& active, double error) {
  report_.status = status;
  report_.t = active.t;
  report_.h = active.h;
  report_.error_norm = error;
  report_.sample = active.sample;
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
                                         const Matrix<double>& times, bool record) {
  start(field, y0, times, record);
  while (advance(std::numeric_limits<int>::max()) == SolveStatus::running) {
  }
  return report_;
}

template class Solver<float>;
template class Solver<double>;

}  // namespace neural_ode
