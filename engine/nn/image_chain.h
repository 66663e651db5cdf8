// Convolutions and group normalisations one after another: what the image networks of [chen2018]
// and the residual blocks of [he2016] are made of.
#pragma once

#include <variant>
#include <vector>

#include "engine/nn/conv.h"
#include "engine/nn/group_norm.h"

namespace neural_ode {

using ImageStage = std::variant<ConvSpec, GroupNormSpec>;

// Norm with relu, 3 x 3 convolution, the same again: images of `shape` to images of `shape`. With
// `field`, as the ODE function of [chen2018] has it: the convolutions have a bias and see t, and
// one more norm follows.
std::vector<ImageStage> residual_branch(const ImageShape& shape, bool field);

template <class Scalar>
class ImageChain {
 public:
  // What a stage makes the next must take.
  explicit ImageChain(const std::vector<ImageStage>& stages);

  const ImageShape& input() const { return shapes_.front(); }
  const ImageShape& output() const { return shapes_.back(); }
  const ParameterLayout& layout() const {
    return layout_;
  }  // "0.weight", "0.bias", "1.weight", ...
  void initialize(Rng& rng, VectorOut<Scalar> theta) const;

  // Sizes the scratch for `batch` samples; calls with more columns do so too.
  void reserve(Index batch);

  // Entries, for each sample, of what a forward leaves for its pullback besides t and x.
  Index record_rows() const { return record_offsets_.back(); }

  // t: B, read where a convolution has a time channel; x: input().size() x B. Writes the record
  // (record_rows() B entries, the caller's to keep alive) and y: output().size() x B.
  void forward(VectorIn<Scalar> theta, TimesIn t, MatrixIn<Scalar> x, Scalar* record,
               MatrixOut<Scalar> y);
  // Reverse of the forward of the same x and record. Writes x_bar (skipped when empty); adds to
  // theta_bar (skipped when empty) and to t_bar (B).
  void pullback(VectorIn<Scalar> theta, TimesIn t, MatrixIn<Scalar> x, const Scalar* record,
                MatrixIn<Scalar> y_bar, MatrixOut<Scalar> x_bar, VectorOut<Scalar> theta_bar,
                TimesOut t_bar);

 private:
  using Layer = std::variant<Conv<Scalar>, GroupNorm<Scalar>>;

  // The parameters of a stage in theta or theta_bar; empty of empty.
  VectorIn<Scalar> slice(VectorIn<Scalar> theta, std::size_t stage) const;
  VectorOut<Scalar> slice_bar(VectorOut<Scalar> theta_bar, std::size_t stage) const;

  // Rows of stage i in a record: the statistics of a norm, then, but for the last stage, what it
  // makes. All samples of a stage lie together, as the convolutions like them.
  Index statistics_rows(std::size_t stage) const;

  std::vector<Layer> layers_;
  std::vector<ImageShape> shapes_;     // shapes_[i] enters stage i
  std::vector<Index> offsets_;         // of the stages in theta, and its size
  std::vector<Index> record_offsets_;  // of the stages in the record of one sample, and its size
  ParameterLayout layout_;
  Vector<Scalar> bar_[2];  // scratch: the cotangents of what enters stages, in turn
};

extern template class ImageChain<float>;
extern template class ImageChain<double>;

}  // namespace neural_ode
