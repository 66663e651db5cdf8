#include "engine/nn/gru.h"

#include "engine/core/kernels.h"
#include "engine/nn/initialization.h"
#include "engine/nn/recurrent_record.h"

namespace neural_ode {

template <class Scalar>
GruCell<Scalar>::GruCell(int inputs, int hidden) : inputs_(inputs), hidden_(hidden) {
  layout_.add("weight_ih", 3 * hidden_, inputs_);
  weight_hh_ = layout_.add("weight_hh", 3 * hidden_, hidden_);
  bias_ih_ = layout_.add("bias_ih", 3 * hidden_, 1);
  bias_hh_ = layout_.add("bias_hh", 3 * hidden_, 1);
}

template <class Scalar>
void GruCell<Scalar>::initialize(Rng& rng, VectorOut<Scalar> theta) const {
  fill_uniform<Scalar>(rng, hidden_, theta);
}

template <class Scalar>
void GruCell<Scalar>::reserve(Index batch) {
  if (batch <= from_x_.cols()) return;
  from_x_.resize(3 * hidden_, batch);
  from_h_.resize(3 * hidden_, batch);
}

template <class Scalar>
void GruCell<Scalar>::forward(VectorIn<Scalar> theta, MatrixIn<Scalar> h, MatrixIn<Scalar> x,
                              VectorIn<Scalar> mask, MatrixOut<Scalar> record,
                              MatrixOut<Scalar> h_next) {
  eigen_assert(theta.size() == layout_.size() && h.rows() == hidden_ && x.rows() == inputs_);
  eigen_assert(record.rows() == record_rows() && record.cols() == h.cols());
  const Index batch = h.cols(), gates = hidden_ + inputs_ + 1;
  reserve(batch);
  record_arguments<Scalar>(h, x, mask, record);
  const Eigen::Map<const Matrix<Scalar>> weight_ih(theta.data(), 3 * hidden_, inputs_);
  const Eigen::Map<const Matrix<Scalar>> weight_hh(theta.data() + weight_hh_, 3 * hidden_, hidden_);
  const auto bias_ih = theta.segment(bias_ih_, 3 * hidden_);
  const auto bias_hh = theta.segment(bias_hh_, 3 * hidden_);
  gemm<Scalar>(Transpose::no, weight_ih, Transpose::no, record.middleRows(hidden_, inputs_), false,
               from_x_.leftCols(batch));
  gemm<Scalar>(Transpose::no, weight_hh, Transpose::no, record.topRows(hidden_), false,
               from_h_.leftCols(batch));
  for (Index s = 0; s < batch; ++s) {
    from_x_.col(s) += bias_ih;
    from_h_.col(s) += bias_hh;
    record.col(s).segment(gates, 2 * hidden_) =
        from_x_.col(s).head(2 * hidden_) + from_h_.col(s).head(2 * hidden_);
    record.col(s).tail(hidden_) = from_h_.col(s).tail(hidden_);
  }
  const Index stride = record.outerStride();
  Scalar* gate = record.data() + gates;
  activate<Scalar>(Activation::sigmoid, 2 * hidden_, batch, stride, gate, nullptr, gate, nullptr,
                   nullptr);
  for (Index s = 0; s < batch; ++s) {
    auto column = record.col(s).tail(4 * hidden_);  // r, z, n, W_hn h + b_hn
    column.segment(2 * hidden_, hidden_) =
        from_x_.col(s).tail(hidden_) + column.head(hidden_).cwiseProduct(column.tail(hidden_));
  }
  Scalar* candidate = gate + 2 * hidden_;
  activate<Scalar>(Activation::tanh, hidden_, batch, stride, candidate, nullptr, candidate, nullptr,
                   nullptr);
  for (Index s = 0; s < batch; ++s) {
    const auto before = record.col(s).head(hidden_);
    if (record(hidden_ + inputs_, s) == Scalar(0)) {
      h_next.col(s) = before;
      continue;
    }
    const auto z = record.col(s).segment(gates + hidden_, hidden_).array();
    const auto n = record.col(s).segment(gates + 2 * hidden_, hidden_).array();
    h_next.col(s) = (Scalar(1) - z) * n + z * before.array();
  }
}

template <class Scalar>
void GruCell<Scalar>::pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> record,
                               MatrixIn<Scalar> h_next_bar, MatrixOut<Scalar> h_bar,
                               MatrixOut<Scalar> x_bar, VectorOut<Scalar> theta_bar) {
  eigen_assert(h_next_bar.rows() == hidden_ && h_next_bar.cols() == record.cols());
  const Index batch = record.cols(), gates = hidden_ + inputs_ + 1;
  reserve(batch);
  constexpr Scalar one = 1;
  auto x_side = from_x_.leftCols(batch), h_side = from_h_.leftCols(batch);
  for (Index s = 0; s < batch; ++s) {
    if (record(hidden_ + inputs_, s) == Scalar(0)) {
      x_side.col(s).setZero();
      h_side.col(s).setZero();
      h_bar.col(s) = h_next_bar.col(s);
      continue;
    }
    const auto bar = h_next_bar.col(s).array();
    const auto before = record.col(s).head(hidden_).array();
    const auto r = record.col(s).segment(gates, hidden_).array();
    const auto z = record.col(s).segment(gates + hidden_, hidden_).array();
    const auto n = record.col(s).segment(gates + 2 * hidden_, hidden_).array();
    const auto product = record.col(s).tail(hidden_).array();
    auto r_bar = x_side.col(s).head(hidden_).array();
    auto z_bar = x_side.col(s).segment(hidden_, hidden_).array();
    auto n_bar = x_side.col(s).tail(hidden_).array();
    n_bar = bar * (one - z) * ((one - n) * (one + n));
    z_bar = bar * (before - n) * (z * (one - z));
    r_bar = n_bar * product * (r * (one - r));
    h_side.col(s).head(2 * hidden_) = x_side.col(s).head(2 * hidden_);
    h_side.col(s).tail(hidden_) = (n_bar * r).matrix();
    h_bar.col(s) = (bar * z).matrix();
  }
  const Eigen::Map<const Matrix<Scalar>> weight_ih(theta.data(), 3 * hidden_, inputs_);
  const Eigen::Map<const Matrix<Scalar>> weight_hh(theta.data() + weight_hh_, 3 * hidden_, hidden_);
  if (theta_bar.size() != 0) {
    gemm<Scalar>(Transpose::no, x_side, Transpose::yes, record.middleRows(hidden_, inputs_), true,
                 Eigen::Map<Matrix<Scalar>>(theta_bar.data(), 3 * hidden_, inputs_));
    gemm<Scalar>(Transpose::no, h_side, Transpose::yes, record.topRows(hidden_), true,
                 Eigen::Map<Matrix<Scalar>>(theta_bar.data() + weight_hh_, 3 * hidden_, hidden_));
    add_columns<Scalar>(x_side, theta_bar.segment(bias_ih_, 3 * hidden_));
    add_columns<Scalar>(h_side, theta_bar.segment(bias_hh_, 3 * hidden_));
  }
  gemm<Scalar>(Transpose::yes, weight_hh, Transpose::no, h_side, true, h_bar);
  if (x_bar.size() != 0)
    gemm<Scalar>(Transpose::yes, weight_ih, Transpose::no, x_side, false, x_bar);
}

template class GruCell<float>;
template class GruCell<double>;

}  // namespace neural_ode
