// A network that carries jets (nn/mlp.h) and pulls them back: what the field of a flow is made of.
#pragma once

#include <memory>

#include "engine/core/rng.h"
#include "engine/core/types.h"
#include "engine/nn/parameter_layout.h"

namespace neural_ode {

template <class Scalar>
class JetNetwork {
 public:
  virtual ~JetNetwork() = default;

  virtual int inputs() const = 0;
  virtual int outputs() const = 0;
  virtual const ParameterLayout& layout() const = 0;
  // `zero_last`: the image is zero.
  virtual void initialize(Rng& rng, bool zero_last, VectorOut<Scalar> theta) const = 0;
  // Sizes the scratch for jets of up to `columns` columns.
  virtual void reserve(Index columns) = 0;

  // x: inputs x B(K+1). Returns outputs x B(K+1), valid until the next call. Writes what pullback
  // needs to `record`: record_rows(K) x B(K+1), of which the first rows are x.
  virtual MatrixIn<Scalar> forward(VectorIn<Scalar> theta, MatrixIn<Scalar> x, int tangents,
                                   MatrixOut<Scalar> record) = 0;
  virtual Index record_rows(int tangents) const = 0;
  // Keeps the record itself, until the next call of it.
  virtual MatrixIn<Scalar> forward(VectorIn<Scalar> theta, MatrixIn<Scalar> x, int tangents) = 0;
  // The values alone (K = 0); no pullback can follow.
  virtual MatrixIn<Scalar> evaluate(VectorIn<Scalar> theta, MatrixIn<Scalar> x) = 0;

  // Reverse of the forward that wrote `record`. y_bar: outputs x B(K+1). Writes x_bar: inputs x
  // B(K+1) (skipped when empty); adds to theta_bar (skipped when empty).
  virtual void pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> record, int tangents,
                        MatrixIn<Scalar> y_bar, MatrixOut<Scalar> x_bar,
                        VectorOut<Scalar> theta_bar) = 0;
  // Of the last forward that kept its record itself.
  virtual void pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> y_bar, MatrixOut<Scalar> x_bar,
                        VectorOut<Scalar> theta_bar) = 0;
};

}  // namespace neural_ode
