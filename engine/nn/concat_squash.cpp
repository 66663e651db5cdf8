#include "engine/nn/concat_squash.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace neural_ode {

template <class Scalar>
ConcatSquash<Scalar>::ConcatSquash(std::vector<LayerSpec> layers)
    : layers_(std::move(layers)), stages_(layers_.size()), rows_(inputs()), widest_(inputs()) {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const LayerSpec& spec = layers_[i];
    Stage& stage = stages_[i];
    eigen_assert(spec.bias && (i == 0 || layers_[i - 1].outputs == spec.inputs));
    const std::string name = std::to_string(i);
    stage.weight = layout_.add(name + ".weight", spec.outputs, spec.inputs);
    stage.bias = layout_.add(name + ".bias", spec.outputs, 1);
    stage.gate_weight = layout_.add(name + ".gate_weight", spec.outputs, 1);
    stage.gate_bias = layout_.add(name + ".gate_bias", spec.outputs, 1);
    stage.time_bias = layout_.add(name + ".time_bias", spec.outputs, 1);
    widest_ = std::max(widest_, spec.outputs);
    for (Index* row : {&stage.u, &stage.h, &stage.g, &stage.d1, &stage.d2})
      *row = std::exchange(rows_, rows_ + spec.outputs);
  }
}

template <class Scalar>
void ConcatSquash<Scalar>::initialize(Rng& rng, bool zero_last, VectorOut<Scalar> theta) const {
  theta.setZero();
  const auto fill = [&](Index from, Index count, double bound) {
    for (Index j = from; j < from + count; ++j)
      theta[j] = static_cast<Scalar>(rng.uniform(-bound, bound));
  };
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const LayerSpec& spec = layers_[i];
    const bool zero = zero_last && i + 1 == layers_.size();
    if (!zero) {
      fill(stages_[i].weight, Index{spec.outputs} * spec.inputs,
           std::sqrt(6.0 / (spec.inputs + spec.outputs)));
      fill(stages_[i].time_bias, spec.outputs, 1);
    }
    fill(stages_[i].gate_weight, spec.outputs, 1);
    fill(stages_[i].gate_bias, spec.outputs, 1);
  }
}

template <class Scalar>
void ConcatSquash<Scalar>::reserve(Index columns) {
  if (columns <= capacity_) return;
  capacity_ = columns;
  record_.resize(rows_ * columns);
  bar_.resize(widest_, columns);
  next_bar_.resize(widest_, columns);
  t_bar_.resize(columns);
}

template <class Scalar>
MatrixIn<Scalar> ConcatSquash<Scalar>::forward(VectorIn<Scalar> theta, MatrixIn<Scalar> x,
                                               int tangents) {
  columns_ = x.cols();
  tangents_ = tangents;
  reserve(columns_);
  return forward(theta, x, tangents, Eigen::Map<Matrix<Scalar>>(record_.data(), rows_, columns_));
}

template <class Scalar>
MatrixIn<Scalar> ConcatSquash<Scalar>::forward(VectorIn<Scalar> theta, MatrixIn<Scalar> x,
                                               int tangents, MatrixOut<Scalar> record) {
  const Index columns = x.cols(), samples = columns / (tangents + 1), stride = record.outerStride();
  eigen_assert(theta.size() == layout_.size() && x.rows() == inputs());
  eigen_assert(tangents >= 0 && columns % (tangents + 1) == 0);
  eigen_assert(record.rows() == rows_ && record.cols() == columns);
  reserve(columns);
  record.topRows(inputs()) = x;
  const Index time = inputs() - 1;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const LayerSpec& spec = layers_[i];
    const Stage& stage = stages_[i];
    const auto rows = [&](Index row) { return record.middleRows(row, spec.outputs); };
    const auto parameters = [&](Index from) { return theta.segment(from, spec.outputs).array(); };
    gemm<Scalar>(
        Transpose::no,
        Eigen::Map<const Matrix<Scalar>>(theta.data() + stage.weight, spec.outputs, spec.inputs),
        Transpose::no, record.middleRows(input_row(i), spec.inputs), false, rows(stage.u));
    for (Index s = 0; s < samples; ++s) {
      rows(stage.u).col(s).array() += parameters(stage.bias);
      rows(stage.g).col(s).array() =
          parameters(stage.gate_weight) * record(time, s) + parameters(stage.gate_bias);
    }
    Scalar* gate = rows(stage.g).data();
    activate<Scalar>(Activation::sigmoid, spec.outputs, samples, stride, gate, nullptr, gate,
                     nullptr, nullptr);
    for (Index s = 0; s < samples; ++s) {
      rows(stage.h).col(s).array() = rows(stage.u).col(s).array() * rows(stage.g).col(s).array() +
                                     parameters(stage.time_bias) * record(time, s);
    }
    Scalar* h = rows(stage.h).data();
    activate<Scalar>(spec.activation, spec.outputs, samples, stride, h, nullptr, h,
                     rows(stage.d1).data(), tangents > 0 ? rows(stage.d2).data() : nullptr);
    for (int k = 1; k <= tangents; ++k) {
      rows(stage.h).middleCols(k * samples, samples) =
          rows(stage.d1).leftCols(samples).array() * rows(stage.g).leftCols(samples).array() *
          rows(stage.u).middleCols(k * samples, samples).array();
    }
  }
  return record.middleRows(stages_.back().h, outputs());
}

