// Any strategy on column tiles of the batch, each a solve of its own on any thread.
//
// Samples choose their steps by themselves, so tiles change nothing but the order in which
// theta_bar (and the times_bar of shared times) is summed. How the batch is cut and in which order
// tiles are summed depends on nothing but its size: the bits are those of any number of threads.
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "engine/core/parallel.h"
#include "engine/core/tiles.h"
#include "engine/gradient/gradient.h"
#include "engine/gradient/tile_field.h"
#include "engine/gradient/time_gradient.h"

namespace neural_ode {
namespace {

// How many columns of a product are computed together: tiles of a multiple leave none over.
constexpr Index product_columns = 6;

template <class Scalar>
class TiledGradient final : public Gradient<Scalar> {
 public:
  TiledGradient(MakeGradient<Scalar> make, const SolverOptions& options,
                const GradientOptions& gradient)
      : make_(make), options_(options), gradient_(gradient), whole_(make(options, gradient)) {}

  const SolveReport& forward(VectorField<Scalar>& field, MatrixIn<Scalar> y0,
                             const Matrix<double>& times, const Events<Scalar>& events) override;
  const std::vector<Matrix<Scalar>>& states() const override {
    return tiled() ? states_ : whole_->states();
  }
  const Matrix<double>& times() const override { return tiled() ? times_ : whole_->times(); }

  const SolveReport& backward(VectorField<Scalar>& field,
                              const std::vector<Matrix<Scalar>>& states_bar) override;
  const Matrix<Scalar>& y0_bar() const override { return tiled() ? y0_bar_ : whole_->y0_bar(); }
  const Vector<Scalar>& theta_bar() const override {
    return tiled() ? theta_bar_ : whole_->theta_bar();
  }
  const Matrix<double>& times_bar() const override {
    return tiled() ? times_bar_ : whole_->times_bar();
  }

  Count nfe_backward() const override;
  Count nvjp() const override;
  std::size_t state_bytes() const override;

 private:
  struct Tile {
    std::unique_ptr<Gradient<Scalar>> gradient;
    TileField<Scalar> field;
    Index first = 0, columns = 0;
    Matrix<double> times;                    // T x columns, unless shared
    std::vector<Matrix<Scalar>> states_bar;  // T of D x columns
    const SolveReport* report = nullptr;     // of its last pass
  };

  bool tiled() const { return count_ > 0; }
  // Cuts the batch, when it can be, into `count_` tiles of equal width but for the last.
  void cut(const VectorField<Scalar>& field, Index batch);
  void merge_reports(SolveReport& report) const;
  void merge_cotangents();

  MakeGradient<Scalar> make_;
  SolverOptions options_;
  GradientOptions gradient_;
  std::unique_ptr<Gradient<Scalar>> whole_;  // of batches that are not cut
  std::vector<Tile> tiles_;
  int count_ = 0;                 // of the tiles in use; 0: the batch is not cut
  std::size_t record_bytes_ = 0;  // of each tile

