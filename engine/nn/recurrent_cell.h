// One step of a recurrent network: (h, x) -> h_next, for a batch in which not every sample need
// have an observation x.
//
// A record is all that the reverse of one call needs, so that a sequence of T calls, each with a
// record of its own, can be pulled back from the last to the first.
#pragma once

#include "engine/core/rng.h"
#include "engine/core/types.h"
#include "engine/nn/parameter_layout.h"

namespace neural_ode {

template <class Scalar>
class RecurrentCell {
 public:
  virtual ~RecurrentCell() = default;

  virtual Index inputs() const = 0;       // I
  virtual Index hidden() const = 0;       // H
  virtual Index record_rows() const = 0;  // R
  virtual const ParameterLayout& layout() const = 0;
  virtual void initialize(Rng& rng, VectorOut<Scalar> theta) const = 0;
  virtual void reserve(Index batch) = 0;  // sizes scratch; calls with more columns do so too

  // h: H x B, x: I x B, mask: B numbers or empty. Where the mask is 0 the sample keeps its h and
  // its x is not read, so that it may be anything. Writes record: R x B, and h_next: H x B, which
  // may be h.
  virtual void forward(VectorIn<Scalar> theta, MatrixIn<Scalar> h, MatrixIn<Scalar> x,
                       VectorIn<Scalar> mask, MatrixOut<Scalar> record,
                       MatrixOut<Scalar> h_next) = 0;
  // Reverse of the forward that wrote `record`. Writes h_bar, which may be h_next_bar, and x_bar
  // (skipped when empty); adds to theta_bar (skipped when empty).
  virtual void pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> record,
                        MatrixIn<Scalar> h_next_bar, MatrixOut<Scalar> h_bar,
                        MatrixOut<Scalar> x_bar, VectorOut<Scalar> theta_bar) = 0;
};

}  // namespace neural_ode
