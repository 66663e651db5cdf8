#include "engine/gradient/step_adjoint.h"

#include <algorithm>
#include <limits>
#include <span>

#include "engine/core/lu.h"

namespace neural_ode {

template <class Scalar>
void StepAdjoint<Scalar>::reserve(VectorField<Scalar>& field, const ButcherTableau& method,
                                  Index batch) {
  dim_ = field.dim();
  past_ = method.past;
  const int substitute = method.substitute == nullptr ? 0 : method.substitute->stages;
  stages_.reserve(method, dim_, batch);
  for (int i = 0; i < std::max(method.stages, substitute); ++i) k_bar[i].resize(dim_, batch);
  for (int m = 0; m < past_; ++m) past_bar[m].resize(dim_, batch);
  for (auto* matrix : {&y1_bar, &y_bar, &stage_bar_, &y_start_}) matrix->resize(dim_, batch);
  for (auto* vector : {&t_, &h_, &begin_, &end_, &t_bar_, &t_bar, &h_h_bar, &weight_})
    vector->resize(batch);
  field.reserve(batch);
  if (!method.implicit()) return;
  newton_.reset(NewtonOptions::to_rounding(std::numeric_limits<Scalar>::epsilon()), dim_, batch);
  jacobian_.reserve(dim_, batch);
  lu_.resize(dim_, dim_);
  pivots_.resize(static_cast<std::size_t>(dim_));
}

// A stage that an adaptive solve found to its tolerance need not converge to rounding by the
// Jacobian of the step's beginning: what failed tries again by one of the stage's own.
template <class Scalar>
void StepAdjoint<Scalar>::solve_nearer(VectorField<Scalar>& field, const Step& step, int stage,
                                       AdjointCost cost) {
  bool selected = false;
  for (std::size_t q = 0; q < step.samples.size(); ++q) {
    const int s = step.samples[q];
    if (!newton_.failed(s)) continue;
    const Index p = static_cast<Index>(q);
    const std::span<const int> only(&step.samples[q], 1);
    field.select(only);
    selected = true;
    newton_.renew(s);
    newton_.begin_step(field, only, stages_.times().segment(p, 1),
                       stages_.y(stage).middleCols(p, 1), cost.report.jacobians_per_sample);
    cost.nvjp[static_cast<std::size_t>(s)] += dim_;
    newton_.solve(field, only, stages_.times().segment(p, 1), weight_.segment(p, 1),
                  stages_.y(stage).middleCols(p, 1), stages_.k(stage).middleCols(p, 1),
                  cost.report.nfe_per_sample);
  }
  if (selected) field.select(step.samples);
}

template <class Scalar>
void StepAdjoint<Scalar>::repeat(VectorField<Scalar>& field, const StepPlan& plan, const Step& step,
                                 const Scalar* wide, Extent extent, AdjointCost cost) {
  const ButcherTableau& method = *step.method;
  const Index n = static_cast<Index>(step.samples.size());
  y_ = wide;
  if (past_ > 0) {
    const Eigen::Map<const Matrix<Scalar>> states(wide, (1 + past_) * dim_, n);
    y_start_.leftCols(n) = states.topRows(dim_);
    for (int m = 0; m < past_; ++m)
      stages_.past(m).leftCols(n) = states.middleRows((m + 1) * dim_, dim_);
    y_ = y_start_.data();
  }
  for (Index p = 0; p < n; ++p) {
    const auto q = static_cast<std::size_t>(p);
    t_[p] = step.t[q];
    h_[p] = step.h[q];
    plan.bounds(step.samples[q], step.outputs[q], t_[p], h_[p], begin_[p], end_[p]);
  }
  field.select(step.samples);
  stages_.use(method);
  if (step.record != nullptr) {
    for (int i = 0; i < step.first_recorded; ++i) stages_.state(i, n, y_, h_);
    return;
  }
  const int first = extent == Extent::end_slope ? 0 : method.first_stage();
  int evaluations = 0;
  if (method.implicit()) {
    for (const int s : step.samples) newton_.renew(s);
    std::vector<Count>& jacobians = cost.report.jacobians_per_sample;
    newton_.begin_step(field, step.samples, begin_.head(n),
                       Eigen::Map<const Matrix<Scalar>>(y_, dim_, n), jacobians);
    for (const int s : step.samples) cost.nvjp[static_cast<std::size_t>(s)] += dim_;
  }
  // The last stage is y1: an explicit one is needed only where that is.
  const int last = method.stages - 1;
  const bool want_last = extent != Extent::stages || method.implicit(last);
  for (int i = first; i < (want_last ? method.stages : last); ++i) {
    stages_.place(i, n, t_, h_, begin_, end_);
    stages_.state(i, n, y_, h_);
    if (method.implicit(i)) {
      for (Index p = 0; p < n; ++p) weight_[p] = h_[p] * method.a[i][i];
      stages_.guess(i, first, n);
      newton_.solve(field, step.samples, stages_.times().head(n), weight_, stages_.y(i).leftCols(n),
                    stages_.k(i).leftCols(n), cost.report.nfe_per_sample);
      solve_nearer(field, step, i, cost);
    } else if (i + 1 < (want_last ? method.stages : last)) {
      stages_.eval(i, n, field);
      ++evaluations;
    }
  }
  for (std::size_t q = 0; q < step.samples.size(); ++q) {
    cost.report.nfe_per_sample[static_cast<std::size_t>(step.samples[q])] += evaluations;
    if (!method.implicit() || !newton_.failed(step.samples[q])) continue;
    cost.report.status = SolveStatus::newton_failed;
    cost.report.sample = step.samples[q];
    cost.report.t = step.t[q];
    cost.report.h = step.h[q];
  }
}

template <class Scalar>
void StepAdjoint<Scalar>::clear(Index n) {
  y_bar.leftCols(n).setZero();
  for (int i = 0; i < stages_.method().stages; ++i) k_bar[i].leftCols(n).setZero();
  for (int m = 0; m < past_; ++m) past_bar[m].leftCols(n).setZero();
}

template <class Scalar>
void StepAdjoint<Scalar>::pull(VectorField<Scalar>& field, const Step& step, Extent extent,
                               VectorOut<Scalar> theta_bar, AdjointCost cost) {
  const ButcherTableau& method = *step.method;
  const Index n = static_cast<Index>(step.samples.size());
  const bool end_slope = extent == Extent::end_slope;
  t_bar.head(n).setZero();
  h_h_bar.head(n).setZero();
  const int last = method.stages - 1;
  int products = 0;
  for (int i = last; i >= (end_slope ? 0 : method.first_stage()); --i) {
    // stage_bar: of Y_i, through its slope and, in the last stage, as y1.
    stage_bar_.leftCols(n).setZero();
    if (i == last && method.implicit(i)) {
      for (Index p = 0; p < n; ++p) {
        k_bar[i].col(p) += static_cast<Scalar>(h_[p] * method.a[i][i]) * y1_bar.col(p);
      }
    }
    if (i < last || end_slope || method.implicit(i)) {
      t_bar_.head(n).setZero();
      pull_slope(field, step.record_of(i), i, n, theta_bar);
      products += 1 + (method.implicit(i) ? static_cast<int>(dim_) : 0);
      for (Index p = 0; p < n; ++p) {
        t_bar[p] += t_bar_[p];
        h_h_bar[p] += h_[p] * method.c[i] * t_bar_[p];
      }
    }
    if (i == last) stage_bar_.leftCols(n) += y1_bar.leftCols(n);
    pull_state(i, n);
    if (extent != Extent::end_state) continue;
    for (Index p = 0; p < n; ++p) {
      const Scalar *bar = stage_bar_.col(p).data(), *state = stages_.y(i).col(p).data(),
                   *start = y_ + p * dim_;
      for (Index d = 0; d < dim_; ++d) {
        h_h_bar[p] += static_cast<double>(bar[d]) * static_cast<double>(state[d] - start[d]);
      }
    }
  }
  for (std::size_t q = 0; q < step.samples.size(); ++q) {
    if (step.accepted(q)) cost.nvjp[static_cast<std::size_t>(step.samples[q])] += products;
  }
}

template <class Scalar>
void StepAdjoint<Scalar>::pull_slope(VectorField<Scalar>& field, const Scalar* record, int stage,
                                     Index n, VectorOut<Scalar> theta_bar) {
  const auto k = k_bar[stage].leftCols(n);
  auto bar = stage_bar_.leftCols(n);
  auto t = t_bar_.head(n);
  if (record != nullptr) return field.vjp_recorded(record, k, bar, theta_bar, t);
  stages_.place(stage, n, t_, h_, begin_, end_);
  if (stages_.method().implicit(stage)) solve_transposed(field, stage, n);
  field.vjp(stages_.times().head(n), stages_.y(stage).leftCols(n), k, bar, theta_bar, t);
}

// The slope of an implicit stage k = f(Y(k)): with its cotangent k_bar, the field is pulled back
// with u of (I - h a_ii J)^T u = k_bar.
template <class Scalar>
void StepAdjoint<Scalar>::solve_transposed(VectorField<Scalar>& field, int stage, Index n) {
  const auto jacobian = jacobian_(field, stages_.times().head(n), stages_.y(stage).leftCols(n));
  const double a = stages_.method().a[stage][stage];
  for (Index p = 0; p < n; ++p) {
    lu_ = static_cast<Scalar>(-h_[p] * a) * jacobian.middleCols(p * dim_, dim_);
    for (Index d = 0; d < dim_; ++d) lu_(d, d) += 1;
    if (lu_factor(dim_, lu_.data(), pivots_.data())) {
      lu_solve_transposed(dim_, lu_.data(), pivots_.data(), k_bar[stage].col(p).data());
    } else {
      k_bar[stage].col(p).setConstant(std::numeric_limits<Scalar>::quiet_NaN());  // seen at the end
    }
  }
}

template <class Scalar>
void StepAdjoint<Scalar>::add_scaled(Index n, Index row, Index rows, double weight,
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
void StepAdjoint<Scalar>::pull_state(int stage, Index n) {
  const ButcherTableau& method = stages_.method();
  const Index half = method.partitioned ? dim_ / 2 : dim_;
  y_bar.leftCols(n) += stage_bar_.leftCols(n);
  for (int j = 0; j < stage; ++j) {
    add_scaled(n, 0, half, method.a[stage][j], stage_bar_, k_bar[j]);
    if (method.partitioned)
      add_scaled(n, half, dim_ - half, method.a2[stage][j], stage_bar_, k_bar[j]);
  }
  for (int m = 0; m < method.past; ++m) {
    add_scaled(n, 0, dim_, method.a_past[stage][m], stage_bar_, past_bar[m]);
  }
}

template <class Scalar>
std::size_t StepAdjoint<Scalar>::bytes() const {
  Index entries = y1_bar.size() + y_bar.size() + stage_bar_.size() + y_start_.size();
  for (const Matrix<Scalar>& bar : k_bar) entries += bar.size();
  for (const Matrix<Scalar>& bar : past_bar) entries += bar.size();
  return stages_.bytes() + newton_.bytes() + static_cast<std::size_t>(entries) * sizeof(Scalar);
}

template class StepAdjoint<float>;
template class StepAdjoint<double>;

}  // namespace neural_ode
