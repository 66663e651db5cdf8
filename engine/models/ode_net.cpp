#include "engine/models/ode_net.h"

#include <algorithm>

#include "engine/core/parallel.h"
#include "engine/core/tiles.h"

namespace neural_ode {

template <class Scalar>
OdeNet<Scalar>::OdeNet(const OdeNetSpec& spec) : spec_(spec) {
  tiles_.resize(1);
  tiles_[0].pass = std::make_unique<OdeNetPass<Scalar>>(spec_);
}

template <class Scalar>
void OdeNet<Scalar>::cut(Index batch) {
  const Tiles tiles = equal_tiles(batch, tile);
  count_ = static_cast<int>(tiles.count);
  // The records are shared out anew when there are more tiles than ever before.
  if (tiles_.size() < static_cast<std::size_t>(count_)) {
    tiles_.resize(static_cast<std::size_t>(count_));
    OdeNetSpec part = spec_;
    part.record_bytes /= static_cast<std::size_t>(count_);
    for (Tile& each : tiles_) each.pass = std::make_unique<OdeNetPass<Scalar>>(part);
  }
  for (int i = 0; i < count_; ++i) {
    Tile& each = tiles_[static_cast<std::size_t>(i)];
    each.first = tiles.first(i);
    each.columns = tiles.columns(i);
  }
}

template <class Scalar>
const SolveReport& OdeNet<Scalar>::merge_reports(Index batch) {
  report_.reset(batch);
  for (int i = 0; i < count_; ++i) {
    const Tile& each = tiles_[static_cast<std::size_t>(i)];
    report_.add_part(each.report, each.first);
  }
  return report_;
}

template <class Scalar>
const SolveReport& OdeNet<Scalar>::loss_and_gradient(const Vector<Scalar>& theta,
                                                     MatrixIn<Scalar> x, std::span<const int> label,
                                                     double& loss, Vector<Scalar>& theta_bar) {
  const Index batch = x.cols();
  cut(batch);
  parallel_for(count_, [&](int i) {
    Tile& each = tiles_[static_cast<std::size_t>(i)];
    each.report = each.pass->loss_and_gradient(
        theta, x.middleCols(each.first, each.columns),
        label.subspan(static_cast<std::size_t>(each.first), static_cast<std::size_t>(each.columns)),
        static_cast<double>(each.columns) / static_cast<double>(batch), each.loss, each.theta_bar);
  });
  loss = 0;
  for (int i = 0; i < count_; ++i) {
    const Tile& each = tiles_[static_cast<std::size_t>(i)];
    loss += each.loss;
    if (i == 0)
      theta_bar = each.theta_bar;
    else
      theta_bar += each.theta_bar;
  }
  return merge_reports(batch);
}

template <class Scalar>
const SolveReport& OdeNet<Scalar>::predict(const Vector<Scalar>& theta, MatrixIn<Scalar> x,
                                           MatrixOut<Scalar> logits) {
  cut(x.cols());
  parallel_for(count_, [&](int i) {
    Tile& each = tiles_[static_cast<std::size_t>(i)];
    each.report = each.pass->predict(theta, x.middleCols(each.first, each.columns),
                                     logits.middleCols(each.first, each.columns));
  });
  return merge_reports(x.cols());
}

template <class Scalar>
Count OdeNet<Scalar>::nfe_backward() const {
  Count most = 0;
  for (int i = 0; i < count_; ++i)
    most = std::max(most, tiles_[static_cast<std::size_t>(i)].pass->gradient().nfe_backward());
  return most;
}

template <class Scalar>
Count OdeNet<Scalar>::nvjp() const {
  Count most = 0;
  for (int i = 0; i < count_; ++i)
    most = std::max(most, tiles_[static_cast<std::size_t>(i)].pass->gradient().nvjp());
  return most;
}

template <class Scalar>
std::size_t OdeNet<Scalar>::state_bytes() const {
  std::size_t bytes = 0;
  for (int i = 0; i < count_; ++i)
    bytes += tiles_[static_cast<std::size_t>(i)].pass->gradient().state_bytes();
  return bytes;
}

template class OdeNet<float>;
template class OdeNet<double>;

}  // namespace neural_ode
