#include "engine/fields/mlp_field.h"

#include <utility>

#include "engine/fields/jet.h"

namespace neural_ode {

template <class Scalar>
MlpField<Scalar>::MlpField(std::vector<LayerSpec> layers, bool time_input)
    : mlp_(std::move(layers)), time_input_(time_input) {}

template <class Scalar>
Index MlpField<Scalar>::dim() const {
  return mlp_.outputs();
}

template <class Scalar>
Index MlpField<Scalar>::parameter_count() const {
  return mlp_.layout().size();
}

template <class Scalar>
void MlpField<Scalar>::reserve(Index batch) {
  mlp_.reserve(batch);
  if (x_bar_.cols() >= batch) return;
  x_bar_.resize(mlp_.inputs(), batch);
  if (time_input_) x_.resize(mlp_.inputs(), batch);
}

template <class Scalar>
MatrixIn<Scalar> MlpField<Scalar>::network_input(TimesIn t, MatrixIn<Scalar> y) {
  if (!time_input_) return y;
  if (x_bar_.cols() < y.cols()) reserve(y.cols());
  write_values<Scalar>(t, y, x_.leftCols(y.cols()));
  return x_.leftCols(y.cols());
}

template <class Scalar>
void MlpField<Scalar>::eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) {
  dy = mlp_.evaluate(theta(), network_input(t, y));
}

template <class Scalar>
void MlpField<Scalar>::vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a,
                           MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar, TimesOut t_bar) {
  const Index batch = y.cols();
  mlp_.forward(theta(), network_input(t, y));
  mlp_.pullback(theta(), a, input_bar(batch), theta_bar);
  add_input_bar(batch, y_bar, t_bar);
}

template <class Scalar>
void MlpField<Scalar>::eval_vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a,
                                MatrixOut<Scalar> dy, MatrixOut<Scalar> y_bar,
                                VectorOut<Scalar> theta_bar, TimesOut t_bar) {
  const Index batch = y.cols();
  dy = mlp_.forward(theta(), network_input(t, y));
  mlp_.pullback(theta(), a, input_bar(batch), theta_bar);
  add_input_bar(batch, y_bar, t_bar);
}

template <class Scalar>
void MlpField<Scalar>::eval_recording(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy,
                                      Scalar* record) {
  dy = mlp_.forward(theta(), network_input(t, y), 0,
                    Eigen::Map<Matrix<Scalar>>(record, mlp_.record_rows(0), y.cols()));
}

template <class Scalar>
void MlpField<Scalar>::vjp_recorded(const Scalar* record, MatrixIn<Scalar> a,
                                    MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar,
                                    TimesOut t_bar) {
  const Index batch = a.cols();
  mlp_.pullback(theta(), Eigen::Map<const Matrix<Scalar>>(record, mlp_.record_rows(0), batch), 0, a,
                input_bar(batch), theta_bar);
  add_input_bar(batch, y_bar, t_bar);
}

template <class Scalar>
MatrixOut<Scalar> MlpField<Scalar>::input_bar(Index batch) {
  if (x_bar_.cols() < batch) reserve(batch);
  return x_bar_.leftCols(batch);
}

template <class Scalar>
void MlpField<Scalar>::add_input_bar(Index batch, MatrixOut<Scalar> y_bar, TimesOut t_bar) {
  y_bar += x_bar_.topLeftCorner(dim(), batch);
  if (time_input_) {
    t_bar += x_bar_.row(dim()).head(batch).transpose().template cast<double>();
  }
}

template <class Scalar>
bool MlpField<Scalar>::jacobian(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> jacobian) {
  const Index batch = y.cols(), columns = batch * (dim() + 1);
  if (jet_.cols() < columns) jet_.resize(mlp_.inputs(), columns);
  write_values<Scalar>(t, y, jet_.leftCols(columns));
  write_basis_tangents<Scalar>(dim(), batch, jet_.leftCols(columns));
  const MatrixIn<Scalar> image =
      mlp_.forward(Eigen::Map<const Vector<Scalar>>(theta_, parameter_count()),
                   jet_.leftCols(columns), static_cast<int>(dim()));
  for (Index s = 0; s < batch; ++s) {
    for (Index j = 0; j < dim(); ++j) jacobian.col(s * dim() + j) = image.col((j + 1) * batch + s);
  }
  return true;
}

template <class Scalar>
std::unique_ptr<VectorField<Scalar>> MlpField<Scalar>::clone() const {
  auto copy = std::make_unique<MlpField>(mlp_.layers(), time_input_);
  copy->follow(*this);
  return copy;
}

template <class Scalar>
bool MlpField<Scalar>::follow(const VectorField<Scalar>& original) {
  const auto* field = dynamic_cast<const MlpField*>(&original);
  if (field == nullptr || field->time_input_ != time_input_ ||
      field->mlp_.layers() != mlp_.layers()) {
    return false;
  }
  theta_ = field->theta_;
  return true;
}

template class MlpField<float>;
template class MlpField<double>;

}  // namespace neural_ode
