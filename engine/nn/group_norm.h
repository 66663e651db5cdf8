// Group normalisation [wu2018] of images as columns, see nn/image_shape.h, and, where asked, the
// relu that follows it:
//   y = gamma x_hat + beta,   x_hat = (x - mean) / sqrt(variance + 1e-5)
// with mean and (biased) variance over the pixels and channels of a group of one sample, gamma and
// beta one number for each channel.
#pragma once

#include "engine/core/types.h"
#include "engine/nn/image_shape.h"
#include "engine/nn/parameter_layout.h"

namespace neural_ode {

struct GroupNormSpec {
  ImageShape shape;
  int groups = 1;  // divides the channels
  bool relu = false;
};

// Two channels a group: the 32 groups of 64 channels that the ODE-Net of [chen2018] has. Groups of
// one channel would leave nothing of the channel's mean, and that is what the classifier's pooling
// hands to its read-out.
inline int usual_groups(int channels) {
  return channels % 2 == 0 ? channels / 2 : 1;
}

template <class Scalar>
class GroupNorm {
 public:
  explicit GroupNorm(const GroupNormSpec& spec);

  const ImageShape& shape() const { return spec_.shape; }
  // "weight" (gamma), "bias" (beta)
  const ParameterLayout& layout() const { return layout_; }
  void initialize(VectorOut<Scalar> theta) const;  // gamma = 1, beta = 0

  // Rows of what forward keeps for pullback besides x: mean and 1 / sigma of each group.
  Index record_rows() const { return 2 * Index{spec_.groups}; }

  // x: shape().size() x B. Writes record: record_rows() x B, and y, which may be x.
  void forward(VectorIn<Scalar> theta, MatrixIn<Scalar> x, MatrixOut<Scalar> record,
               MatrixOut<Scalar> y);
  // Reverse of the forward of the same x and record. Writes x_bar, which may be y_bar; adds to
  // theta_bar (skipped when empty).
  void pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> x, MatrixIn<Scalar> record,
                MatrixIn<Scalar> y_bar, MatrixOut<Scalar> x_bar, VectorOut<Scalar> theta_bar);

 private:
  using Channels = Eigen::Array<Scalar, Eigen::Dynamic, 1>;

  // mean_ and inverse_ (of every channel) from a column of the record, then scale_ and shift_:
  // y = scale x + shift.
  void load_statistics(VectorIn<Scalar> theta, const Scalar* record);

  GroupNormSpec spec_;
  ParameterLayout layout_;
  Channels mean_, inverse_, scale_, shift_;
  Channels sum_, product_sum_;  // over pixels
};

extern template class GroupNorm<float>;
extern template class GroupNorm<double>;

}  // namespace neural_ode
