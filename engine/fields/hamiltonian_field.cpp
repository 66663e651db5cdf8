#include "engine/fields/hamiltonian_field.h"

namespace neural_ode {

template <class Scalar>
HamiltonianField<Scalar>::HamiltonianField(const std::vector<LayerSpec>& layers, bool separable)
    : dim_(layers.front().inputs * (separable ? 2 : 1)) {
  eigen_assert(dim_ % 2 == 0 && layers.back().outputs == 1);
  const auto add = [&](const char* prefix, Index row) {
    terms_.push_back({Mlp<Scalar>(layers), row, 0});
    terms_.back().offset = layout_.append(prefix, terms_.back().mlp.layout());
  };
  if (separable) {
    add("kinetic.", dim_ / 2);
    add("potential.", 0);
  } else {
    add("energy.", 0);
  }
}

template <class Scalar>
void HamiltonianField<Scalar>::initialize(Rng& rng, VectorOut<Scalar> theta) const {
  for (const Term& term : terms_) {
    term.mlp.initialize(rng, false, theta.segment(term.offset, term.mlp.layout().size()));
  }
}

template <class Scalar>
void HamiltonianField<Scalar>::reserve(Index batch) {
  if (jet_.cols() >= 2 * batch) return;
  for (Term& term : terms_) term.mlp.reserve(2 * batch);
  slope_.resize(dim(), batch);
  jet_.resize(terms_.front().mlp.inputs(), 2 * batch);
  x_bar_.resize(terms_.front().mlp.inputs(), 2 * batch);
  image_bar_.resize(1, 2 * batch);
}

template <class Scalar>
void HamiltonianField<Scalar>::energy(MatrixIn<Scalar> y, VectorOut<Scalar> h) {
  h.setZero();
  for (Term& term : terms_) {
    h += term.mlp.evaluate(theta(term), y.middleRows(term.row, term.mlp.inputs())).row(0);
  }
}

template <class Scalar>
void HamiltonianField<Scalar>::write_field(Index batch, MatrixOut<Scalar> dy) const {
  const Index half = dim() / 2;
  dy.topRows(half) = slope_.block(half, 0, half, batch);
  dy.bottomRows(half) = -slope_.block(0, 0, half, batch);
}

template <class Scalar>
void HamiltonianField<Scalar>::eval(TimesIn /*t*/, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) {
  const Index batch = y.cols();
  reserve(batch);
  image_bar_.leftCols(batch).setOnes();
  for (Term& term : terms_) {
    const Index rows = term.mlp.inputs();
    term.mlp.forward(theta(term), y.middleRows(term.row, rows));
    term.mlp.pullback(theta(term), image_bar_.leftCols(batch),
                      slope_.block(term.row, 0, rows, batch), none_);
  }
  write_field(batch, dy);
}

template <class Scalar>
void HamiltonianField<Scalar>::pull(MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
                                    VectorOut<Scalar> theta_bar) {
  const Index batch = y.cols(), half = dim() / 2;
  reserve(batch);
  image_bar_.leftCols(batch).setZero();
  image_bar_.middleCols(batch, batch).setOnes();
  for (Term& term : terms_) {
    const Index rows = term.mlp.inputs();
    jet_.leftCols(batch) = y.middleRows(term.row, rows);
    for (Index i = 0; i < rows; ++i) {
      const Index row = term.row + i;
      if (row < half) {
        jet_.row(i).segment(batch, batch) = -a.row(row + half);
      } else {
        jet_.row(i).segment(batch, batch) = a.row(row - half);
      }
    }
    term.mlp.forward(theta(term), jet_.leftCols(2 * batch), 1);
    const Index wanted = theta_bar.size() > 0 ? term.mlp.layout().size() : 0;
    term.mlp.pullback(theta(term), image_bar_.leftCols(2 * batch), x_bar_.leftCols(2 * batch),
                      theta_bar.segment(wanted > 0 ? term.offset : 0, wanted));
    y_bar.middleRows(term.row, rows) += x_bar_.leftCols(batch);
    slope_.block(term.row, 0, rows, batch) = x_bar_.middleCols(batch, batch);
  }
}

template <class Scalar>
void HamiltonianField<Scalar>::vjp(TimesIn /*t*/, MatrixIn<Scalar> y, MatrixIn<Scalar> a,
                                   MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar,
                                   TimesOut /*t_bar*/) {
  pull(y, a, y_bar, theta_bar);
}

template <class Scalar>
void HamiltonianField<Scalar>::eval_vjp(TimesIn /*t*/, MatrixIn<Scalar> y, MatrixIn<Scalar> a,
                                        MatrixOut<Scalar> dy, MatrixOut<Scalar> y_bar,
                                        VectorOut<Scalar> theta_bar, TimesOut /*t_bar*/) {
  pull(y, a, y_bar, theta_bar);
  write_field(y.cols(), dy);
}

template <class Scalar>
void HamiltonianField<Scalar>::eval_recording(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy,
                                              Scalar* record) {
  Eigen::Map<Matrix<Scalar>>(record, y.rows(), y.cols()) = y;
  eval(t, y, dy);
}

template <class Scalar>
void HamiltonianField<Scalar>::vjp_recorded(const Scalar* record, MatrixIn<Scalar> a,
                                            MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar,
                                            TimesOut /*t_bar*/) {
  pull(Eigen::Map<const Matrix<Scalar>>(record, a.rows(), a.cols()), a, y_bar, theta_bar);
}

template <class Scalar>
std::unique_ptr<VectorField<Scalar>> HamiltonianField<Scalar>::clone() const {
  auto copy = std::make_unique<HamiltonianField>(terms_.front().mlp.layers(), terms_.size() > 1);
  copy->follow(*this);
  return copy;
}

template <class Scalar>
bool HamiltonianField<Scalar>::follow(const VectorField<Scalar>& original) {
  const auto* field = dynamic_cast<const HamiltonianField*>(&original);
  if (field == nullptr || field->terms_.size() != terms_.size() ||
      field->terms_.front().mlp.layers() != terms_.front().mlp.layers()) {
    return false;
  }
  theta_ = field->theta_;
  return true;
}

template class HamiltonianField<float>;
template class HamiltonianField<double>;

}  // namespace neural_ode
