#include "engine/nn/rnn.h"

#include "engine/core/kernels.h"
#include "engine/nn/initialization.h"
#include "engine/nn/recurrent_record.h"

namespace neural_ode {

template <class Scalar>
RnnCell<Scalar>::RnnCell(int inputs, int hidden) : inputs_(inputs), hidden_(hidden) {
  layout_.add("i2h.weight", hidden_, inputs_ + hidden_);
  bias_ = layout_.add("i2h.bias", hidden_, 1);
}

template <class Scalar>
void RnnCell<Scalar>::initialize(Rng& rng, VectorOut<Scalar> theta) const {
  fill_uniform<Scalar>(rng, inputs_ + hidden_, theta);
}

template <class Scalar>
void RnnCell<Scalar>::reserve(Index batch) {
  if (batch > z_bar_.cols()) z_bar_.resize(hidden_, batch);
}

template <class Scalar>
void RnnCell<Scalar>::forward(VectorIn<Scalar> theta, MatrixIn<Scalar> h, MatrixIn<Scalar> x,
                              VectorIn<Scalar> mask, MatrixOut<Scalar> record,
                              MatrixOut<Scalar> h_next) {
  eigen_assert(theta.size() == layout_.size() && h.rows() == hidden_ && x.rows() == inputs_);
  eigen_assert(record.rows() == record_rows() && record.cols() == h.cols());
  const Eigen::Map<const Matrix<Scalar>> weight(theta.data(), hidden_, inputs_ + hidden_);
  record_arguments<Scalar>(h, x, mask, record);
  auto after = record.bottomRows(hidden_);
  gemm<Scalar>(Transpose::no, weight.leftCols(inputs_), Transpose::no,
               record.middleRows(hidden_, inputs_), false, after);
  gemm<Scalar>(Transpose::no, weight.rightCols(hidden_), Transpose::no, record.topRows(hidden_),
               true, after);
  activate<Scalar>(Activation::tanh, hidden_, h.cols(), record.outerStride(), after.data(),
                   theta.data() + bias_, after.data(), nullptr, nullptr);
  for (Index s = 0; s < h.cols(); ++s) {
    const bool observed = record(hidden_ + inputs_, s) != Scalar(0);
    h_next.col(s) = record.col(s).segment(observed ? hidden_ + inputs_ + 1 : 0, hidden_);
  }
}

template <class Scalar>
void RnnCell<Scalar>::pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> record,
                               MatrixIn<Scalar> h_next_bar, MatrixOut<Scalar> h_bar,
                               MatrixOut<Scalar> x_bar, VectorOut<Scalar> theta_bar) {
  eigen_assert(h_next_bar.rows() == hidden_ && h_next_bar.cols() == record.cols());
  reserve(record.cols());
  auto z_bar = z_bar_.leftCols(record.cols());
  for (Index s = 0; s < record.cols(); ++s) {
    if (record(hidden_ + inputs_, s) == Scalar(0)) {
      z_bar.col(s).setZero();
      h_bar.col(s) = h_next_bar.col(s);
      continue;
    }
    const auto after = record.col(s).tail(hidden_).array();
    z_bar.col(s) = h_next_bar.col(s).array() * ((Scalar(1) - after) * (Scalar(1) + after));
    h_bar.col(s).setZero();
  }
  const Index columns = inputs_ + hidden_;
  const Eigen::Map<const Matrix<Scalar>> weight(theta.data(), hidden_, columns);
  if (theta_bar.size() != 0) {
    Eigen::Map<Matrix<Scalar>> weight_bar(theta_bar.data(), hidden_, columns);
    gemm<Scalar>(Transpose::no, z_bar, Transpose::yes, record.middleRows(hidden_, inputs_), true,
                 weight_bar.leftCols(inputs_));
    gemm<Scalar>(Transpose::no, z_bar, Transpose::yes, record.topRows(hidden_), true,
                 weight_bar.rightCols(hidden_));
    add_columns<Scalar>(z_bar, theta_bar.segment(bias_, hidden_));
  }
  gemm<Scalar>(Transpose::yes, weight.rightCols(hidden_), Transpose::no, z_bar, true, h_bar);
  if (x_bar.size() != 0) {
    gemm<Scalar>(Transpose::yes, weight.leftCols(inputs_), Transpose::no, z_bar, false, x_bar);
  }
}

template class RnnCell<float>;
template class RnnCell<double>;

}  // namespace neural_ode