// As in nn/mlp.cpp, with z_dot = g u_dot.
template <class Scalar>
void ConcatSquash<Scalar>::pull_activation(MatrixIn<Scalar> record, int tangents,
                                           const Stage& stage, MatrixOut<Scalar> bar) const {
  const Index samples = bar.cols() / (tangents + 1);
  const auto rows = [&](Index row, Index from) {
    return record.block(row, from, bar.rows(), samples).array();
  };
  auto value_bar = bar.leftCols(samples).array();
  value_bar *= rows(stage.d1, 0);
  for (int k = 1; k <= tangents; ++k) {
    auto tangent_bar = bar.middleCols(k * samples, samples).array();
    value_bar += rows(stage.d2, 0) * rows(stage.g, 0) * rows(stage.u, k * samples) * tangent_bar;
    tangent_bar *= rows(stage.d1, 0);
  }
}

template <class Scalar>
void ConcatSquash<Scalar>::pull_gate(VectorIn<Scalar> theta, MatrixIn<Scalar> record, int tangents,
                                     const Stage& stage, MatrixOut<Scalar> bar,
                                     VectorOut<Scalar> theta_bar) {
  const Index samples = bar.cols() / (tangents + 1), units = bar.rows(), time = inputs() - 1;
  const Scalar* gate_weight = theta.data() + stage.gate_weight;
  const Scalar* time_bias = theta.data() + stage.time_bias;
  const bool wanted = theta_bar.size() != 0;
  for (Index s = 0; s < samples; ++s) {
    const Scalar t = record(time, s);
    for (Index j = 0; j < units; ++j) {
      const Scalar g = record(stage.g + j, s), z_bar = bar(j, s);
      Scalar g_bar = z_bar * record(stage.u + j, s);
      bar(j, s) = g * z_bar;
      for (Index k = 1; k <= tangents; ++k) {
        const Index column = k * samples + s;
        g_bar += bar(j, column) * record(stage.u + j, column);
        bar(j, column) *= g;
      }
      const Scalar a_bar = g_bar * g * (Scalar(1) - g);
      t_bar_[s] += a_bar * gate_weight[j] + z_bar * time_bias[j];
      if (!wanted) continue;
      theta_bar[stage.gate_weight + j] += a_bar * t;
      theta_bar[stage.gate_bias + j] += a_bar;
      theta_bar[stage.time_bias + j] += z_bar * t;
      theta_bar[stage.bias + j] += g * z_bar;
    }
  }
}

template <class Scalar>
void ConcatSquash<Scalar>::pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> y_bar,
                                    MatrixOut<Scalar> x_bar, VectorOut<Scalar> theta_bar) {
  pullback(theta, Eigen::Map<const Matrix<Scalar>>(record_.data(), rows_, columns_), tangents_,
           y_bar, x_bar, theta_bar);
}

template <class Scalar>
void ConcatSquash<Scalar>::pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> record, int tangents,
                                    MatrixIn<Scalar> y_bar, MatrixOut<Scalar> x_bar,
                                    VectorOut<Scalar> theta_bar) {
  const Index columns = record.cols(), samples = columns / (tangents + 1);
  eigen_assert(y_bar.rows() == outputs() && y_bar.cols() == columns);
  reserve(columns);
  bar_.topLeftCorner(outputs(), columns) = y_bar;
  t_bar_.head(samples).setZero();
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const LayerSpec& spec = layers_[i];
    auto bar = bar_.topLeftCorner(spec.outputs, columns);
    pull_activation(record, tangents, stages_[i], bar);
    pull_gate(theta, record, tangents, stages_[i], bar, theta_bar);
    const Index weight = stages_[i].weight;
    if (theta_bar.size() != 0) {
      gemm<Scalar>(
          Transpose::no, bar, Transpose::yes, record.middleRows(input_row(i), spec.inputs), true,
          Eigen::Map<Matrix<Scalar>>(theta_bar.data() + weight, spec.outputs, spec.inputs));
    }
    if (i == 0 && x_bar.size() == 0) return;
    gemm<Scalar>(Transpose::yes,
                 Eigen::Map<const Matrix<Scalar>>(theta.data() + weight, spec.outputs, spec.inputs),
                 Transpose::no, bar, false, next_bar_.topLeftCorner(spec.inputs, columns));
    bar_.swap(next_bar_);
  }
  const Index dim = inputs() - 1;
  x_bar.topRows(dim) = bar_.topLeftCorner(dim, columns);
  x_bar.row(dim).setZero();
  x_bar.row(dim).head(samples) = t_bar_.head(samples).transpose();
}

template class ConcatSquash<float>;
template class ConcatSquash<double>;

}  // namespace neural_ode
