// A convolution (the cross-correlation that networks call so) of images as columns, see
// nn/image_shape.h, with zero padding:
//   y[o, p] = b[o] + sum over taps k, channels c of W[o, k, c] x[c, s p + k - padding]
// and with `time` one more input channel that is t everywhere inside the image, as in the ODE
// function of [chen2018]. That channel is never made: all it does is add t times a map of the
// weights, which is the same for every sample.
//
// The patches that the output pixels see are the columns of a matrix, a few hundred at a time, so
// that nearly all work is products of matrices in cache.
#pragma once

#include "engine/core/rng.h"
#include "engine/core/types.h"
#include "engine/nn/image_shape.h"
#include "engine/nn/parameter_layout.h"

namespace neural_ode {

struct ConvSpec {
  ImageShape input;
  int channels = 1;                         // of the output
  int kernel = 3, stride = 1, padding = 0;  // padding < kernel
  bool bias = true;
  bool time = false;
};

template <class Scalar>
class Conv {
 public:
  explicit Conv(const ConvSpec& spec);

  const ImageShape& input() const { return spec_.input; }
  const ImageShape& output() const { return output_; }
  // "weight": channels x (taps, row by row, and within a tap the input's channels), "time_weight":
  // channels x taps, "bias".
  const ParameterLayout& layout() const { return layout_; }

  // All uniform in +-1 / sqrt(inputs of an output pixel), as PyTorch does.
  void initialize(Rng& rng, VectorOut<Scalar> theta) const;

  // t: B (without a time channel it is not read), x: input().size() x B. Writes y:
  // output().size() x B. What pullback needs to have kept is x itself.
  void forward(VectorIn<Scalar> theta, TimesIn t, MatrixIn<Scalar> x, MatrixOut<Scalar> y);

  // Writes x_bar (skipped when empty); adds to theta_bar (skipped when empty) and, with a time
  // channel, to t_bar (B).
  void pullback(VectorIn<Scalar> theta, TimesIn t, MatrixIn<Scalar> x, MatrixIn<Scalar> y_bar,
                MatrixOut<Scalar> x_bar, VectorOut<Scalar> theta_bar, TimesOut t_bar);

 private:
  // The input pixels of one row of taps: source, the place of the first tap inside the image, and
  // which taps are inside.
  struct Run {
    Index pixel = 0, first = 0, count = 0;
  };
  Run run_of(Index row, Index column, Index tap_row) const;
  Index patch_size() const { return Index{spec_.kernel} * spec_.kernel * spec_.input.channels; }
  // Output pixels [begin, end), counted through all samples.
  void gather(MatrixIn<Scalar> x, Index begin, Index end);
  void scatter(Index begin, Index end, MatrixOut<Scalar> x_bar) const;
  // Where the chunk of output pixels that starts at `begin` ends.
  Index chunk_end(Index begin, MatrixIn<Scalar> y) const;
  void add_bias_and_time(VectorIn<Scalar> theta, TimesIn t, MatrixOut<Scalar> y);
  void pull_bias_and_time(TimesIn t, MatrixIn<Scalar> y_bar, VectorOut<Scalar> theta_bar,
                          TimesOut t_bar);
  // time_map_ from the weights; their cotangent from that of the map.
  void map_time_weight(VectorIn<Scalar> theta);
  void pull_time_weight(VectorOut<Scalar> theta_bar) const;

  ConvSpec spec_;
  ImageShape output_;
  ParameterLayout layout_;
  Index time_weight_ = 0, bias_ = 0;  // offsets into theta; the weight is at 0
  Matrix<Scalar> patches_;            // patch_size() x chunk
  Matrix<Scalar> time_map_,
      time_map_bar_;            // channels x pixels of the output: what t is multiplied by
  Vector<Scalar> channel_sum_;  // channels of the output
};

extern template class Conv<float>;
extern template class Conv<double>;

}  // namespace neural_ode
