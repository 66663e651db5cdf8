#include "engine/models/conv_field.h"

namespace neural_ode {

template <class Scalar>
void ConvField<Scalar>::reserve(Index batch) {
  chain_.reserve(record_, batch);
  if (scratch_.cols() < batch) scratch_.resize(dim(), batch);
}

template <class Scalar>
void ConvField<Scalar>::eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) {
  chain_.forward(theta(), t, y, record_, dy);
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
  reserve(y.cols());
  chain_.forward(theta(), t, y, record_, dy);
  auto added = scratch_.leftCols(y.cols());
  chain_.pullback(theta(), t, y, record_, a, added, theta_bar, t_bar);
  y_bar += added;
}

template class ConvField<float>;
template class ConvField<double>;

}  // namespace neural_ode
