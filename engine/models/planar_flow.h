// A planar flow: K layers, each of which moves points along one direction u by how far they are
// along another, w [rezende2015]. The discrete flow that [chen2018] compares a continuous one with.
//
// The layers lead from the data to the base, where a density is known: with x = z_0,
//   z_{k+1} = z_k + u_k' h,   h = tanh(w_k . z_k + b_k),
//   log p(x) = log N(z_K; 0, I) + sum_k log(1 + (1 - h^2) w_k . u_k'),
// so that the likelihood of data has a closed form, and only sampling would need the inverse, which
// has none. A layer is invertible where w . u' > -1, which
//   u' = u + (m(w . u) - w . u) w / |w|^2,   m(a) = -1 + log(1 + e^a)
// sees to whatever u is.
#pragma once

#include <vector>

#include "engine/core/rng.h"
#include "engine/core/types.h"
#include "engine/nn/parameter_layout.h"

namespace neural_ode {

template <class Scalar>
class PlanarFlow {
 public:
  PlanarFlow(int dim, int layers);

  int layers() const { return layers_; }
  // "w" D x K, "u" D x K, "b" K.
  const ParameterLayout& layout() const { return layout_; }
  // w and u uniform in +-1 / sqrt(D), b zero; drawn from `rng`.
  void initialize(Rng& rng, VectorOut<Scalar> theta) const;

  // The mean of -log p(x) over the columns of x (D x B); its gradient is ADDED to theta_bar (P).
  double loss_and_gradient(VectorIn<Scalar> theta, MatrixIn<Scalar> x, VectorOut<Scalar> theta_bar);
  // Writes to log_prob (B) the log density after the last K - `skip` layers: of the data for skip =
  // 0, of the base for skip = K.
  void log_prob(VectorIn<Scalar> theta, MatrixIn<Scalar> x, int skip, VectorOut<double> log_prob);

 private:
  struct Layer {
    const Scalar *w, *u;
    double along, squares;  // w . u, |w|^2
    double gain;            // (m(w . u) - w . u) / |w|^2
    double b, moved;        // moved: w . u'
  };
  // Writes its u' to u_.
  Layer layer(VectorIn<Scalar> theta, int k);
  // z_ (D x B) through layer k; h (B) is written.
  void apply(const Layer& layer, MatrixOut<Scalar> z, Scalar* h) const;

  int dim_, layers_;
  ParameterLayout layout_;
  Index u_offset_ = 0, b_offset_ = 0;  // w is at 0
  Vector<Scalar> u_;                   // D: u'
  Matrix<Scalar> z_, z_bar_;           // D x B (K + 1), D x B
  Matrix<Scalar> h_;                   // B x K
  Vector<double> w_bar_, u_bar_;       // D
};

extern template class PlanarFlow<float>;
extern template class PlanarFlow<double>;

}  // namespace neural_ode