  SolveReport forward_report_, backward_report_;
  std::vector<Matrix<Scalar>> states_;
  Matrix<double> times_, times_bar_;
  Matrix<Scalar> y0_bar_;
  Vector<Scalar> theta_bar_;
};

template <class Scalar>
void TiledGradient<Scalar>::cut(const VectorField<Scalar>& field, Index batch) {
  const Tiles tiles = equal_tiles(batch, gradient_.tile, product_columns);
  count_ = static_cast<int>(tiles.count);
  GradientOptions part = gradient_;
  part.record_bytes /= static_cast<std::size_t>(count_);
  if (part.record_bytes != record_bytes_) tiles_.clear();
  record_bytes_ = part.record_bytes;
  if (tiles_.size() < static_cast<std::size_t>(count_)) {
    tiles_.resize(static_cast<std::size_t>(count_));
  }
  for (int i = 0; i < count_; ++i) {
    Tile& tile = tiles_[static_cast<std::size_t>(i)];
    tile.first = tiles.first(i);
    tile.columns = tiles.columns(i);
    if (!tile.field.bind(field, tile.first)) {
      count_ = 0;
      return;
    }
    if (tile.gradient == nullptr) tile.gradient = make_(options_, part);
  }
}

template <class Scalar>
const SolveReport& TiledGradient<Scalar>::forward(VectorField<Scalar>& field, MatrixIn<Scalar> y0,
                                                  const Matrix<double>& times,
                                                  const Events<Scalar>& events) {
  const Index batch = y0.cols();
  const bool shared_times = times.cols() == 1;
  count_ = 0;
  // What shared steps have in common is the batch; events are listed in the order of its steps.
  if (batch > gradient_.tile && !options_.shared_steps && events.empty() &&
      y0.rows() == field.dim() && (shared_times || times.cols() == batch)) {
    cut(field, batch);
  }
  if (!tiled()) return whole_->forward(field, y0, times, events);

  times_ = times;
  states_.resize(static_cast<std::size_t>(times.rows()));
  for (Matrix<Scalar>& state : states_) state.resize(y0.rows(), batch);
  parallel_for(count_, [&](int i) {
    Tile& tile = tiles_[static_cast<std::size_t>(i)];
    if (!shared_times) tile.times = times.middleCols(tile.first, tile.columns);
    tile.report = &tile.gradient->forward(tile.field, y0.middleCols(tile.first, tile.columns),
                                          shared_times ? times : tile.times);
    const auto& states = tile.gradient->states();
    for (std::size_t row = 0; row < states.size(); ++row)
      states_[row].middleCols(tile.first, tile.columns) = states[row];
  });
  merge_reports(forward_report_);
  if (forward_report_.status == SolveStatus::invalid) states_.clear();
  return forward_report_;
}

template <class Scalar>
const SolveReport& TiledGradient<Scalar>::backward(VectorField<Scalar>& field,
                                                   const std::vector<Matrix<Scalar>>& states_bar) {
  if (!tiled()) return whole_->backward(field, states_bar);
  if (const Status status = check_cotangents(forward_report_, states_, field.dim(), states_bar);
      !status) {
    backward_report_.reset(states_bar.empty() ? 0 : states_bar[0].cols());
    backward_report_.status = SolveStatus::invalid;
    backward_report_.reason = status.error();
    return backward_report_;
  }
  for (int i = 0; i < count_; ++i) {
    Tile& tile = tiles_[static_cast<std::size_t>(i)];
    tile.field.bind(field, tile.first);
  }
  parallel_for(count_, [&](int i) {
    Tile& tile = tiles_[static_cast<std::size_t>(i)];
    tile.states_bar.resize(states_bar.size());
    for (std::size_t row = 0; row < states_bar.size(); ++row)
      tile.states_bar[row] = states_bar[row].middleCols(tile.first, tile.columns);
    tile.report = &tile.gradient->backward(tile.field, tile.states_bar);
  });
  merge_reports(backward_report_);
  if (backward_report_.succeeded()) merge_cotangents();
  return backward_report_;
}

template <class Scalar>
void TiledGradient<Scalar>::merge_reports(SolveReport& report) const {
  report.reset(states_.front().cols());
  for (int i = 0; i < count_; ++i) {
    const Tile& tile = tiles_[static_cast<std::size_t>(i)];
    report.add_part(*tile.report, tile.first);
  }
}

template <class Scalar>
void TiledGradient<Scalar>::merge_cotangents() {
  y0_bar_.resize(states_[0].rows(), states_[0].cols());
  times_bar_.resize(gradient_.times ? times_.rows() : 0, gradient_.times ? times_.cols() : 0);
  for (int i = 0; i < count_; ++i) {
    const Tile& tile = tiles_[static_cast<std::size_t>(i)];
    const Gradient<Scalar>& part = *tile.gradient;
    y0_bar_.middleCols(tile.first, tile.columns) = part.y0_bar();
    if (i == 0)
      theta_bar_ = part.theta_bar();
    else
      theta_bar_ += part.theta_bar();
    if (!gradient_.times) continue;
    if (times_.cols() > 1)
      times_bar_.middleCols(tile.first, tile.columns) = part.times_bar();
    else if (i == 0)
      times_bar_ = part.times_bar();
    else
      times_bar_ += part.times_bar();
  }
  if (all_finite(y0_bar_, theta_bar_)) return;
  backward_report_.status = SolveStatus::non_finite;
  backward_report_.t = times_(0, 0);
}

template <class Scalar>
Count TiledGradient<Scalar>::nfe_backward() const {
  if (!tiled()) return whole_->nfe_backward();
  Count most = 0;
  for (int i = 0; i < count_; ++i)
    most = std::max(most, tiles_[static_cast<std::size_t>(i)].gradient->nfe_backward());
  return most;
}

template <class Scalar>
Count TiledGradient<Scalar>::nvjp() const {
  if (!tiled()) return whole_->nvjp();
  Count most = 0;
  for (int i = 0; i < count_; ++i)
    most = std::max(most, tiles_[static_cast<std::size_t>(i)].gradient->nvjp());
  return most;
}

template <class Scalar>
std::size_t TiledGradient<Scalar>::state_bytes() const {
  if (!tiled()) return whole_->state_bytes();
  std::size_t bytes = static_cast<std::size_t>(y0_bar_.size()) * sizeof(Scalar);
  for (int i = 0; i < count_; ++i)
    bytes += tiles_[static_cast<std::size_t>(i)].gradient->state_bytes();
  return bytes;
}

}  // namespace

template <class Scalar>
std::unique_ptr<Gradient<Scalar>> make_tiled(MakeGradient<Scalar> make,
                                             const SolverOptions& options,
                                             const GradientOptions& gradient) {
  return std::make_unique<TiledGradient<Scalar>>(make, options, gradient);
}

template std::unique_ptr<Gradient<float>> make_tiled(MakeGradient<float>, const SolverOptions&,
                                                     const GradientOptions&);
template std::unique_ptr<Gradient<double>> make_tiled(MakeGradient<double>, const SolverOptions&,
                                                      const GradientOptions&);

}  // namespace neural_ode
