#include "engine/nn/mlp.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace neural_ode {

std::vector<LayerSpec> mlp_layers(int inputs, int hidden, int layers, int outputs,
                                  Activation activation) {
  std::vector<LayerSpec> specs;
  int width = inputs;
  for (int i = 0; i < layers; ++i) {
    specs.push_back({width, hidden, activation, true});
    width = hidden;
  }
  specs.push_back({width, outputs, Activation::identity, true});
  return specs;
}

template <class Scalar>
Mlp<Scalar>::Mlp(std::vector<LayerSpec> layers) : layers_(std::move(layers)) {
  stages_.resize(layers_.size());
  int widest = layers_.front().inputs;
  value_rows_ = widest;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const LayerSpec& spec = layers_[i];
    Stage& stage = stages_[i];
    eigen_assert(i == 0 || layers_[i - 1].outputs == spec.inputs);
    const std::string name = std::to_string(i);
    stage.weight = layout_.add(name + ".weight", spec.outputs, spec.inputs);
    if (spec.bias) stage.bias = layout_.add(name + ".bias", spec.outputs, 1);
    widest = std::max(widest, spec.outputs);

    const auto rows = [&spec](Index& next) { return std::exchange(next, next + spec.outputs); };
    const bool linear = spec.activation == Activation::identity;
    if (!linear || i + 1 < layers_.size()) stage.h = rows(value_rows_);
    if (!linear && !slope_from_image(spec.activation)) stage.d1 = rows(value_rows_);
  }
  jet_rows_ = value_rows_;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    if (layers_[i].activation == Activation::identity) continue;
    const auto rows = [&] { return std::exchange(jet_rows_, jet_rows_ + layers_[i].outputs); };
    if (stages_[i].d1 < 0) stages_[i].d1 = rows();
    stages_[i].z = rows();
    stages_[i].d2 = rows();
  }
  bias_bar_.resize(widest);
}

template <class Scalar>
int Mlp<Scalar>::inputs() const {
  return layers_.front().inputs;
}

template <class Scalar>
int Mlp<Scalar>::outputs() const {
  return layers_.back().outputs;
}

template <class Scalar>
void Mlp<Scalar>::initialize(Rng& rng, bool zero_last, VectorOut<Scalar> theta) const {
  theta.setZero();
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const LayerSpec& spec = layers_[i];
    const double bound = std::sqrt(6.0 / (spec.inputs + spec.outputs));
    const bool zero = zero_last && i + 1 == layers_.size();
    const Index entries = Index{spec.outputs} * spec.inputs;
    for (Index j = 0; j < entries; ++j) {
      // Drawn even where it is not used: the other layers start alike with and without zero_last.
      const double draw = rng.uniform(-bound, bound);
      if (!zero) theta[stages_[i].weight + j] = static_cast<Scalar>(draw);
    }
  }
}

template <class Scalar>
void Mlp<Scalar>::reserve(Index columns) {
  if (columns <= capacity_) return;
  capacity_ = columns;
  record_.resize(jet_rows_ * columns);
  h_bar_.resize(bias_bar_.size(), columns);
  next_h_bar_.resize(bias_bar_.size(), columns);
}

template <class Scalar>
Index Mlp<Scalar>::record_rows(int tangents) const {
  return tangents > 0 ? jet_rows_ : value_rows_;
}

template <class Scalar>
Eigen::Map<Matrix<Scalar>> Mlp<Scalar>::own_record(int tangents, Index columns) {
  return {record_.data(), record_rows(tangents), columns};
}

template <class Scalar>
Eigen::Map<const Matrix<Scalar>> Mlp<Scalar>::weight(VectorIn<Scalar> theta,
                                                     std::size_t layer) const {
  return {theta.data() + stages_[layer].weight, layers_[layer].outputs, layers_[layer].inputs};
}

template <class Scalar>
const Scalar* Mlp<Scalar>::bias(VectorIn<Scalar> theta, std::size_t layer) const {
  return layers_[layer].bias ? theta.data() + stages_[layer].bias : nullptr;
}

template <class Scalar>
MatrixIn<Scalar> Mlp<Scalar>::evaluate(VectorIn<Scalar> theta, MatrixIn<Scalar> x) {
  eigen_assert(theta.size() == layout_.size() && x.rows() == inputs());
  const Index columns = x.cols();
  reserve(columns);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const LayerSpec& spec = layers_[i];
    const MatrixIn<Scalar> input =
        i == 0 ? x : MatrixIn<Scalar>(h_bar_.topLeftCorner(spec.inputs, columns));
    gemm<Scalar>(Transpose::no, weight(theta, i), Transpose::no, input, false,
                 next_h_bar_.topLeftCorner(spec.outputs, columns));
    h_bar_.swap(next_h_bar_);
    Scalar* h = h_bar_.data();
    activate<Scalar>(spec.activation, spec.outputs, columns, h_bar_.rows(), h, bias(theta, i), h,
                     nullptr, nullptr);
  }
  return h_bar_.topLeftCorner(outputs(), columns);
}

template <class Scalar>
MatrixIn<Scalar> Mlp<Scalar>::forward(VectorIn<Scalar> theta, MatrixIn<Scalar> x, int tangents) {
  columns_ = x.cols();
  tangents_ = tangents;
  reserve(columns_);
  return forward(theta, x, tangents, own_record(tangents, columns_));
}

