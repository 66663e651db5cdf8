#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/core/lu.h"
#include "engine/gradient/checkpoints.h"
#include "engine/gradient/gradient.h"
#include "engine/gradient/time_gradient.h"
#include "engine/ode/stages.h"

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
    has_events_ = !events.empty();
    const Recording recording = gradient_.checkpoints > 0 ? Recording::schedule : Recording::states;
    return solver_.solve(field, y0, times, recording, events);
  }
  const std::vector<Matrix<Scalar>>& states() const override { return solver_.states(); }
  const Matrix<double>& times() const override { return solver_.times(); }

  const SolveReport& backward(VectorField<Scalar>& field,
                              const std::vector<Matrix<Scalar>>& states_bar) override;
  const Matrix<Scalar>& y0_bar() const override { return y_bar_; }
  const Vector<Scalar>& theta_bar() const override { return theta_bar_; }
  const Matrix<double>& times_bar() const override { return times_bar_; }

  int nfe_backward() const override { return report_.nfe(); }
  int nvjp() const override {
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
  // How much of a step is wanted again.
  enum class Extent { stages, end_state, end_slope };
  // The stages of a step again, from its states; `wide`: (1 + past) D x n.
  void repeat(VectorField<Scalar>& field, const Step& step, const Scalar* wide, Extent extent);
  void take_back(VectorField<Scalar>& field, const std::vector<Matrix<Scalar>>& states_bar,
                 const Step& step, const Scalar* wide);
  bool gather(const std::vector<Matrix<Scalar>>& states_bar, const Step& step);
  void pull_outputs(const std::vector<Matrix<Scalar>>& states_bar, const Step& step);
  void solve_transposed(VectorField<Scalar>& field, int stage, Index n);
  void pull_state(int stage, Index n);
  void scatter(const Step& step);
  bool within(int sample, int output) const;
  void add_scaled(Index n, Index row, Index rows, double weight, const Matrix<Scalar>& from,
                  Matrix<Scalar>& to) const;

  Index dim() const { return y_bar_.rows(); }
  Index times_column(Index sample) const { return times_bar_.cols() == 1 ? 0 : sample; }
  bool exact_times() const {
    return gradient_.times && !solver_.options().adaptive() && !has_events_;
  }

  Solver<Scalar> solver_;
  GradientOptions gradient_;
  bool has_events_ = false;
  SolveReport report_;
  std::vector<int> nvjp_;         // per sample
  std::vector<int> next_output_;  // per sample: outputs from here on are taken back

  Matrix<Scalar> y_bar_;  // D x B: cotangent of the state before the steps taken back so far
  Matrix<Scalar> past_bar_[max_past];  // D x B: and of the past slopes
  Vector<Scalar> theta_bar_;
  Matrix<double> times_bar_;
  TimeGradient<Scalar> time_gradient_;

  // Of the step being taken back, by its n columns.
  Stages<Scalar> stages_;
  Matrix<Scalar> y_start_;  // D x B, multistep: the states without the past
  Matrix<Scalar> k_bar_[max_stages], step_past_bar_[max_past];  // D x B
  Matrix<Scalar> y1_bar_, y_start_bar_, stage_bar_;             // D x B
  Vector<double> t_, h_, begin_, end_, stage_t_bar_;            // B
  // Fixed steps, for the gradient of t and h: sums over stages of t_bar and c_i t_bar, and h times
  // the part of h_bar that comes through the states.
  Vector<double> t_sum_, ct_sum_, h_sum_;

  // Implicit stages.
  NewtonSolver<Scalar> newton_;
  JacobianEvaluator<Scalar> jacobian_;
  Matrix<Scalar> lu_;        // D x D
  std::vector<int> pivots_;  // D
  Vector<double> weight_;    // B

  // Checkpoints: states of the whole batch with their past slopes, (1 + past) D x B.
  std::vector<Matrix<Scalar>> kept_;
  Matrix<Scalar> now_, columns_;
};

