#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "engine/gradient/checkpoints.h"
#include "engine/gradient/gradient.h"
#include "engine/gradient/step_adjoint.h"
#include "engine/gradient/time_gradient.h"

namespace neural_ode {
namespace {

constexpr int max_stages = ButcherTableau::max_stages, max_past = ButcherTableau::max_past;

template <class Scalar>
class DiscreteAdjoint final : public Gradient<Scalar> {
 public:
  DiscreteAdjoint(const SolverOptions& options, const GradientOptions& gradient)
      : solver_(options), gradient_(gradient) {}

  const SolveReport& forward(VectorField<Scalar>& field, MatrixIn<Scalar> y0,
                             const Matrix<double>& times, const Events<Scalar>& events) override {
    request_.events = events;
    request_.recording = gradient_.checkpoints > 0 ? Recording::schedule : Recording::states;
    // The parts of h in times_bar need the states of the stages.
    request_.record_bytes = exact_times() ? 0 : gradient_.record_bytes;
    return solver_.solve(field, y0, times, request_);
  }
  const std::vector<Matrix<Scalar>>& states() const override { return solver_.states(); }
  const Matrix<double>& times() const override { return solver_.times(); }

  const SolveReport& backward(VectorField<Scalar>& field,
                              const std::vector<Matrix<Scalar>>& states_bar) override;
  const Matrix<Scalar>& y0_bar() const override { return y_bar_; }
  const Vector<Scalar>& theta_bar() const override { return theta_bar_; }
  const Matrix<double>& times_bar() const override { return times_bar_; }

  Count nfe_backward() const override { return report_.nfe(); }
  Count nvjp() const override {
    return nvjp_.empty() ? 0 : *std::max_element(nvjp_.begin(), nvjp_.end());
  }
  std::size_t state_bytes() const override;

 private:
  using Step = typename StepTape<Scalar>::Step;

  void prepare(VectorField<Scalar>& field, const std::vector<Matrix<Scalar>>& states_bar);
  void take_back_all(VectorField<Scalar>& field, const std::vector<Matrix<Scalar>>& states_bar);
  void take_back_between(VectorField<Scalar>& field, const std::vector<Matrix<Scalar>>& states_bar,
                         std::size_t begin, std::size_t end, std::size_t level);
  void advance(VectorField<Scalar>& field, std::size_t begin, std::size_t end,
               Matrix<Scalar>& state);
  const Scalar* columns(const Matrix<Scalar>& state, const Step& step);
  void take_back(VectorField<Scalar>& field, const std::vector<Matrix<Scalar>>& states_bar,
                 const Step& step, const Scalar* wide);
  bool gather(const std::vector<Matrix<Scalar>>& states_bar, const Step& step);
  void pull_outputs(const std::vector<Matrix<Scalar>>& states_bar, const Step& step);
  void scatter(const Step& step);
  bool within(int sample, int output) const;
  AdjointCost cost() { return {report_, nvjp_}; }
  Index dim() const { return y_bar_.rows(); }
  Index times_column(Index sample) const { return times_bar_.cols() == 1 ? 0 : sample; }
  bool exact_times() const {
    return gradient_.times && !solver_.options().adaptive() && request_.events.empty();
  }

  Solver<Scalar> solver_;
  GradientOptions gradient_;
  SolveRequest<Scalar> request_;  // of the forward solve
  SolveReport report_;
  std::vector<Count> nvjp_;       // per sample
  std::vector<int> next_output_;  // per sample: outputs from here on are taken back

  Matrix<Scalar> y_bar_;  // D x B: cotangent of the state before the steps taken back so far
  Matrix<Scalar> past_bar_[max_past];  // D x B: and of the past slopes
  Vector<Scalar> theta_bar_;
  Matrix<double> times_bar_;
  TimeGradient<Scalar> time_gradient_;

  StepAdjoint<Scalar> step_;  // the one being taken back, by its n columns

