#include <algorithm>
#include <cmath>

#include "engine/gradient/gradient.h"
#include "engine/ode/stages.h"

namespace neural_ode {
namespace {

constexpr int max_stages = ButcherTableau::max_stages;

template <class Scalar>
double dot(Index dim, const Scalar* a, const Scalar* b) {
  double sum = 0;
  for (Index d = 0; d < dim; ++d) sum += static_cast<double>(a[d]) * static_cast<double>(b[d]);
  return sum;
}

template <class Scalar>
class DiscreteAdjoint final : public Gradient<Scalar> {
 public:
  DiscreteAdjoint(const SolverOptions& options, bool want_times_bar)
      : solver_(options), adaptive_(options.adaptive()), want_times_bar_(want_times_bar) {}

  const SolveReport& forward(VectorField<Scalar>& field, MatrixIn<Scalar> y0,
                             const Matrix<double>& times) override {
    return solver_.solve(field, y0, times, true);
  }
  const std::vector<Matrix<Scalar>>& states() const override { return solver_.states(); }

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

  bool prepare(const VectorField<Scalar>& field, const std::vector<Matrix<Scalar>>& states_bar);
  void take_back(VectorField<Scalar>& field, const std::vector<Matrix<Scalar>>& states_bar,
                 const Step& step);
  bool gather(const std::vector<Matrix<Scalar>>& states_bar, const Step& step);
  void pull_outputs(const std::vector<Matrix<Scalar>>& states_bar, const Step& step);
  void scatter(const Step& step);
  void times_from_field(VectorField<Scalar>& field, const std::vector<Matrix<Scalar>>& states_bar);
  bool finite() const;

  Index times_column(Index sample) const { return times_bar_.cols() == 1 ? 0 : sample; }

  Solver<Scalar> solver_;
  bool adaptive_, want_times_bar_;
  SolveReport report_;
  std::vector<int> nvjp_;         // per sample
  std::vector<int> next_output_;  // per sample: outputs from here on are taken back

  Matrix<Scalar> y_bar_;  // D x B: cotangent of the state before the steps taken back so far
  Vector<Scalar> theta_bar_;
  Matrix<double> times_bar_;

