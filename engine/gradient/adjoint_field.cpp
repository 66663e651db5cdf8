#include "engine/gradient/adjoint_field.h"

namespace neural_ode {

template <class Scalar>
void AdjointField<Scalar>::bind(VectorField<Scalar>& field, const DenseOutput<Scalar>* solution,
                                bool with_theta) {
  field_ = &field;
  solution_ = solution;
  with_theta_ = with_theta;
  theta_bar_.resize(field.parameter_count());
}

template <class Scalar>
Index AdjointField<Scalar>::dim() const {
  return state_rows() + field_->dim() + (with_theta_ ? field_->parameter_count() : 0);
}

template <class Scalar>
void AdjointField<Scalar>::reserve(Index batch) {
  field_->reserve(batch);
  if (y_.cols() >= batch && y_.rows() == field_->dim()) return;
  for (Matrix<Scalar>* matrix : {&y_, &lambda_, &slope_}) matrix->resize(field_->dim(), batch);
  t_bar_.resize(batch);
}

template <class Scalar>
void AdjointField<Scalar>::select(std::span<const int> samples) {
  samples_.clear();
  for (const int sample : samples) samples_.push_back(batch_[static_cast<std::size_t>(sample)]);
  field_->select(samples_);
}

// The y and lambda of each column.
template <class Scalar>
void AdjointField<Scalar>::split(TimesIn t, MatrixIn<Scalar> state) {
  const Index n = state.cols(), dim = field_->dim();
  if (solution_ == nullptr) {
    y_.leftCols(n) = state.topRows(dim);
  } else {
    for (Index p = 0; p < n; ++p)
      solution_->eval(samples_[static_cast<std::size_t>(p)], t[p], y_.col(p).data());
  }
  lambda_.leftCols(n) = state.middleRows(state_rows(), dim);
}

template <class Scalar>
void AdjointField<Scalar>::eval(TimesIn t, MatrixIn<Scalar> state, MatrixOut<Scalar> slope) {
  const Index n = state.cols(), dim = field_->dim(), rows = state_rows();
  split(t, state);
  slope_.leftCols(n).setZero();
  t_bar_.head(n).setZero();
  if (rows > 0 && !with_theta_) {
    field_->eval_vjp(t, y_.leftCols(n), lambda_.leftCols(n), slope.topRows(dim), slope_.leftCols(n),
                     none_, t_bar_.head(n));
  } else if (!with_theta_) {
    field_->vjp(t, y_.leftCols(n), lambda_.leftCols(n), slope_.leftCols(n), none_, t_bar_.head(n));
  } else if (rows > 0) {
    field_->eval(t, y_.leftCols(n), slope.topRows(dim));
  }
  for (Index p = 0; with_theta_ && p < n; ++p) {
    theta_bar_.setZero();
    field_->select(std::span(samples_).subspan(static_cast<std::size_t>(p), 1));
    field_->vjp(t.segment(p, 1), y_.middleCols(p, 1), lambda_.middleCols(p, 1),
                slope_.middleCols(p, 1), theta_bar_, t_bar_.segment(p, 1));
    slope.col(p).tail(theta_bar_.size()) = -theta_bar_;
  }
  if (with_theta_) field_->select(samples_);
  slope.middleRows(rows, dim) = -slope_.leftCols(n);
}

template <class Scalar>
void AdjointField<Scalar>::add_theta(TimesIn t, MatrixIn<Scalar> state,
                                     const Vector<double>& weight, Vector<Scalar>& theta_bar) {
  const Index n = state.cols();
  split(t, state);
  for (Index p = 0; p < n; ++p) lambda_.col(p) *= static_cast<Scalar>(weight[p]);
  slope_.leftCols(n).setZero();
  t_bar_.head(n).setZero();
  field_->vjp(t, y_.leftCols(n), lambda_.leftCols(n), slope_.leftCols(n), theta_bar,
              t_bar_.head(n));
}

template <class Scalar>
bool AdjointField<Scalar>::jacobian(TimesIn t, MatrixIn<Scalar> state, MatrixOut<Scalar> jacobian) {
  const Index n = state.cols(), dim = field_->dim(), rows = state_rows(), size = this->dim();
  split(t, state);
  const auto inner = jacobian_(*field_, t, y_.leftCols(n));
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
  return static_cast<std::size_t>(y_.size() + lambda_.size() + slope_.size() + theta_bar_.size()) *
         sizeof(Scalar);
}

template class AdjointField<float>;
template class AdjointField<double>;

}  // namespace neural_ode