template <class Scalar>
void DiscreteAdjoint<Scalar>::prepare(VectorField<Scalar>& field,
                                      const std::vector<Matrix<Scalar>>& states_bar) {
  const Index batch = states_bar[0].cols(), dim = field.dim();
  const ButcherTableau& method = *solver_.options().method;
  const int substitute = method.substitute == nullptr ? 0 : method.substitute->stages;
  nvjp_.assign(static_cast<std::size_t>(batch), 0);
  next_output_.assign(static_cast<std::size_t>(batch), static_cast<int>(states_bar.size()));
  y_bar_.setZero(dim, batch);
  theta_bar_.setZero(field.parameter_count());
  if (gradient_.times) times_bar_.setZero(solver_.times().rows(), solver_.times().cols());
  stages_.reserve(method, dim, batch);
  for (int i = 0; i < std::max(method.stages, substitute); ++i) k_bar_[i].resize(dim, batch);
  for (int m = 0; m < method.past; ++m) {
    past_bar_[m].setZero(dim, batch);
    step_past_bar_[m].resize(dim, batch);
  }
  for (auto* matrix : {&y1_bar_, &y_start_bar_, &stage_bar_, &y_start_}) matrix->resize(dim, batch);
  for (auto* vector :
       {&t_, &h_, &begin_, &end_, &stage_t_bar_, &t_sum_, &ct_sum_, &h_sum_, &weight_}) {
    vector->resize(batch);
  }
  field.reserve(batch);
  if (!method.implicit()) return;
  newton_.reset(NewtonOptions::to_rounding(std::numeric_limits<Scalar>::epsilon()), dim, batch);
  jacobian_.reserve(dim, batch);
  lu_.resize(dim, dim);
  pivots_.resize(static_cast<std::size_t>(dim));
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
      if (!step.samples.empty()) take_back(field, states_bar, step, step.y);
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
      if (!step.samples.empty()) take_back(field, states_bar, step, columns(now_, step));
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
  if (!step.samples.empty() && report_.succeeded()) {
    take_back(field, states_bar, step, columns(kept_[level], step));
  }
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
    if (n == 0) continue;
    repeat(field, step, columns(state, step), Extent::end_state);
    for (Index p = 0; p < n; ++p) {
      auto column = state.col(step.samples[static_cast<std::size_t>(p)]);
      column.head(dim()) = stages_.y1().col(p);
      for (int m = past; m-- > 0;) {
        column.segment((m + 1) * dim(), dim()) =
            m == 0 ? stages_.k(0).col(p) : stages_.past(m - 1).col(p);
      }
    }
  }
}

