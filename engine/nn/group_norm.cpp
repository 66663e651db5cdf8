#include "engine/nn/group_norm.h"

#include <cmath>

#include "engine/core/kernels.h"

namespace neural_ode {
namespace {

constexpr double epsilon = 1e-5;  // keeps a constant group finite; PyTorch's

// The images of a sample as channels x pixels.
template <class Scalar>
auto image_of(MatrixIn<Scalar> state, Index sample, const ImageShape& shape) {
  return Eigen::Map<const Matrix<Scalar>>(state.data() + sample * state.outerStride(),
                                          shape.channels, shape.pixels())
      .array();
}

// Zero where scale x + shift, the very number that forward had, was cut off.
template <class Scalar>
void pull_relu(const Scalar* x, const Scalar* scale, const Scalar* shift, Index count,
               Scalar* bar) {
  for (Index i = 0; i < count; ++i) {
    const Scalar z = x[i] * scale[i] + shift[i], kept = bar[i];
    bar[i] = z > Scalar(0) ? kept : Scalar(0);
  }
}

}  // namespace

template <class Scalar>
GroupNorm<Scalar>::GroupNorm(const GroupNormSpec& spec) : spec_(spec) {
  const int channels = spec.shape.channels;
  eigen_assert(channels % spec.groups == 0);
  layout_.add("weight", channels, 1);
  layout_.add("bias", channels, 1);
  for (Channels* each : {&mean_, &inverse_, &scale_, &shift_, &sum_, &product_sum_})
    each->resize(channels);
}

template <class Scalar>
void GroupNorm<Scalar>::initialize(VectorOut<Scalar> theta) const {
  theta.head(spec_.shape.channels).setOnes();
  theta.tail(spec_.shape.channels).setZero();
}

template <class Scalar>
void GroupNorm<Scalar>::load_statistics(VectorIn<Scalar> theta, const Scalar* record) {
  const Index channels = spec_.shape.channels, width = channels / spec_.groups;
  for (Index c = 0; c < channels; ++c) {
    mean_[c] = record[c / width];
    inverse_[c] = record[spec_.groups + c / width];
  }
  scale_ = theta.head(channels).array() * inverse_;
  shift_ = theta.tail(channels).array() - mean_ * scale_;
}

template <class Scalar>
void GroupNorm<Scalar>::forward(VectorIn<Scalar> theta, MatrixIn<Scalar> x,
                                MatrixOut<Scalar> record, MatrixOut<Scalar> y) {
  eigen_assert(theta.size() == layout_.size() && x.rows() == spec_.shape.size());
  eigen_assert(record.rows() == record_rows() && record.cols() == x.cols());
  const Index pixels = spec_.shape.pixels(), channels = spec_.shape.channels;
  const Index width = channels / spec_.groups;
  const double entries = static_cast<double>(width * pixels);
  for (Index s = 0; s < x.cols(); ++s) {
    const auto image = image_of<Scalar>(x, s, spec_.shape);
    const auto group_sum = [&](Index group) {
      double sum = 0;
      for (Index c = group * width; c < (group + 1) * width; ++c)
        sum += static_cast<double>(sum_[c]);
      return sum;
    };
    sum_.setZero();
    for (Index p = 0; p < pixels; ++p) sum_ += image.col(p);
    for (Index c = 0; c < channels; c += width) {
      const double mean = group_sum(c / width) / entries;
      record(c / width, s) = static_cast<Scalar>(mean);
      mean_.segment(c, width).setConstant(static_cast<Scalar>(mean));
    }
    sum_.setZero();
    for (Index p = 0; p < pixels; ++p) sum_ += (image.col(p) - mean_).square();
    for (Index group = 0; group < spec_.groups; ++group) {
      record(spec_.groups + group, s) =
          static_cast<Scalar>(1 / std::sqrt(group_sum(group) / entries + epsilon));
    }
    load_statistics(theta, record.data() + s * record.outerStride());
    Eigen::Map<Matrix<Scalar>> out(y.data() + s * y.outerStride(), channels, pixels);
    for (Index p = 0; p < pixels; ++p) out.col(p).array() = image.col(p) * scale_ + shift_;
    if (spec_.relu) {
      activate<Scalar>(Activation::relu, out.size(), 1, out.size(), out.data(), nullptr, out.data(),
                       nullptr, nullptr);
    }
  }
}

// With g the cotangent of gamma x_hat and n the entries of a group,
//   x_bar = (gamma g - (sum gamma g + x_hat sum gamma g x_hat) / n) / sigma.
template <class Scalar>
void GroupNorm<Scalar>::pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> x,
                                 MatrixIn<Scalar> record, MatrixIn<Scalar> y_bar,
                                 MatrixOut<Scalar> x_bar, VectorOut<Scalar> theta_bar) {
  eigen_assert(y_bar.rows() == spec_.shape.size() && y_bar.cols() == x.cols());
  const Index pixels = spec_.shape.pixels(), channels = spec_.shape.channels;
  const Index width = channels / spec_.groups;
  const double entries = static_cast<double>(width * pixels);
  for (Index s = 0; s < x.cols(); ++s) {
    load_statistics(theta, record.data() + s * record.outerStride());
    const auto image = image_of<Scalar>(x, s, spec_.shape);
    const auto image_bar = image_of<Scalar>(y_bar, s, spec_.shape);
    Eigen::Map<Matrix<Scalar>> out(x_bar.data() + s * x_bar.outerStride(), channels, pixels);
    sum_.setZero();
    product_sum_.setZero();
    for (Index p = 0; p < pixels; ++p) {
      auto g = out.col(p).array();
      g = image_bar.col(p);
      if (spec_.relu)
        pull_relu(image.data() + p * channels, scale_.data(), shift_.data(), channels, g.data());
      sum_ += g;
      product_sum_ += g * (image.col(p) - mean_) * inverse_;
    }
    if (theta_bar.size() != 0) {
      theta_bar.head(channels).array() += product_sum_;
      theta_bar.tail(channels).array() += sum_;
    }
    // Per channel: x_bar = scale g - (sum_ + (x - mean) product_sum_).
    for (Index first = 0; first < channels; first += width) {
      double sum = 0, product_sum = 0;
      for (Index c = first; c < first + width; ++c) {
        sum += static_cast<double>(theta[c]) * static_cast<double>(sum_[c]);
        product_sum += static_cast<double>(theta[c]) * static_cast<double>(product_sum_[c]);
      }
      const auto inverse = static_cast<double>(inverse_[first]);
      sum_.segment(first, width).setConstant(static_cast<Scalar>(inverse * sum / entries));
      product_sum_.segment(first, width)
          .setConstant(static_cast<Scalar>(inverse * inverse * product_sum / entries));
    }
    for (Index p = 0; p < pixels; ++p) {
      auto g = out.col(p).array();
      g = g * scale_ - (sum_ + (image.col(p) - mean_) * product_sum_);
    }
  }
}

template class GroupNorm<float>;
template class GroupNorm<double>;

}  // namespace neural_ode
