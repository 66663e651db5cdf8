// The image classifiers of [chen2018]: convolutions that shrink the image, then an ODE on [0, 1] or
// residual blocks, then norm, relu, the mean over pixels and a linear layer to the classes.
//
// theta holds the slices "stem.*", "field.*" or "block0.*", "block1.*", ..., "norm.*" and
// "readout.*" one after another.
//
// A batch is cut into tiles of a few images, which threads share from the first convolution to the
// last and whose activations stay in cache. Images do not notice: norms and steps are their own.
// How a batch is cut depends on its size alone, and theta_bar is summed in the order of the tiles,
// so the bits are those of any number of threads.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "engine/models/ode_net_pass.h"

namespace neural_ode {

template <class Scalar>
class OdeNet {
 public:
  static constexpr Index tile = 16;  // images

  explicit OdeNet(const OdeNetSpec& spec);

  const ParameterLayout& layout() const { return tiles_.front().pass->layout(); }
  // The images that the ODE or the blocks work on: channels x 6 x 6 of 28 x 28.
  const ImageShape& feature() const { return tiles_.front().pass->feature(); }
  Vector<Scalar> initialize(Rng& rng) const { return tiles_.front().pass->initialize(rng); }

  // x: image.size() x B, label: B of 0 .. classes - 1. Writes the mean cross-entropy to `loss` and
  // its gradient to theta_bar (P). When the report is not ok both are meaningless. Residual blocks
  // report ok and no evaluations.
  const SolveReport& loss_and_gradient(const Vector<Scalar>& theta, MatrixIn<Scalar> x,
                                       std::span<const int> label, double& loss,
                                       Vector<Scalar>& theta_bar);
  // Of the last loss_and_gradient: see Gradient.
  Count nfe_backward() const;
  Count nvjp() const;
  std::size_t state_bytes() const;

  // Writes logits: classes x B, as far as the solver went.
  const SolveReport& predict(const Vector<Scalar>& theta, MatrixIn<Scalar> x,
                             MatrixOut<Scalar> logits);

 private:
  struct Tile {
    std::unique_ptr<OdeNetPass<Scalar>> pass;
    Index first = 0, columns = 0;
    SolveReport report;
    double loss = 0;
    Vector<Scalar> theta_bar;  // P
  };
  void cut(Index batch);
  const SolveReport& merge_reports(Index batch);

  OdeNetSpec spec_;
  std::vector<Tile> tiles_;
  int count_ = 0;  // of the tiles in use
  SolveReport report_;
};

extern template class OdeNet<float>;
extern template class OdeNet<double>;

}  // namespace neural_ode