  // Of the step being taken back, by its n columns.
  Stages<Scalar> stages_;
  Matrix<Scalar> k_bar_[max_stages];                 // D x B
  Matrix<Scalar> y1_bar_, y_start_bar_, stage_bar_;  // D x B
  Vector<double> t_, h_, end_, stage_t_bar_;         // B
  // Fixed steps, for the gradient of t and h: sums over stages of t_bar and c_i t_bar, h times the
  // part of h_bar that comes through the states, and the states after the step.
  Vector<double> t_sum_, ct_sum_, h_sum_;
  Matrix<Scalar> y_after_;
  // Evaluations at output times.
  Vector<double> point_t_;
  Matrix<Scalar> points_, slopes_;
};

template <class Scalar>
bool DiscreteAdjoint<Scalar>::prepare(const VectorField<Scalar>& field,
                                      const std::vector<Matrix<Scalar>>& states_bar) {
  const auto& states = solver_.states();
  const Index batch = states.empty() ? 0 : states[0].cols(), dim = field.dim();
  report_.reset(batch);
  bool fits = solver_.report().status == SolveStatus::ok && states_bar.size() == states.size();
  for (std::size_t i = 0; fits && i < states.size(); ++i) {
    fits = states_bar[i].rows() == dim && states_bar[i].cols() == batch;
  }
  if (!fits) {
    report_.status = SolveStatus::invalid;
    report_.reason =
        "backward: expected a finished forward solve and a cotangent for each of its states";
    return false;
  }

  const ButcherTableau& method = *solver_.options().method;
  nvjp_.assign(static_cast<std::size_t>(batch), 0);
  next_output_.assign(static_cast<std::size_t>(batch), static_cast<int>(states.size()));
  y_bar_.setZero(dim, batch);
  theta_bar_.setZero(field.parameter_count());
  if (want_times_bar_) times_bar_.setZero(solver_.times().rows(), solver_.times().cols());
  stages_.reserve(method, dim, batch);
  for (int i = 0; i < method.stages; ++i) k_bar_[i].resize(dim, batch);
  for (auto* matrix : {&y1_bar_, &y_start_bar_, &stage_bar_}) matrix->resize(dim, batch);
  for (auto* vector : {&t_, &h_, &end_, &stage_t_bar_, &t_sum_, &ct_sum_, &h_sum_}) {
    vector->resize(batch);
  }
  y_after_ = states.back();
  return true;
}

template <class Scalar>
const SolveReport& DiscreteAdjoint<Scalar>::backward(
    VectorField<Scalar>& field, const std::vector<Matrix<Scalar>>& states_bar) {
  if (!prepare(field, states_bar)) return report_;
  field.reserve(y_bar_.cols());
  const StepTape<Scalar>& tape = solver_.tape();
  for (std::size_t i = tape.step_count(); i-- > 0;) {
    const Step step = tape.step(i);
    if (!step.samples.empty()) take_back(field, states_bar, step);
  }
  if (adaptive_ && want_times_bar_) times_from_field(field, states_bar);
  y_bar_ += states_bar[0];
  if (!finite()) {
    report_.status = SolveStatus::non_finite;
    report_.t = solver_.time(0, 0);
  }
  return report_;
}

// Cotangents y1_bar of the state after each column's step and, for fixed steps, of the outputs at
// its end. Returns whether some column has outputs within its step, which the last stage takes part
// in.
template <class Scalar>
bool DiscreteAdjoint<Scalar>::gather(const std::vector<Matrix<Scalar>>& states_bar,
                                     const Step& step) {
  const int final_output = static_cast<int>(states_bar.size()) - 1;
  bool within = false;
  for (std::size_t q = 0; q < step.samples.size(); ++q) {
    const Index p = static_cast<Index>(q);
    const int s = step.samples[q], from = step.outputs[q];
    t_[p] = step.t[q];
    h_[p] = step.h[q];
    end_[p] = solver_.time(adaptive_ ? final_output : from, s);
    y1_bar_.col(p) = y_bar_.col(s);
    for (int o = from; o < next_output_[static_cast<std::size_t>(s)]; ++o) {
      if (adaptive_ && o != final_output) {
        within = true;
      } else {
        y1_bar_.col(p) += states_bar[static_cast<std::size_t>(o)].col(s);
      }
    }
  }
  return within;
}

// Outputs within the step: y(t + x h) = y + h sum_i b_i(x) k_i.
template <class Scalar>
void DiscreteAdjoint<Scalar>::pull_outputs(const std::vector<Matrix<Scalar>>& states_bar,
                                           const Step& step) {
  const ButcherTableau& method = *solver_.options().method;
  const int final_output = static_cast<int>(states_bar.size()) - 1;
  double weights[max_stages];
  for (std::size_t q = 0; q < step.samples.size(); ++q) {
    const Index p = static_cast<Index>(q);
    const int s = step.samples[q];
    const int to = std::min(final_output, next_output_[static_cast<std::size_t>(s)]);
    for (int o = step.outputs[q]; o < to; ++o) {
      const auto output_bar = states_bar[static_cast<std::size_t>(o)].col(s);
      method.dense_weights((solver_.time(o, s) - t_[p]) / h_[p], weights);
      y_start_bar_.col(p) += output_bar;
      for (int i = 0; i < method.stages; ++i) {
        k_bar_[i].col(p) += static_cast<Scalar>(h_[p] * weights[i]) * output_bar;
      }
    }
  }
}

template <class Scalar>
void DiscreteAdjoint<Scalar>::take_back(VectorField<Scalar>& field,
                                        const std::vector<Matrix<Scalar>>& states_bar,
                                        const Step& step) {
  const ButcherTableau& method = *solver_.options().method;
  const Index n = static_cast<Index>(step.samples.size()), dim = y_bar_.rows();
  const bool outputs_within = gather(states_bar, step);
  const int stages = outputs_within ? method.stages : method.solution_stages();
  const bool exact_times = !adaptive_ && want_times_bar_;

  // The same stages again; the value of the last one is not needed.
  for (int i = 0; i < stages; ++i) {
    stages_.state(i, n, step.y, h_);
    if (i + 1 == stages) break;
    stages_.place(i, n, t_, h_, end_);
    stages_.eval(i, n, field);
  }
  for (const int s : step.samples) {
    report_.nfe_per_sample[static_cast<std::size_t>(s)] += stages - 1;
    nvjp_[static_cast<std::size_t>(s)] += stages;
  }

  y_start_bar_.leftCols(n) = y1_bar_.leftCols(n);
  for (int i = 0; i < stages; ++i) {
    for (Index p = 0; p < n; ++p) {
      k_bar_[i].col(p) = static_cast<Scalar>(h_[p] * method.b[i]) * y1_bar_.col(p);
    }
  }
  if (outputs_within) pull_outputs(states_bar, step);
  if (exact_times) {
    t_sum_.head(n).setZero();
    ct_sum_.head(n).setZero();
    for (Index p = 0; p < n; ++p) {
      const Scalar* y1 = y_after_.col(step.samples[static_cast<std::size_t>(p)]).data();
      const Scalar* bar = y1_bar_.col(p).data();
      h_sum_[p] = dot(dim, bar, y1) - dot(dim, bar, step.y + p * dim);
    }
  }

  for (int i = stages - 1; i >= 0; --i) {
    stage_bar_.leftCols(n).setZero();
    stage_t_bar_.head(n).setZero();
    stages_.place(i, n, t_, h_, end_);
    field.vjp(stages_.times().head(n), stages_.y(i).leftCols(n), k_bar_[i].leftCols(n),
              stage_bar_.leftCols(n), theta_bar_, stage_t_bar_.head(n));
    y_start_bar_.leftCols(n) += stage_bar_.leftCols(n);
    for (int j = 0; j < i; ++j) {
      if (method.a[i][j] == 0) continue;
      for (Index p = 0; p < n; ++p) {
        k_bar_[j].col(p) += static_cast<Scalar>(h_[p] * method.a[i][j]) * stage_bar_.col(p);
      }
    }
    if (!exact_times) continue;
    for (Index p = 0; p < n; ++p) {
      const Scalar* bar = stage_bar_.col(p).data();
      t_sum_[p] += stage_t_bar_[p];
      ct_sum_[p] += method.c[i] * stage_t_bar_[p];
      h_sum_[p] += dot(dim, bar, stages_.y(i).col(p).data()) - dot(dim, bar, step.y + p * dim);
    }
  }
  scatter(step);
}

// Back to the columns of the batch. A fixed step has t = t_a + x dt and h = dt / m with dt = t_b -
// t_a.
template <class Scalar>
void DiscreteAdjoint<Scalar>::scatter(const Step& step) {
  const Index dim = y_bar_.rows();
  for (std::size_t q = 0; q < step.samples.size(); ++q) {
    const Index p = static_cast<Index>(q);
    const int s = step.samples[q], to = step.outputs[q];
    y_bar_.col(s) = y_start_bar_.col(p);
    next_output_[static_cast<std::size_t>(s)] = to;
    if (adaptive_ || !want_times_bar_) continue;
    const double t_a = solver_.time(to - 1, s), dt = end_[p] - t_a;
    const double x = (t_[p] - t_a) / dt;
    // h h_bar / dt, with h_bar = h_sum / h + sum c_i t_bar.
    const double through_h = (h_sum_[p] + h_[p] * ct_sum_[p]) / dt;
    times_bar_(to, times_column(s)) += x * t_sum_[p] + through_h;
    times_bar_(to - 1, times_column(s)) += (1 - x) * t_sum_[p] - through_h;
    std::copy(step.y + p * dim, step.y + (p + 1) * dim, y_after_.col(s).data());
  }
}

// dL/dt_i = f(t_i, y_i) . y_bar_i, and dL/dt_0 = -f(t_0, y_0) . y_bar before y_bar_0 itself is
// added. Several output times share one batched evaluation.
template <class Scalar>
void DiscreteAdjoint<Scalar>::times_from_field(VectorField<Scalar>& field,
                                               const std::vector<Matrix<Scalar>>& states_bar) {
  constexpr Index columns_at_once = 256;
  const auto& states = solver_.states();
  const Index rows = static_cast<Index>(states.size()), batch = y_bar_.cols(), dim = y_bar_.rows();
  if (rows == 1 || batch == 0) return;
  const Index group = std::clamp<Index>(columns_at_once / batch, 1, rows);
  point_t_.resize(group * batch);
  points_.resize(dim, group * batch);
  slopes_.resize(dim, group * batch);
  field.reserve(group * batch);

  for (Index begin = 0; begin < rows; begin += group) {
    const Index n = std::min(group, rows - begin) * batch;
    for (Index c = 0; c < n; ++c) {
      const Index row = begin + c / batch, s = c % batch;
      point_t_[c] = solver_.time(row, s);
      points_.col(c) = states[static_cast<std::size_t>(row)].col(s);
    }
    field.eval(point_t_.head(n), points_.leftCols(n), slopes_.leftCols(n));
    for (Index c = 0; c < n; ++c) {
      const Index row = begin + c / batch, s = c % batch;
      const Scalar* slope = slopes_.col(c).data();
      times_bar_(row, times_column(s)) +=
          row == 0 ? -dot(dim, y_bar_.col(s).data(), slope)
                   : dot(dim, states_bar[static_cast<std::size_t>(row)].col(s).data(), slope);
    }
  }
  for (int& nfe : report_.nfe_per_sample) nfe += static_cast<int>(rows);
}

template <class Scalar>
bool DiscreteAdjoint<Scalar>::finite() const {
  for (Index i = 0; i < y_bar_.size(); ++i) {
    if (!std::isfinite(y_bar_.data()[i])) return false;
  }
  for (Index i = 0; i < theta_bar_.size(); ++i) {
    if (!std::isfinite(theta_bar_[i])) return false;
  }
  return true;
}

template <class Scalar>
std::size_t DiscreteAdjoint<Scalar>::state_bytes() const {
  Index entries = y_bar_.size() + y1_bar_.size() + y_start_bar_.size() + stage_bar_.size() +
                  y_after_.size() + points_.size() + slopes_.size();
  for (const Matrix<Scalar>& k_bar : k_bar_) entries += k_bar.size();
  return solver_.tape().bytes() + stages_.bytes() +
         static_cast<std::size_t>(entries) * sizeof(Scalar);
}

}  // namespace

template <class Scalar>
std::unique_ptr<Gradient<Scalar>> make_discrete_adjoint(const SolverOptions& options,
                                                        bool want_times_bar) {
  return std::make_unique<DiscreteAdjoint<Scalar>>(options, want_times_bar);
}

template std::unique_ptr<Gradient<float>> make_discrete_adjoint(const SolverOptions&, bool);
template std::unique_ptr<Gradient<double>> make_discrete_adjoint(const SolverOptions&, bool);

}  // namespace neural_ode
