// How a solve begins: its scratch, and the first step of each sample.
#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/ode/solver.h"

namespace neural_ode {
namespace {

// `h` > 0 within the limits and long enough to move t, in the direction of `span`.
double limited_step(double h, double t, double span, const SolverOptions& options) {
  const double shortest = 10 * spacing(t, span);
  const double length = std::clamp(h, options.min_step, options.max_step);
  return std::copysign(length >= shortest ? length : shortest, span);
}

// The same, and no longer than `span`.
double step_within(double h, double t, double span, const SolverOptions& options) {
  const double step = limited_step(h, t, span, options);
  return std::abs(step) < std::abs(span) ? step : span;
}

// The absolute tolerance that slopes at the start are measured by. Without one, a component that
// starts at zero counts by the size of the others: its own would make every step too long.
template <class Scalar>
double starting_atol(VectorIn<Scalar> y, const SolverOptions& options) {
  if (options.atol > 0) return options.atol;
  const double atol = options.rtol * static_cast<double>(y.cwiseAbs().maxCoeff());
  return std::isnormal(atol) ? atol : options.rtol;
}

}  // namespace

template <class Scalar>
void Solver<Scalar>::start(VectorField<Scalar>& field, MatrixIn<Scalar> y0,
                           const Matrix<double>& times, const SolveRequest<Scalar>& request) {
  const Index batch = y0.cols();
  const Recording recording = request.recording;
  const Events<Scalar>& events = request.events;
  field_ = &field;
  theta_ = field.bound_theta();
  recording_ = recording;
  sink_ = request.sink;
  record_bytes_ = request.record_bytes;
  adaptive_ = options_.adaptive();
  want_end_slope_ = adaptive_ || !events.empty() || recording == Recording::interpolant;
  dim_ = y0.rows();
  plan_.start(options_, times, batch, !events.empty());
  events_.start(events, dim_, batch);
  report_.reset(batch);
  tape_.clear((1 + (options_.method == nullptr ? 0 : options_.method->past)) * dim_, recording,
              record_bytes_);
  next_steps_.setZero(batch);
  dense_.clear(dim_, recording == Recording::interpolant ? batch : 0);
  active_.clear();
  if (const Status status = validate_solve(options_, field.dim(), y0.rows(), batch, times);
      !status) {
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
  error_.resize(dim_, batch);
  for (Vector<double>* vector : {&t_, &h_, &begin_, &end_, &errors_, &implicit_weight_})
    vector->resize(batch);
  outcomes_.resize(static_cast<std::size_t>(batch));
  accepted_.reserve(static_cast<std::size_t>(batch));
  stages_.reserve(*options_.method, dim_, batch);
  field.reserve(batch);
  if (times.rows() == 1 || batch == 0) return;

  report_.status = SolveStatus::running;
  active_.resize(static_cast<std::size_t>(batch));
  for (Index p = 0; p < batch; ++p) {
    Progress& active = active_[static_cast<std::size_t>(p)];
    active = plan_.begin(static_cast<int>(p));
    if (!finite(y_.col(p).data())) return fail(SolveStatus::non_finite, active, 0);
    events_.begin(active.sample, active.t, y_.col(p).data());
  }
  if (options_.method->implicit()) reset_newton(batch);
  select(batch);
  if (adaptive_) first_steps(request.first_steps);
}

template <class Scalar>
void Solver<Scalar>::reset_newton(Index batch) {
  NewtonOptions newton = NewtonOptions::to_rounding(std::numeric_limits<Scalar>::epsilon());
  if (adaptive_) {
    newton = {};
    newton.norm = options_.norm;
    newton.rtol = options_.rtol;
    newton.atol = options_.atol;
    newton.trusting = options_.exact_jacobian;
  }
  newton_.reset(newton, dim_, batch);
}

template <class Scalar>
void Solver<Scalar>::first_steps(const Vector<double>& lengths) {
  const ButcherTableau& method = *options_.method;
  ControllerOptions control = options_.controller;
  // Hairer and Wanner IV.8: small changes of h are not worth new factors.
  if (method.implicit()) control.dead_zone = std::max(control.dead_zone, 1.2);
  controller_ = Controller(std::min(method.order, method.embedded_order) + 1, control);

  if (!first_slopes()) return;
  if (lengths.size() == 0 && options_.first_step == 0) return guess_first_steps();
  for (Progress& active : active_) {
    const double span = plan_.final_time(active.sample) - active.t;
    if (lengths.size() == 0) {
      active.h = step_within(options_.first_step, active.t, span, options_);
    } else {  // not cut at the end: the longer step is the next one's again
      active.h = limited_step(lengths[active.sample], active.t, span, options_);
    }
  }
}

template <class Scalar>
bool Solver<Scalar>::first_slopes() {
  const Index n = static_cast<Index>(active_.size());
  for (Index p = 0; p < n; ++p) {
    const Progress& active = active_[static_cast<std::size_t>(p)];
    plan_.bounds(active.sample, active.output, active.t, plan_.final_time(active.sample) - active.t,
                 begin_[p], end_[p]);
    t_[p] = begin_[p];
  }
  Matrix<Scalar>& k0 = stages_.k(0);
  field_->eval(t_.head(n), y_.leftCols(n), k0.leftCols(n));
  for (Count& nfe : report_.nfe_per_sample) ++nfe;
  for (Index p = 0; p < n; ++p) {
    if (finite(k0.col(p).data())) continue;
    fail(SolveStatus::non_finite, active_[static_cast<std::size_t>(p)], 0);
    return false;
  }
  return true;
}

// Hairer, Norsett, Wanner II.4, for each sample by itself [hairer1993].
template <class Scalar>
void Solver<Scalar>::guess_first_steps() {
  const Index n = static_cast<Index>(active_.size());
  const auto norms = [&](const Matrix<Scalar>& x, Vector<double>& out) {
    for (Index p = 0; p < n; ++p) {
      const Scalar* y = y_.col(p).data();
      out[p] = options_.norm(dim_, x.col(p).data(), y, y, options_.rtol,
                             starting_atol<Scalar>(y_.col(p), options_));
    }
    share_norms(out, n);
  };
  const auto limited = [&](double h, const Progress& active) {
    return step_within(h, active.t, plan_.final_time(active.sample) - active.t, options_);
  };
  const Matrix<Scalar>& k0 = stages_.k(0);
  Vector<double>&y_norms = errors_, &f_norms = implicit_weight_;
  norms(y_, y_norms);
  norms(k0, f_norms);
  for (Index p = 0; p < n; ++p) {
    const Progress& active = active_[static_cast<std::size_t>(p)];
    h_[p] = limited(Controller::trial_step(y_norms[p], f_norms[p]), active);
    t_[p] = active.t + h_[p];
    const double before_jump = end_[p] - active.t;
    if (std::abs(h_[p]) > std::abs(before_jump) && before_jump != 0) {
      h_[p] = before_jump;
      t_[p] = end_[p];
    }
    error_.col(p) = y_.col(p) + static_cast<Scalar>(h_[p]) * k0.col(p);
  }
  Matrix<Scalar>& k1 = stages_.k(1);
  field_->eval(t_.head(n), error_.leftCols(n), k1.leftCols(n));
  for (Count& nfe : report_.nfe_per_sample) ++nfe;
  error_.leftCols(n) = k1.leftCols(n) - k0.leftCols(n);
  norms(error_, y_norms);
  for (Index p = 0; p < n; ++p) {
    const double trial = std::abs(h_[p]), slope = y_norms[p] / trial;
    const double h =
        std::isfinite(slope) ? controller_.first_step(trial, f_norms[p], slope) : trial;
    Progress& active = active_[static_cast<std::size_t>(p)];
    active.h = limited(h, active);
  }
}

template void Solver<float>::start(VectorField<float>&, MatrixIn<float>, const Matrix<double>&,
                                   const SolveRequest<float>&);
template void Solver<float>::reset_newton(Index);
template void Solver<float>::first_steps(const Vector<double>&);
template bool Solver<float>::first_slopes();
template void Solver<float>::guess_first_steps();
template void Solver<double>::start(VectorField<double>&, MatrixIn<double>, const Matrix<double>&,
                                    const SolveRequest<double>&);
template void Solver<double>::reset_newton(Index);
template void Solver<double>::first_steps(const Vector<double>&);
template bool Solver<double>::first_slopes();
template void Solver<double>::guess_first_steps();

}  // namespace neural_ode
