#include "engine/gradient/adjoint_field.h"

#include <algorithm>
#include <span>

namespace neural_ode {

template <class Scalar>
void AdjointField<Scalar>::bind(VectorField<Scalar>& field, const DenseOutput<Scalar>* solution,
                                bool with_theta) {
  field_ = &field;
  solution_ = solution;
  with_theta_ = with_theta;
}

template <class Scalar>
Index AdjointField<Scalar>::dim() const {
  return state_rows() + field_->dim() + (with_theta_ ? field_->parameter_count() : 0);
}

template <class Scalar>
void AdjointField<Scalar>::reserve(Index batch) {
  field_->reserve(batch);
  if (a_.cols() >= batch && a_.rows() == field_->dim()) return;
  a_.resize(field_->dim(), batch);
  if (solution_ != nullptr) y_.resize(field_->dim(), batch);
  t_bar_.resize(batch);
}

template <class Scalar>
void AdjointField<Scalar>::select(std::span<const int> samples) {
  samples_.clear();
  for (const int p : samples) samples_.push_back(sample(p));
  field_->select(samples_);
}

template <class Scalar>
void AdjointField<Scalar>::read_state(int sample, double t, const Scalar* column, Scalar* y) const {
  if (solution_ == nullptr) {
    std::copy(column, column + field_->dim(), y);
  } else {
    solution_->eval(sample, t, y);
  }
}

// D x B: those of the columns, or the solution's.
template <class Scalar>
MatrixIn<Scalar> AdjointField<Scalar>::states(TimesIn t, MatrixIn<Scalar> columns) {
  if (solution_ == nullptr) return columns.topRows(field_->dim());
  for (Index p = 0; p < columns.cols(); ++p)
    solution_->eval(samples_[static_cast<std::size_t>(p)], t[p], y_.col(p).data());
  return y_.leftCols(columns.cols());
}

template <class Scalar>
void AdjointField<Scalar>::eval(TimesIn t, MatrixIn<Scalar> columns, MatrixOut<Scalar> slope) {
  const Index n = columns.cols(), dim = field_->dim(), rows = state_rows();
  const MatrixIn<Scalar> y = states(t, columns);
  a_.leftCols(n) = -columns.middleRows(rows, dim);
  slope.bottomRows(slope.rows() - rows).setZero();
  t_bar_.head(n).setZero();
  const auto pull = [&](Index p, Index count, VectorOut<Scalar> theta_bar) {
    const auto at = t.segment(p, count);
    const auto here = y.middleCols(p, count);
    const auto a = a_.middleCols(p, count);
    auto all = slope.middleCols(p, count);
    if (rows > 0) {
      field_->eval_vjp(at, here, a, all.topRows(dim), all.middleRows(rows, dim), theta_bar,
                       t_bar_.segment(p, count));
    } else {
      field_->vjp(at, here, a, all.topRows(dim), theta_bar, t_bar_.segment(p, count));
    }
  };
  if (!with_theta_) return pull(0, n, none_);
  for (Index p = 0; p < n; ++p) {
    field_->select(std::span(samples_).subspan(static_cast<std::size_t>(p), 1));
    pull(p, 1, slope.col(p).tail(field_->parameter_count()));
  }
  field_->select(samples_);
}

template <class Scalar>
bool AdjointField<Scalar>::jacobian(TimesIn t, MatrixIn<Scalar> columns,
                                    MatrixOut<Scalar> jacobian) {
  const Index n = columns.cols(), dim = field_->dim(), rows = state_rows(), size = this->dim();
  const auto inner = jacobian_(*field_, t, states(t, columns));
  jacobian.setZero();
  for (Index p = 0; p < n; ++p) {
    for (Index j = 0; j < dim; ++j) {
      for (Index i = 0; i < dim; ++i) {
        const Scalar entry = inner(i, p * dim + j);
        if (rows > 0) jacobian(i, p * size + j) = entry;
        jacobian(rows + j, p * size + rows + i) = -entry;
      }
    }
  }
  return true;
}

template <class Scalar>
std::size_t AdjointField<Scalar>::bytes() const {
  return static_cast<std::size_t>(y_.size() + a_.size()) * sizeof(Scalar);
}

template class AdjointField<float>;
template class AdjointField<double>;

}  // namespace neural_ode
