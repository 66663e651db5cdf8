#include "engine/nn/conv.h"

#include <algorithm>

#include "engine/core/kernels.h"
#include "engine/nn/initialization.h"

namespace neural_ode {
namespace {

// Columns of a product: with 64 channels and 3 x 3 taps their patches fit the second-level cache.
constexpr Index chunk_columns = 144;

// Where a pixel, counted through all samples, begins in a state whose samples are `stride` apart.
Index offset_of(const ImageShape& shape, Index stride, Index pixel) {
  return pixel / shape.pixels() * stride + pixel % shape.pixels() * shape.channels;
}

}  // namespace

template <class Scalar>
Conv<Scalar>::Conv(const ConvSpec& spec) : spec_(spec) {
  eigen_assert(spec.padding < spec.kernel);
  const auto length = [&](int size) {
    eigen_assert(size + 2 * spec.padding >= spec.kernel);
    return (size + 2 * spec.padding - spec.kernel) / spec.stride + 1;
  };
  output_ = {spec.channels, length(spec.input.height), length(spec.input.width)};
  layout_.add("weight", spec.channels, patch_size());
  if (spec.time) {
    time_weight_ = layout_.add("time_weight", spec.channels, Index{spec.kernel} * spec.kernel);
    time_map_.resize(output_.channels, output_.pixels());
    time_map_bar_.resize(output_.channels, output_.pixels());
  }
  if (spec.bias) bias_ = layout_.add("bias", spec.channels, 1);
  patches_.resize(patch_size(), chunk_columns);
  channel_sum_.resize(spec.channels);
}

template <class Scalar>
void Conv<Scalar>::initialize(Rng& rng, VectorOut<Scalar> theta) const {
  const int inputs = spec_.input.channels + (spec_.time ? 1 : 0);
  fill_uniform<Scalar>(rng, Index{spec_.kernel} * spec_.kernel * inputs, theta);
}

template <class Scalar>
typename Conv<Scalar>::Run Conv<Scalar>::run_of(Index row, Index column, Index tap_row) const {
  const Index y = row * spec_.stride - spec_.padding + tap_row;
  const Index x = column * spec_.stride - spec_.padding;
  if (y < 0 || y >= spec_.input.height) return {};
  const Index first = std::max<Index>(0, -x);
  const Index last = std::min<Index>(spec_.kernel, spec_.input.width - x);
  return {y * spec_.input.width + x + first, first, last - first};
}

template <class Scalar>
Index Conv<Scalar>::chunk_end(Index begin, MatrixIn<Scalar> y) const {
  const bool together = y.outerStride() == y.rows();
  const Index end =
      together ? y.cols() * output_.pixels() : (begin / output_.pixels() + 1) * output_.pixels();
  return std::min(end, begin + chunk_columns);
}

template <class Scalar>
void Conv<Scalar>::gather(MatrixIn<Scalar> x, Index begin, Index end) {
  const Index channels = spec_.input.channels, length = spec_.kernel * channels;
  Scalar* to = patches_.data();
  for (Index q = begin; q < end; ++q) {
    const Scalar* image = x.data() + q / output_.pixels() * x.outerStride();
    const Index pixel = q % output_.pixels();
    for (Index k = 0; k < spec_.kernel; ++k, to += length) {
      const Run run = run_of(pixel / output_.width, pixel % output_.width, k);
      const Index first = run.first * channels, last = first + run.count * channels;
      std::fill(to, to + first, Scalar(0));
      std::copy_n(image + run.pixel * channels, last - first, to + first);
      std::fill(to + last, to + length, Scalar(0));
    }
  }
}

template <class Scalar>
void Conv<Scalar>::scatter(Index begin, Index end, MatrixOut<Scalar> x_bar) const {
  const Index channels = spec_.input.channels, length = spec_.kernel * channels;
  const Scalar* from = patches_.data();
  for (Index q = begin; q < end; ++q) {
    Scalar* image = x_bar.data() + q / output_.pixels() * x_bar.outerStride();
    const Index pixel = q % output_.pixels();
    for (Index k = 0; k < spec_.kernel; ++k, from += length) {
      const Run run = run_of(pixel / output_.width, pixel % output_.width, k);
      const Index count = run.count * channels;
      Eigen::Map<Vector<Scalar>>(image + run.pixel * channels, count) +=
          Eigen::Map<const Vector<Scalar>>(from + run.first * channels, count);
    }
  }
}

template <class Scalar>
void Conv<Scalar>::map_time_weight(VectorIn<Scalar> theta) {
  const Eigen::Map<const Matrix<Scalar>> weight(theta.data() + time_weight_, spec_.channels,
                                                Index{spec_.kernel} * spec_.kernel);
  time_map_.setZero();
  for (Index pixel = 0; pixel < output_.pixels(); ++pixel) {
    for (Index k = 0; k < spec_.kernel; ++k) {
      const Run run = run_of(pixel / output_.width, pixel % output_.width, k);
      for (Index tap = run.first; tap < run.first + run.count; ++tap)
        time_map_.col(pixel) += weight.col(k * spec_.kernel + tap);
    }
  }
}

template <class Scalar>
void Conv<Scalar>::pull_time_weight(VectorOut<Scalar> theta_bar) const {
  Eigen::Map<Matrix<Scalar>> weight_bar(theta_bar.data() + time_weight_, spec_.channels,
                                        Index{spec_.kernel} * spec_.kernel);
  for (Index pixel = 0; pixel < output_.pixels(); ++pixel) {
    for (Index k = 0; k < spec_.kernel; ++k) {
      const Run run = run_of(pixel / output_.width, pixel % output_.width, k);
      for (Index tap = run.first; tap < run.first + run.count; ++tap)
        weight_bar.col(k * spec_.kernel + tap) += time_map_bar_.col(pixel);
    }
  }
}

template <class Scalar>
void Conv<Scalar>::add_bias_and_time(VectorIn<Scalar> theta, TimesIn t, MatrixOut<Scalar> y) {
  if (spec_.time) map_time_weight(theta);
  for (Index s = 0; s < y.cols(); ++s) {
    Eigen::Map<Matrix<Scalar>> image(y.data() + s * y.outerStride(), output_.channels,
                                     output_.pixels());
    if (spec_.time) image += static_cast<Scalar>(t[s]) * time_map_;
    if (!spec_.bias) continue;
    const auto bias = theta.segment(bias_, spec_.channels);
    for (Index p = 0; p < output_.pixels(); ++p) image.col(p) += bias;
  }
}

template <class Scalar>
void Conv<Scalar>::forward(VectorIn<Scalar> theta, TimesIn t, MatrixIn<Scalar> x,
                           MatrixOut<Scalar> y) {
  eigen_assert(theta.size() == layout_.size() && x.rows() == spec_.input.size());
  eigen_assert(y.rows() == output_.size() && y.cols() == x.cols());
  const Eigen::Map<const Matrix<Scalar>> weight(theta.data(), spec_.channels, patch_size());
  for (Index begin = 0, end; begin < y.cols() * output_.pixels(); begin = end) {
    end = chunk_end(begin, y);
    gather(x, begin, end);
    gemm<Scalar>(Transpose::no, weight, Transpose::no, patches_.leftCols(end - begin), false,
                 Eigen::Map<Matrix<Scalar>>(y.data() + offset_of(output_, y.outerStride(), begin),
                                            spec_.channels, end - begin));
  }
  if (spec_.time || spec_.bias) add_bias_and_time(theta, t, y);
}

template <class Scalar>
void Conv<Scalar>::pull_bias_and_time(TimesIn t, MatrixIn<Scalar> y_bar,
                                      VectorOut<Scalar> theta_bar, TimesOut t_bar) {
  const bool parameters = theta_bar.size() != 0;
  if (spec_.time) time_map_bar_.setZero();
  for (Index s = 0; s < y_bar.cols(); ++s) {
    const Eigen::Map<const Matrix<Scalar>> image_bar(y_bar.data() + s * y_bar.outerStride(),
                                                     output_.channels, output_.pixels());
    if (spec_.bias && parameters) {
      channel_sum_.setZero();
      for (Index p = 0; p < output_.pixels(); ++p) channel_sum_ += image_bar.col(p);
      theta_bar.segment(bias_, spec_.channels) += channel_sum_;
    }
    if (!spec_.time) continue;
    if (parameters) time_map_bar_ += static_cast<Scalar>(t[s]) * image_bar;
    channel_sum_.setZero();
    for (Index p = 0; p < output_.pixels(); ++p)
      channel_sum_ += time_map_.col(p).cwiseProduct(image_bar.col(p));
    double sum = 0;
    for (const Scalar each : channel_sum_) sum += static_cast<double>(each);
    t_bar[s] += sum;
  }
  if (spec_.time && parameters) pull_time_weight(theta_bar);
}

template <class Scalar>
void Conv<Scalar>::pullback(VectorIn<Scalar> theta, TimesIn t, MatrixIn<Scalar> x,
                            MatrixIn<Scalar> y_bar, MatrixOut<Scalar> x_bar,
                            VectorOut<Scalar> theta_bar, TimesOut t_bar) {
  eigen_assert(y_bar.rows() == output_.size() && y_bar.cols() == x.cols());
  const Eigen::Map<const Matrix<Scalar>> weight(theta.data(), spec_.channels, patch_size());
  const bool parameters = theta_bar.size() != 0, inputs = x_bar.size() != 0;
  if (inputs) x_bar.setZero();
  for (Index begin = 0, end; begin < y_bar.cols() * output_.pixels(); begin = end) {
    end = chunk_end(begin, y_bar);
    const Eigen::Map<const Matrix<Scalar>> chunk_bar(
        y_bar.data() + offset_of(output_, y_bar.outerStride(), begin), spec_.channels, end - begin);
    auto patches = patches_.leftCols(end - begin);
    if (parameters) {
      gather(x, begin, end);
      gemm<Scalar>(Transpose::no, chunk_bar, Transpose::yes, patches, true,
                   Eigen::Map<Matrix<Scalar>>(theta_bar.data(), spec_.channels, patch_size()));
    }
    if (inputs) {
      gemm<Scalar>(Transpose::yes, weight, Transpose::no, chunk_bar, false, patches);
      scatter(begin, end, x_bar);
    }
  }
  if (spec_.time) map_time_weight(theta);
  if (spec_.time || spec_.bias) pull_bias_and_time(t, y_bar, theta_bar, t_bar);
}

template class Conv<float>;
template class Conv<double>;

}  // namespace neural_ode
