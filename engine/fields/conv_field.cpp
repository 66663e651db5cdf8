#include "engine/fields/conv_field.h"

namespace neural_ode {

template <class Scalar>
void ConvField<Scalar>::reserve(Index batch) {
  chain_.reserve(batch);
  if (scratch_.cols() >= batch) return;
  record_.resize(chain_.record_rows() * batch);
  scratch_.resize(dim(), batch);
  t_.resize(batch);
}

template <class Scalar>
void ConvField<Scalar>::eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) {
  reserve(y.cols());
  chain_.forward(theta(), t, y, record_.data(), dy);
}

template <class Scalar>
void ConvField<Scalar>::vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a,
                            MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar, TimesOut t_bar) {
  reserve(y.cols());
  eval_vjp(t, y, a, scratch_.leftCols(y.cols()), y_bar, theta_bar, t_bar);
}

template <class Scalar>
void ConvField<Scalar>::eval_vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a,
                                 MatrixOut<Scalar> dy, MatrixOut<Scalar> y_bar,
                                 VectorOut<Scalar> theta_bar, TimesOut t_bar) {
  eval(t, y, dy);
  pull(t, y, record_.data(), a, y_bar, theta_bar, t_bar);
}

template <class Scalar>
void ConvField<Scalar>::eval_recording(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy,
                                       Scalar* record) {
  const Index batch = y.cols();
  Eigen::Map<Matrix<Scalar>>(record, dim(), batch) = y;
  Scalar* left = record + dim() * batch;
  chain_.forward(theta(), t, y, left, dy);
  Eigen::Map<Vector<Scalar>>(left + chain_.record_rows() * batch, batch) =
      t.template cast<Scalar>();
}

template <class Scalar>
void ConvField<Scalar>::vjp_recorded(const Scalar* record, MatrixIn<Scalar> a,
                                     MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar,
                                     TimesOut t_bar) {
  const Index batch = a.cols();
  reserve(batch);
  const Scalar* left = record + dim() * batch;
  t_.head(batch) = Eigen::Map<const Vector<Scalar>>(left + chain_.record_rows() * batch, batch)
                       .template cast<double>();
  pull(t_.head(batch), Eigen::Map<const Matrix<Scalar>>(record, dim(), batch), left, a, y_bar,
       theta_bar, t_bar);
}

template <class Scalar>
void ConvField<Scalar>::pull(TimesIn t, MatrixIn<Scalar> y, const Scalar* left, MatrixIn<Scalar> a,
                             MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar, TimesOut t_bar) {
  auto added = scratch_.leftCols(y.cols());
  chain_.pullback(theta(), t, y, left, a, added, theta_bar, t_bar);
  y_bar += added;
}

template <class Scalar>
std::unique_ptr<VectorField<Scalar>> ConvField<Scalar>::clone() const {
  auto copy = std::make_unique<ConvField>(chain_.input());
  copy->theta_ = theta_;
  return copy;
}

template <class Scalar>
bool ConvField<Scalar>::follow(const VectorField<Scalar>& original) {
  const auto* field = dynamic_cast<const ConvField*>(&original);
  if (field == nullptr || !(field->chain_.input() == chain_.input())) return false;
  theta_ = field->theta_;
  return true;
}

template class ConvField<float>;
template class ConvField<double>;

}  // namespace neural_ode
