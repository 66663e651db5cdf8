#include "engine/nn/image_chain.h"

#include <algorithm>
#include <string>

namespace neural_ode {

std::vector<ImageStage> residual_branch(const ImageShape& shape, bool field) {
  const GroupNormSpec norm{shape, usual_groups(shape.channels), true};
  const ConvSpec conv{shape, shape.channels, 3, 1, 1, field, field};
  std::vector<ImageStage> stages = {norm, conv, norm, conv};
  if (field) stages.push_back(GroupNormSpec{shape, norm.groups, false});
  return stages;
}

template <class Scalar>
ImageChain<Scalar>::ImageChain(const std::vector<ImageStage>& stages) {
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const std::string prefix = std::to_string(i) + ".";
    if (const auto* spec = std::get_if<ConvSpec>(&stages[i])) {
      const auto& conv = std::get<Conv<Scalar>>(layers_.emplace_back(Conv<Scalar>(*spec)));
      if (i == 0) shapes_.push_back(conv.input());
      eigen_assert(conv.input().size() == shapes_.back().size());
      shapes_.push_back(conv.output());
      offsets_.push_back(layout_.append(prefix, conv.layout()));
    } else {
      const auto& norm = std::get<GroupNorm<Scalar>>(
          layers_.emplace_back(GroupNorm<Scalar>(std::get<GroupNormSpec>(stages[i]))));
      if (i == 0) shapes_.push_back(norm.shape());
      eigen_assert(norm.shape().size() == shapes_.back().size());
      shapes_.push_back(norm.shape());
      offsets_.push_back(layout_.append(prefix, norm.layout()));
    }
  }
  offsets_.push_back(layout_.size());
  record_offsets_.push_back(0);
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Index made = i + 1 < layers_.size() ? shapes_[i + 1].size() : 0;
    record_offsets_.push_back(record_offsets_[i] + statistics_rows(i) + made);
  }
}

template <class Scalar>
Index ImageChain<Scalar>::statistics_rows(std::size_t stage) const {
  const auto* norm = std::get_if<GroupNorm<Scalar>>(&layers_[stage]);
  return norm == nullptr ? 0 : norm->record_rows();
}

template <class Scalar>
void ImageChain<Scalar>::initialize(Rng& rng, VectorOut<Scalar> theta) const {
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    auto part = theta.segment(offsets_[i], offsets_[i + 1] - offsets_[i]);
    if (const auto* conv = std::get_if<Conv<Scalar>>(&layers_[i])) {
      conv->initialize(rng, part);
    } else {
      std::get<GroupNorm<Scalar>>(layers_[i]).initialize(part);
    }
  }
}

template <class Scalar>
void ImageChain<Scalar>::reserve(Index batch) {
  Index largest = 0;
  for (const ImageShape& shape : shapes_) largest = std::max(largest, shape.size());
  for (Vector<Scalar>& bar : bar_) {
    if (bar.size() < largest * batch) bar.resize(largest * batch);
  }
}

template <class Scalar>
VectorIn<Scalar> ImageChain<Scalar>::slice(VectorIn<Scalar> theta, std::size_t stage) const {
  return theta.segment(offsets_[stage], offsets_[stage + 1] - offsets_[stage]);
}

template <class Scalar>
VectorOut<Scalar> ImageChain<Scalar>::slice_bar(VectorOut<Scalar> theta_bar,
                                                std::size_t stage) const {
  if (theta_bar.size() == 0) return theta_bar;
  return theta_bar.segment(offsets_[stage], offsets_[stage + 1] - offsets_[stage]);
}

template <class Scalar>
void ImageChain<Scalar>::forward(VectorIn<Scalar> theta, TimesIn t, MatrixIn<Scalar> x,
                                 Scalar* record, MatrixOut<Scalar> y) {
  using Map = Eigen::Map<Matrix<Scalar>>;
  eigen_assert(theta.size() == layout_.size());
  const Index batch = x.cols();
  const Scalar* entering = nullptr;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    Scalar* statistics = record + record_offsets_[i] * batch;
    Scalar* made = statistics + statistics_rows(i) * batch;
    const MatrixIn<Scalar> from = i == 0 ? x
                                         : MatrixIn<Scalar>(Eigen::Map<const Matrix<Scalar>>(
                                               entering, shapes_[i].size(), batch));
    MatrixOut<Scalar> to =
        i + 1 == layers_.size() ? y : MatrixOut<Scalar>(Map(made, shapes_[i + 1].size(), batch));
    if (auto* conv = std::get_if<Conv<Scalar>>(&layers_[i])) {
      conv->forward(slice(theta, i), t, from, to);
    } else {
      std::get<GroupNorm<Scalar>>(layers_[i])
          .forward(slice(theta, i), from, Map(statistics, statistics_rows(i), batch), to);
    }
    entering = made;
  }
}

template <class Scalar>
void ImageChain<Scalar>::pullback(VectorIn<Scalar> theta, TimesIn t, MatrixIn<Scalar> x,
                                  const Scalar* record, MatrixIn<Scalar> y_bar,
                                  MatrixOut<Scalar> x_bar, VectorOut<Scalar> theta_bar,
                                  TimesOut t_bar) {
  using Map = Eigen::Map<const Matrix<Scalar>>;
  const Index batch = x.cols();
  reserve(batch);
  // Of what enters stage i.
  const auto buffer = [&](std::size_t i) {
    return Eigen::Map<Matrix<Scalar>>(bar_[i % 2].data(), shapes_[i].size(), batch);
  };
  for (std::size_t i = layers_.size(); i-- > 0;) {
    const Scalar* statistics = record + record_offsets_[i] * batch;
    const MatrixIn<Scalar> from = i == 0
                                      ? x
                                      : MatrixIn<Scalar>(Map(statistics - shapes_[i].size() * batch,
                                                             shapes_[i].size(), batch));
    const MatrixIn<Scalar> bar = i + 1 == layers_.size() ? y_bar : MatrixIn<Scalar>(buffer(i + 1));
    auto* conv = std::get_if<Conv<Scalar>>(&layers_[i]);
    // A convolution at the front need not say what its input does.
    const bool given = i == 0 && (conv != nullptr || x_bar.size() != 0);
    MatrixOut<Scalar> out = given ? x_bar : MatrixOut<Scalar>(buffer(i));
    if (conv != nullptr) {
      conv->pullback(slice(theta, i), t, from, bar, out, slice_bar(theta_bar, i), t_bar);
    } else {
      std::get<GroupNorm<Scalar>>(layers_[i])
          .pullback(slice(theta, i), from, Map(statistics, statistics_rows(i), batch), bar, out,
                    slice_bar(theta_bar, i));
    }
  }
}

template class ImageChain<float>;
template class ImageChain<double>;

}  // namespace neural_ode
