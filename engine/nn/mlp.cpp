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
  int widest = 0;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const LayerSpec& spec = layers_[i];
    eigen_assert(i == 0 || layers_[i - 1].outputs == spec.inputs);
    const std::string name = std::to_string(i);
    stages_[i].weight = layout_.add(name + ".weight", spec.outputs, spec.inputs);
    if (spec.bias) stages_[i].bias = layout_.add(name + ".bias", spec.outputs, 1);
    widest = std::max({widest, spec.inputs, spec.outputs});
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
  x_.resize(inputs(), columns);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Stage& stage = stages_[i];
    stage.z.resize(layers_[i].outputs, columns);
    if (layers_[i].activation == Activation::identity) continue;
    stage.h.resize(layers_[i].outputs, columns);
    stage.d1.resize(layers_[i].outputs, columns);
    stage.d2.resize(layers_[i].outputs, columns);
  }
  h_bar_.resize(bias_bar_.size(), columns);
  next_h_bar_.resize(bias_bar_.size(), columns);
}

template <class Scalar>
Eigen::Map<const Matrix<Scalar>> Mlp<Scalar>::weight(VectorIn<Scalar> theta,
                                                     std::size_t layer) const {
  return {theta.data() + stages_[layer].weight, layers_[layer].outputs, layers_[layer].inputs};
}

template <class Scalar>
const Matrix<Scalar>& Mlp<Scalar>::input_of(std::size_t layer) const {
  if (layer == 0) return x_;
  const Stage& below = stages_[layer - 1];
  return layers_[layer - 1].activation == Activation::identity ? below.z : below.h;
}

template <class Scalar>
void Mlp<Scalar>::activate_layer(VectorIn<Scalar> theta, std::size_t layer, bool first,
                                 bool second) {
  const LayerSpec& spec = layers_[layer];
  Stage& stage = stages_[layer];
  const Scalar* bias = spec.bias ? theta.data() + stage.bias : nullptr;
  const bool linear = spec.activation == Activation::identity;
  if (linear && bias == nullptr) return;
  activate<Scalar>(spec.activation, spec.outputs, samples_, spec.outputs, stage.z.data(), bias,
                   linear ? stage.z.data() : stage.h.data(),
                   first && !linear ? stage.d1.data() : nullptr,
                   second && !linear ? stage.d2.data() : nullptr);
}

template <class Scalar>
MatrixIn<Scalar> Mlp<Scalar>::output(Index columns) const {
  const bool linear = layers_.back().activation == Activation::identity;
  return (linear ? stages_.back().z : stages_.back().h).leftCols(columns);
}

template <class Scalar>
MatrixIn<Scalar> Mlp<Scalar>::evaluate(VectorIn<Scalar> theta, MatrixIn<Scalar> x) {
  eigen_assert(theta.size() == layout_.size() && x.rows() == inputs());
  samples_ = x.cols();
  tangents_ = 0;
  reserve(samples_);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const MatrixIn<Scalar> input = i == 0 ? x : MatrixIn<Scalar>(input_of(i).leftCols(samples_));
    gemm<Scalar>(Transpose::no, weight(theta, i), Transpose::no, input, false,
                 stages_[i].z.leftCols(samples_));
    activate_layer(theta, i, false, false);
  }
  return output(samples_);
}

template <class Scalar>
MatrixIn<Scalar> Mlp<Scalar>::forward(VectorIn<Scalar> theta, MatrixIn<Scalar> x, int tangents) {
  eigen_assert(theta.size() == layout_.size() && x.rows() == inputs());
  eigen_assert(tangents >= 0 && x.cols() % (tangents + 1) == 0);
  const Index columns = x.cols();
  reserve(columns);
  samples_ = columns / (tangents + 1);
  tangents_ = tangents;
  x_.leftCols(columns) = x;

  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Stage& stage = stages_[i];
    gemm<Scalar>(Transpose::no, weight(theta, i), Transpose::no, input_of(i).leftCols(columns),
                 false, stage.z.leftCols(columns));
    activate_layer(theta, i, true, tangents > 0);  // tangents have no bias
    if (layers_[i].activation == Activation::identity) continue;
    const auto slope = stage.d1.leftCols(samples_).array();
    for (int k = 1; k <= tangents; ++k) {
      stage.h.middleCols(k * samples_, samples_) =
          slope * stage.z.middleCols(k * samples_, samples_).array();
    }
  }
  return output(columns);
}

template <class Scalar>
void Mlp<Scalar>::pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> y_bar, MatrixOut<Scalar> x_bar,
                           VectorOut<Scalar> theta_bar) {
  const Index columns = samples_ * (tangents_ + 1);
  eigen_assert(y_bar.rows() == outputs() && y_bar.cols() == columns);
  h_bar_.topLeftCorner(outputs(), columns) = y_bar;

  for (std::size_t i = layers_.size(); i-- > 0;) {
    const LayerSpec& spec = layers_[i];
    Stage& stage = stages_[i];
    auto bar = h_bar_.topLeftCorner(spec.outputs, columns);
    if (spec.activation != Activation::identity) {
      // z_bar = s' h_bar + s'' sum_k z_dot_k h_dot_bar_k;  z_dot_bar = s' h_dot_bar
      auto value_bar = bar.leftCols(samples_).array();
      const auto slope = stage.d1.leftCols(samples_).array();
      const auto curvature = stage.d2.leftCols(samples_).array();
      value_bar *= slope;
      for (int k = 1; k <= tangents_; ++k) {
        auto tangent_bar = bar.middleCols(k * samples_, samples_).array();
        value_bar += curvature * stage.z.middleCols(k * samples_, samples_).array() * tangent_bar;
        tangent_bar *= slope;
      }
    }
    if (theta_bar.size() != 0) {
      Eigen::Map<Matrix<Scalar>> weight_bar(theta_bar.data() + stage.weight, spec.outputs,
                                            spec.inputs);
      gemm<Scalar>(Transpose::no, bar, Transpose::yes, input_of(i).leftCols(columns), true,
                   weight_bar);
      if (spec.bias) {
        auto sum = bias_bar_.head(spec.outputs);
        sum.setZero();
        for (Index j = 0; j < samples_; ++j) sum += bar.col(j);
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