template <class Scalar>
void DiscreteAdjoint<Scalar>::repeat(VectorField<Scalar>& field, const Step& step,
                                     const Scalar* wide, Extent extent) {
  const ButcherTableau& method = *step.method;
  const int past = solver_.options().method->past;
  const Index n = static_cast<Index>(step.samples.size());
  const Scalar* y = wide;
  if (past > 0) {
    const Eigen::Map<const Matrix<Scalar>> states(wide, (1 + past) * dim(), n);
    y_start_.leftCols(n) = states.topRows(dim());
    for (int m = 0; m < past; ++m)
      stages_.past(m).leftCols(n) = states.middleRows((m + 1) * dim(), dim());
    y = y_start_.data();
  }
  for (Index p = 0; p < n; ++p) {
    const auto q = static_cast<std::size_t>(p);
    t_[p] = step.t[q];
    h_[p] = step.h[q];
    solver_.plan().bounds(step.samples[q], step.outputs[q], t_[p], h_[p], begin_[p], end_[p]);
  }
  field.select(step.samples);
  stages_.use(method);
  const int first = extent == Extent::end_slope ? 0 : method.first_stage();
  int evaluations = 0;
  if (method.implicit()) {
    for (const int s : step.samples) newton_.renew(s);
    std::vector<int>& jacobians = report_.jacobians_per_sample;
    newton_.begin_step(field, step.samples, begin_.head(n),
                       Eigen::Map<const Matrix<Scalar>>(y, dim(), n), jacobians);
    for (const int s : step.samples) nvjp_[static_cast<std::size_t>(s)] += static_cast<int>(dim());
  }
  // The last stage is y1: an explicit one is needed only where that is.
  const int last = method.stages - 1;
  const bool want_last = extent != Extent::stages || method.implicit(last);
  for (int i = first; i < (want_last ? method.stages : last); ++i) {
    stages_.place(i, n, t_, h_, begin_, end_);
    stages_.state(i, n, y, h_);
    if (method.implicit(i)) {
      for (Index p = 0; p < n; ++p) weight_[p] = h_[p] * method.a[i][i];
      stages_.guess(i, first, n);
      newton_.solve(field, step.samples, stages_.times().head(n), weight_, stages_.y(i).leftCols(n),
                    stages_.k(i).leftCols(n), report_.nfe_per_sample);
    } else if (i + 1 < (want_last ? method.stages : last)) {
      stages_.eval(i, n, field);
      ++evaluations;
    }
  }
  for (std::size_t q = 0; q < step.samples.size(); ++q) {
    report_.nfe_per_sample[static_cast<std::size_t>(step.samples[q])] += evaluations;
    if (!method.implicit() || !newton_.failed(step.samples[q])) continue;
    report_.status = SolveStatus::newton_failed;
    report_.sample = step.samples[q];
    report_.t = step.t[q];
    report_.h = step.h[q];
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
    y1_bar_.col(p) = y_bar_.col(s);
    for (int o = step.outputs[q]; o < next_output_[static_cast<std::size_t>(s)]; ++o) {
      if (within(s, o)) {
        any_within = true;
      } else {
        y1_bar_.col(p) += states_bar[static_cast<std::size_t>(o)].col(s);
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
    const Index p = static_cast<Index>(q);
    const int s = step.samples[q];
    for (int o = step.outputs[q]; o < next_output_[static_cast<std::size_t>(s)]; ++o) {
      if (!within(s, o)) continue;
      const auto output_bar = states_bar[static_cast<std::size_t>(o)].col(s);
      const double rise = method.dense_weights((solver_.time(o, s) - t_[p]) / h_[p], weights);
      y1_bar_.col(p) += static_cast<Scalar>(rise) * output_bar;
      y_start_bar_.col(p) += static_cast<Scalar>(1 - rise) * output_bar;
      for (int i = 0; i < method.stages; ++i) {
        k_bar_[i].col(p) += static_cast<Scalar>(h_[p] * weights[i]) * output_bar;
      }
    }
  }
}

template <class Scalar>
void DiscreteAdjoint<Scalar>::take_back(VectorField<Scalar>& field,
                                        const std::vector<Matrix<Scalar>>& states_bar,
                                        const Step& step, const Scalar* wide) {
  const ButcherTableau& method = *step.method;
  const Index n = static_cast<Index>(step.samples.size());
  const int past = solver_.options().method->past;
  const bool outputs_within = gather(states_bar, step);
  repeat(field, step, wide,
         outputs_within  ? Extent::end_slope
         : exact_times() ? Extent::end_state
                         : Extent::stages);
  if (!report_.succeeded()) return;
  const Scalar* y = past > 0 ? y_start_.data() : wide;

  y_start_bar_.leftCols(n).setZero();
  for (int i = 0; i < method.stages; ++i) k_bar_[i].leftCols(n).setZero();
  if (outputs_within) pull_outputs(states_bar, step);
  // The first slope is the latest past one of the next step, whose past ones are each one older.
  for (std::size_t q = 0; q < step.samples.size() && past > 0; ++q) {
    const Index p = static_cast<Index>(q);
    k_bar_[0].col(p) += past_bar_[0].col(step.samples[q]);
    for (int m = 0; m < past; ++m) {
      if (m + 1 < past) {
        step_past_bar_[m].col(p) = past_bar_[m + 1].col(step.samples[q]);
      } else {
        step_past_bar_[m].col(p).setZero();
      }
    }
  }
  for (auto* sum : {&t_sum_, &ct_sum_, &h_sum_}) sum->head(n).setZero();

  const int last = method.stages - 1;
  const int first = outputs_within ? 0 : method.first_stage();
  int products = 0;
  for (int i = last; i >= first; --i) {
    // stage_bar: of Y_i, through its slope and, in the last stage, as y1.
    stage_bar_.leftCols(n).setZero();
    if (i == last && method.implicit(i)) {
      for (Index p = 0; p < n; ++p) {
        k_bar_[i].col(p) += static_cast<Scalar>(h_[p] * method.a[i][i]) * y1_bar_.col(p);
      }
    }
    if (i < last || outputs_within || method.implicit(i)) {
      stages_.place(i, n, t_, h_, begin_, end_);
      if (method.implicit(i)) solve_transposed(field, i, n);
      stage_t_bar_.head(n).setZero();
      field.vjp(stages_.times().head(n), stages_.y(i).leftCols(n), k_bar_[i].leftCols(n),
                stage_bar_.leftCols(n), theta_bar_, stage_t_bar_.head(n));
      products += 1 + (method.implicit(i) ? static_cast<int>(dim()) : 0);
      for (Index p = 0; p < n; ++p) {
        t_sum_[p] += stage_t_bar_[p];
        ct_sum_[p] += method.c[i] * stage_t_bar_[p];
      }
    }
    if (i == last) stage_bar_.leftCols(n) += y1_bar_.leftCols(n);
    pull_state(i, n);
    if (!exact_times()) continue;
    for (Index p = 0; p < n; ++p) {
      const Scalar *bar = stage_bar_.col(p).data(), *state = stages_.y(i).col(p).data(),
                   *start = y + p * dim();
      for (Index d = 0; d < dim(); ++d) {
        h_sum_[p] += static_cast<double>(bar[d]) * static_cast<double>(state[d] - start[d]);
      }
    }
  }
  for (const int s : step.samples) nvjp_[static_cast<std::size_t>(s)] += products;
  scatter(step);
}

// The slope of an implicit stage k = f(Y(k)): with its cotangent k_bar, the field is pulled back
// with u of (I - h a_ii J)^T u = k_bar.
template <class Scalar>
void DiscreteAdjoint<Scalar>::solve_transposed(VectorField<Scalar>& field, int stage, Index n) {
  const auto jacobian = jacobian_(field, stages_.times().head(n), stages_.y(stage).leftCols(n));
  const double a = stages_.method().a[stage][stage];
  for (Index p = 0; p < n; ++p) {
    lu_ = static_cast<Scalar>(-h_[p] * a) * jacobian.middleCols(p * dim(), dim());
    for (Index d = 0; d < dim(); ++d) lu_(d, d) += 1;
    if (lu_factor(dim(), lu_.data(), pivots_.data())) {
      lu_solve_transposed(dim(), lu_.data(), pivots_.data(), k_bar_[stage].col(p).data());
    }
  }
}

template <class Scalar>
void DiscreteAdjoint<Scalar>::add_scaled(Index n, Index row, Index rows, double weight,
                                         const Matrix<Scalar>& from, Matrix<Scalar>& to) const {
  if (weight == 0) return;
  for (Index p = 0; p < n; ++p) {
    const Scalar factor = static_cast<Scalar>(h_[p] * weight);
    const Scalar* source = from.col(p).data();
    Scalar* target = to.col(p).data();
    for (Index d = row; d < row + rows; ++d) target[d] += factor * source[d];
  }
}

// Y_i = y + h sum_{j<i} a_ij k_j + h sum_m a_past_im past_m.
template <class Scalar>
void DiscreteAdjoint<Scalar>::pull_state(int stage, Index n) {
  const ButcherTableau& method = stages_.method();
  const Index half = method.partitioned ? dim() / 2 : dim();
  y_start_bar_.leftCols(n) += stage_bar_.leftCols(n);
  for (int j = 0; j < stage; ++j) {
    add_scaled(n, 0, half, method.a[stage][j], stage_bar_, k_bar_[j]);
    if (method.partitioned)
      add_scaled(n, half, dim() - half, method.a2[stage][j], stage_bar_, k_bar_[j]);
  }
  for (int m = 0; m < method.past; ++m) {
    add_scaled(n, 0, dim(), method.a_past[stage][m], stage_bar_, step_past_bar_[m]);
  }
}

// Back to the columns of the batch. A fixed step has t = t_a + x dt and h = dt / m with dt = t_b -
// t_a.
template <class Scalar>
void DiscreteAdjoint<Scalar>::scatter(const Step& step) {
  for (std::size_t q = 0; q < step.samples.size(); ++q) {
    const Index p = static_cast<Index>(q);
    const int s = step.samples[q], to = step.outputs[q];
    y_bar_.col(s) = y_start_bar_.col(p);
    for (int m = 0; m < solver_.options().method->past; ++m)
      past_bar_[m].col(s) = step_past_bar_[m].col(p);
    next_output_[static_cast<std::size_t>(s)] = to;
    if (!exact_times()) continue;
    const double t_a = solver_.time(to - 1, s), dt = solver_.time(to, s) - t_a;
    const double x = (t_[p] - t_a) / dt;
    // h h_bar / dt, with h_bar = h_sum / h + sum c_i t_bar.
    const double through_h = (h_sum_[p] + h_[p] * ct_sum_[p]) / dt;
    times_bar_(to, times_column(s)) += x * t_sum_[p] + through_h;
    times_bar_(to - 1, times_column(s)) += (1 - x) * t_sum_[p] - through_h;
  }
}

template <class Scalar>
std::size_t DiscreteAdjoint<Scalar>::state_bytes() const {
  Index entries = y_bar_.size() + y1_bar_.size() + y_start_bar_.size() + stage_bar_.size() +
                  y_start_.size() + now_.size() + columns_.size();
  for (const Matrix<Scalar>& k_bar : k_bar_) entries += k_bar.size();
  for (const Matrix<Scalar>& kept : kept_) entries += kept.size();
  return solver_.tape().bytes() + stages_.bytes() + newton_.bytes() + time_gradient_.bytes() +
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
