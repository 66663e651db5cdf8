#include "engine/gradient/theta_quadrature.h"

#include <algorithm>

namespace neural_ode {
namespace {

// More than a product needs for its speed, few enough for its operands to stay in the cache.
constexpr Index columns_at_once = 32;

}  // namespace

template <class Scalar>
void ThetaQuadrature<Scalar>::bind(VectorField<Scalar>& field, AdjointField<Scalar>& adjoint,
                                   Vector<Scalar>& theta_bar, std::span<int> products) {
  field_ = &field;
  adjoint_ = &adjoint;
  theta_bar_ = &theta_bar;
  products_ = products;
  const Index columns = std::max(columns_at_once, static_cast<Index>(products.size()));
  for (Matrix<Scalar>* matrix : {&y_, &weighted_, &y_bar_}) matrix->resize(field.dim(), columns);
  for (Vector<double>* vector : {&t_, &t_bar_}) vector->resize(columns);
  field.reserve(columns);
  samples_.clear();
}

template <class Scalar>
void ThetaQuadrature<Scalar>::step(const StepView<Scalar>& view) {
  Stages<Scalar>& stages = view.stages;
  const ButcherTableau& method = stages.method();
  const Index dim = y_.rows();
  bool flushed = false;
  for (int i = 0; i < method.stages; ++i) {
    if (method.b[i] == 0) continue;
    stages.place(i, view.n, view.t, view.h, view.begin, view.end);
    for (Index p = 0; p < view.n; ++p) {
      if (view.accepted[static_cast<std::size_t>(p)] == 0) continue;
      if (static_cast<Index>(samples_.size()) == y_.cols()) {
        flush();
        flushed = true;
      }
      const Index column = static_cast<Index>(samples_.size());
      const int sample = adjoint_->sample(view.samples[static_cast<std::size_t>(p)]);
      const Scalar* state = stages.y(i).col(p).data();
      t_[column] = stages.times()[p];
      adjoint_->read_state(sample, t_[column], state, y_.col(column).data());
      const Scalar weight = static_cast<Scalar>(-view.h[p] * method.b[i]);
      const Scalar* lambda = state + adjoint_->state_rows();
      for (Index d = 0; d < dim; ++d) weighted_(d, column) = weight * lambda[d];
      samples_.push_back(sample);
      ++products_[static_cast<std::size_t>(sample)];
    }
  }
  if (flushed) adjoint_->select(view.samples);
}

template <class Scalar>
void ThetaQuadrature<Scalar>::flush() {
  const Index n = static_cast<Index>(samples_.size());
  if (n == 0) return;
  y_bar_.leftCols(n).setZero();
  t_bar_.head(n).setZero();
  field_->select(samples_);
  field_->vjp(t_.head(n), y_.leftCols(n), weighted_.leftCols(n), y_bar_.leftCols(n), *theta_bar_,
              t_bar_.head(n));
  samples_.clear();
}

template <class Scalar>
std::size_t ThetaQuadrature<Scalar>::bytes() const {
  return static_cast<std::size_t>(y_.size() + weighted_.size() + y_bar_.size()) * sizeof(Scalar);
}

template class ThetaQuadrature<float>;
template class ThetaQuadrature<double>;

}  // namespace neural_ode