template <class Scalar>
MatrixIn<Scalar> Mlp<Scalar>::forward(VectorIn<Scalar> theta, MatrixIn<Scalar> x, int tangents,
                                      MatrixOut<Scalar> record) {
  const Index columns = x.cols(), samples = columns / (tangents + 1);
  eigen_assert(theta.size() == layout_.size() && x.rows() == inputs());
  eigen_assert(tangents >= 0 && columns % (tangents + 1) == 0);
  eigen_assert(record.rows() == record_rows(tangents) && record.cols() == columns);
  reserve(columns);
  record.topRows(inputs()) = x;

  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const LayerSpec& spec = layers_[i];
    const Stage& stage = stages_[i];
    const auto rows = [&](Index row) { return record.middleRows(row, spec.outputs); };
    const auto multiply = [&](MatrixOut<Scalar> z) {
      gemm<Scalar>(Transpose::no, weight(theta, i), Transpose::no,
                   record.middleRows(input_row(i), spec.inputs), false, z);
      return z.data();
    };
    // The bias is that of the values alone: tangents have none.
    if (spec.activation == Activation::identity) {
      const bool last = stage.h < 0;
      Scalar* h = multiply(last ? MatrixOut<Scalar>(h_bar_.topLeftCorner(spec.outputs, columns))
                                : MatrixOut<Scalar>(rows(stage.h)));
      activate<Scalar>(spec.activation, spec.outputs, samples,
                       last ? h_bar_.rows() : record.outerStride(), h, bias(theta, i), h, nullptr,
                       nullptr);
      continue;
    }
    const Scalar* z = multiply(rows(tangents > 0 ? stage.z : stage.h));
    const bool slope = tangents > 0 || !slope_from_image(spec.activation);
    activate<Scalar>(spec.activation, spec.outputs, samples, record.outerStride(), z,
                     bias(theta, i), rows(stage.h).data(), slope ? rows(stage.d1).data() : nullptr,
                     tangents > 0 ? rows(stage.d2).data() : nullptr);
    for (int k = 1; k <= tangents; ++k) {
      rows(stage.h).middleCols(k * samples, samples) =
          rows(stage.d1).leftCols(samples).array() *
          rows(stage.z).middleCols(k * samples, samples).array();
    }
  }
  if (stages_.back().h < 0) return h_bar_.topLeftCorner(outputs(), columns);
  return record.middleRows(stages_.back().h, outputs());
}

// bar, of the image of a layer, becomes that of its pre-activation:
// z_bar = s' h_bar + s'' sum_k z_dot_k h_dot_bar_k;  z_dot_bar = s' h_dot_bar
template <class Scalar>
void Mlp<Scalar>::pull_activation(MatrixIn<Scalar> record, int tangents, std::size_t layer,
                                  MatrixOut<Scalar> bar) const {
  if (layers_[layer].activation == Activation::identity) return;
  const Stage& stage = stages_[layer];
  const Index samples = bar.cols() / (tangents + 1);
  const auto rows = [&](Index row) { return record.middleRows(row, bar.rows()); };
  auto value_bar = bar.leftCols(samples).array();
  if (tangents == 0 && slope_from_image(layers_[layer].activation)) {
    const auto h = rows(stage.h).array();
    if (layers_[layer].activation == Activation::tanh) {
      value_bar *= (Scalar(1) - h) * (Scalar(1) + h);
    } else {
      value_bar = (h > Scalar(0)).select(value_bar, Scalar(0));
    }
    return;
  }
  const auto slope = rows(stage.d1).leftCols(samples).array();
  value_bar *= slope;
  for (int k = 1; k <= tangents; ++k) {
    auto tangent_bar = bar.middleCols(k * samples, samples).array();
    value_bar += rows(stage.d2).leftCols(samples).array() *
                 rows(stage.z).middleCols(k * samples, samples).array() * tangent_bar;
    tangent_bar *= slope;
  }
}

template <class Scalar>
void Mlp<Scalar>::pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> y_bar, MatrixOut<Scalar> x_bar,
                           VectorOut<Scalar> theta_bar) {
  pullback(theta, own_record(tangents_, columns_), tangents_, y_bar, x_bar, theta_bar);
}

template <class Scalar>
void Mlp<Scalar>::pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> record, int tangents,
                           MatrixIn<Scalar> y_bar, MatrixOut<Scalar> x_bar,
                           VectorOut<Scalar> theta_bar) {
  const Index columns = record.cols(), samples = columns / (tangents + 1);
  eigen_assert(y_bar.rows() == outputs() && y_bar.cols() == columns);
  reserve(columns);
  h_bar_.topLeftCorner(outputs(), columns) = y_bar;

  for (std::size_t i = layers_.size(); i-- > 0;) {
    const LayerSpec& spec = layers_[i];
    const Stage& stage = stages_[i];
    auto bar = h_bar_.topLeftCorner(spec.outputs, columns);
    pull_activation(record, tangents, i, bar);
    if (theta_bar.size() != 0) {
      Eigen::Map<Matrix<Scalar>> weight_bar(theta_bar.data() + stage.weight, spec.outputs,
                                            spec.inputs);
      gemm<Scalar>(Transpose::no, bar, Transpose::yes, record.middleRows(input_row(i), spec.inputs),
                   true, weight_bar);
      if (spec.bias) {
        auto sum = bias_bar_.head(spec.outputs);
        sum.setZero();
        for (Index j = 0; j < samples; ++j) sum += bar.col(j);
        theta_bar.segment(stage.bias, spec.outputs) += sum;
      }
    }
    if (i > 0) {
      gemm<Scalar>(Transpose::yes, weight(theta, i), Transpose::no, bar, false,
                   next_h_bar_.topLeftCorner(spec.inputs, columns));
      h_bar_.swap(next_h_bar_);
    } else if (x_bar.size() != 0) {
      gemm<Scalar>(Transpose::yes, weight(theta, i), Transpose::no, bar, false, x_bar);
    }
  }
}

template class Mlp<float>;
template class Mlp<double>;

}  // namespace neural_ode