  // Checkpoints: states of the whole batch with their past slopes, (1 + past) D x B.
  std::vector<Matrix<Scalar>> kept_;
  Matrix<Scalar> now_, columns_;
};

template <class Scalar>
void DiscreteAdjoint<Scalar>::prepare(VectorField<Scalar>& field,
                                      const std::vector<Matrix<Scalar>>& states_bar) {
  const Index batch = states_bar[0].cols(), dim = field.dim();
  const ButcherTableau& method = *solver_.options().method;
  nvjp_.assign(static_cast<std::size_t>(batch), 0);
  next_output_.assign(static_cast<std::size_t>(batch), static_cast<int>(states_bar.size()));
  y_bar_.setZero(dim, batch);
  theta_bar_.setZero(field.parameter_count());
  if (gradient_.times) times_bar_.setZero(solver_.times().rows(), solver_.times().cols());
  for (int m = 0; m < method.past; ++m) past_bar_[m].setZero(dim, batch);
  step_.reserve(field, method, batch);
}

template <class Scalar>
const SolveReport& DiscreteAdjoint<Scalar>::backward(
    VectorField<Scalar>& field, const std::vector<Matrix<Scalar>>& states_bar) {
  report_.reset(states_bar.empty() ? 0 : states_bar[0].cols());
  if (const Status status = check_cotangents(solver_, field, states_bar); !status) {
    report_.status = SolveStatus::invalid;
    report_.reason = status.error();
    return report_;
  }
  prepare(field, states_bar);
  take_back_all(field, states_bar);
  if (!report_.succeeded()) return report_;
  if (gradient_.times && !exact_times()) {
    time_gradient_.add(field, solver_, states_bar, y_bar_, times_bar_, report_);
  }
  y_bar_ += states_bar[0];
  if (!all_finite(y_bar_, theta_bar_)) {
    report_.status = SolveStatus::non_finite;
    report_.t = solver_.time(0, 0);
  }
  return report_;
}

template <class Scalar>
void DiscreteAdjoint<Scalar>::take_back_all(VectorField<Scalar>& field,
                                            const std::vector<Matrix<Scalar>>& states_bar) {
  const StepTape<Scalar>& tape = solver_.tape();
  if (tape.recording() == Recording::states) {
    for (std::size_t i = tape.step_count(); i-- > 0 && report_.succeeded();) {
      const Step step = tape.step(i);
      take_back(field, states_bar, step, step.y);
    }
    return;
  }
  if (tape.step_count() == 0) return;
  const Index width = (1 + solver_.options().method->past) * dim();
  columns_.resize(width, y_bar_.cols());
  kept_.resize(static_cast<std::size_t>(gradient_.checkpoints) + 1);
  kept_[0].setZero(width, y_bar_.cols());
  kept_[0].topRows(dim()) = solver_.states()[0];
  take_back_between(field, states_bar, 0, tape.step_count(), 0);
}

// The state before step `begin` is kept_[level].
template <class Scalar>
void DiscreteAdjoint<Scalar>::take_back_between(VectorField<Scalar>& field,
                                                const std::vector<Matrix<Scalar>>& states_bar,
                                                std::size_t begin, std::size_t end,
                                                std::size_t level) {
  const std::size_t slots = kept_.size() - 1 - level;
  while (end - begin > 1 && report_.succeeded()) {
    now_ = kept_[level];
    if (slots == 0) {
      advance(field, begin, end - 1, now_);
      const Step step = solver_.tape().step(--end);
      take_back(field, states_bar, step, columns(now_, step));
      continue;
    }
    const auto steps = static_cast<long>(end - begin);
    const std::size_t middle =
        begin + static_cast<std::size_t>(checkpoint_advance(steps, static_cast<long>(slots)));
    advance(field, begin, middle, now_);
    kept_[level + 1] = now_;
    take_back_between(field, states_bar, middle, end, level + 1);
    end = middle;
  }
  const Step step = solver_.tape().step(begin);
  if (report_.succeeded()) take_back(field, states_bar, step, columns(kept_[level], step));
}

// The columns of a step's samples side by side.
template <class Scalar>
const Scalar* DiscreteAdjoint<Scalar>::columns(const Matrix<Scalar>& state, const Step& step) {
  Index p = 0;
  for (const int s : step.samples) columns_.col(p++) = state.col(s);
  return columns_.data();
}

template <class Scalar>
void DiscreteAdjoint<Scalar>::advance(VectorField<Scalar>& field, std::size_t begin,
                                      std::size_t end, Matrix<Scalar>& state) {
  const int past = solver_.options().method->past;
  for (std::size_t i = begin; i < end && report_.succeeded(); ++i) {
    const Step step = solver_.tape().step(i);
    const Index n = static_cast<Index>(step.samples.size());
    step_.repeat(field, solver_.plan(), step, columns(state, step), Extent::end_state, cost());
    for (Index p = 0; p < n; ++p) {
      auto column = state.col(step.samples[static_cast<std::size_t>(p)]);
      column.head(dim()) = step_.stages().y1().col(p);
      for (int m = past; m-- > 0;) {
        column.segment((m + 1) * dim(), dim()) =
            m == 0 ? step_.stages().k(0).col(p) : step_.stages().past(m - 1).col(p);
      }
    }
  }
}

// Whether an output lies within the last step taken back of its sample, not at its end.
template <class Scalar>
bool DiscreteAdjoint<Scalar>::within(int sample, int output) const {
  const int count = static_cast<int>(solver_.states().size());
  if (solver_.options().adaptive()) return output + 1 != count || solver_.plan().ended(sample);
  return solver_.plan().ended(sample) && next_output_[static_cast<std::size_t>(sample)] == count;
}

// Cotangents y1_bar of the state after each column's step and of the outputs at its end. Returns
// whether some column has outputs within its step, which the last slope takes part in.
template <class Scalar>
bool DiscreteAdjoint<Scalar>::gather(const std::vector<Matrix<Scalar>>& states_bar,
                                     const Step& step) {
  bool any_within = false;
  for (std::size_t q = 0; q < step.samples.size(); ++q) {
    const Index p = static_cast<Index>(q);
    const int s = step.samples[q];
    if (!step.accepted(q)) {
      step_.y1_bar.col(p).setZero();
      continue;
    }
    step_.y1_bar.col(p) = y_bar_.col(s);
    for (int o = step.outputs[q]; o < next_output_[static_cast<std::size_t>(s)]; ++o) {
      if (within(s, o)) {
        any_within = true;
      } else {
        step_.y1_bar.col(p) += states_bar[static_cast<std::size_t>(o)].col(s);
      }
    }
  }
  return any_within;
}

// Outputs within the step: y(t + x h) = y + rise (y1 - y) + h sum_i weights_i k_i.
template <class Scalar>
void DiscreteAdjoint<Scalar>::pull_outputs(const std::vector<Matrix<Scalar>>& states_bar,
                                           const Step& step) {
  const ButcherTableau& method = *step.method;
  double weights[max_stages];
  for (std::size_t q = 0; q < step.samples.size(); ++q) {
    if (!step.accepted(q)) continue;
    const Index p = static_cast<Index>(q);
    const int s = step.samples[q];
    for (int o = step.outputs[q]; o < next_output_[static_cast<std::size_t>(s)]; ++o) {
      if (!within(s, o)) continue;
      const auto output_bar = states_bar[static_cast<std::size_t>(o)].col(s);
      const double h = step.h[q];
      const double rise = method.dense_weights((solver_.time(o, s) - step.t[q]) / h, weights);
      step_.y1_bar.col(p) += static_cast<Scalar>(rise) * output_bar;
      step_.y_bar.col(p) += static_cast<Scalar>(1 - rise) * output_bar;
      for (int i = 0; i < method.stages; ++i) {
        step_.k_bar[i].col(p) += static_cast<Scalar>(h * weights[i]) * output_bar;
      }
    }
  }
}

template <class Scalar>
void DiscreteAdjoint<Scalar>::take_back(VectorField<Scalar>& field,
                                        const std::vector<Matrix<Scalar>>& states_bar,
                                        const Step& step, const Scalar* wide) {
  const Index n = static_cast<Index>(step.samples.size());
  const int past = solver_.options().method->past;
  const bool outputs_within = gather(states_bar, step);
  const Extent extent = outputs_within  ? Extent::end_slope
                        : exact_times() ? Extent::end_state
                                        : Extent::stages;
  step_.repeat(field, solver_.plan(), step, wide, extent, cost());
  if (!report_.succeeded()) return;
  step_.clear(n);
  if (outputs_within) pull_outputs(states_bar, step);
  // The first slope is the latest past one of the next step, whose past ones are each one older.
  for (Index p = 0; p < n && past > 0; ++p) {
    const int s = step.samples[static_cast<std::size_t>(p)];
    step_.k_bar[0].col(p) += past_bar_[0].col(s);
    for (int m = 0; m + 1 < past; ++m) step_.past_bar[m].col(p) = past_bar_[m + 1].col(s);
  }
  step_.pull(field, step, extent, theta_bar_, cost());
  scatter(step);
}

// Back to the columns of the batch. A fixed step has t = t_a + x dt and h = dt / m with dt = t_b -
// t_a.
template <class Scalar>
void DiscreteAdjoint<Scalar>::scatter(const Step& step) {
  for (std::size_t q = 0; q < step.samples.size(); ++q) {
    if (!step.accepted(q)) continue;
    const Index p = static_cast<Index>(q);
    const int s = step.samples[q], to = step.outputs[q];
    y_bar_.col(s) = step_.y_bar.col(p);
    for (int m = 0; m < solver_.options().method->past; ++m)
      past_bar_[m].col(s) = step_.past_bar[m].col(p);
    next_output_[static_cast<std::size_t>(s)] = to;
    if (!exact_times()) continue;
    const double t_a = solver_.time(to - 1, s), dt = solver_.time(to, s) - t_a;
    const double x = (step.t[q] - t_a) / dt, through_h = step_.h_h_bar[p] / dt;
    times_bar_(to, times_column(s)) += x * step_.t_bar[p] + through_h;
    times_bar_(to - 1, times_column(s)) += (1 - x) * step_.t_bar[p] - through_h;
  }
}

template <class Scalar>
std::size_t DiscreteAdjoint<Scalar>::state_bytes() const {
  Index entries = y_bar_.size() + now_.size() + columns_.size();
  for (const Matrix<Scalar>& kept : kept_) entries += kept.size();
  return solver_.tape().bytes() + step_.bytes() + time_gradient_.bytes() +
         static_cast<std::size_t>(entries) * sizeof(Scalar);
}

}  // namespace

template <class Scalar>
std::unique_ptr<Gradient<Scalar>> make_discrete(const SolverOptions& options,
                                                const GradientOptions& gradient) {
  return std::make_unique<DiscreteAdjoint<Scalar>>(options, gradient);
}

template std::unique_ptr<Gradient<float>> make_discrete(const SolverOptions&,
                                                        const GradientOptions&);
template std::unique_ptr<Gradient<double>> make_discrete(const SolverOptions&,
                                                         const GradientOptions&);

}  // namespace neural_ode
