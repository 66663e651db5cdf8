// Recognition networks: from the observations of a series to q(z0 | x) = N(mean,
// exp(log_variance)).
//
// Both read a series from its last observation to its first with a gated recurrent unit.
//   rnn      reads (x, time to the observation before) [chen2018]
//   ode_rnn  reads x; between observations, and from the first one to t0, the hidden state follows
//            dh/dt = g(h) backwards in time, by the midpoint rule [rubanova2019]
// A linear layer, behind an ODE-RNN a network with one hidden layer, turns the last hidden state
// into mean and log_variance; both as their papers have it.
#pragma once

#include "engine/models/series_batch.h"
#include "engine/nn/gru.h"
#include "engine/nn/mlp.h"

namespace neural_ode {

struct RecognitionSpec {
  int data_dim = 2, latent_dim = 4;
  int hidden = 25;
  bool ode = false;
  int field_hidden = 20;                           // of g, one layer
  Activation field_activation = Activation::tanh;  // of the head's hidden layer too
  int flow_steps = 1;                              // of the midpoint rule, in every gap
};

template <class Scalar>
class Recognition {
 public:
  explicit Recognition(const RecognitionSpec& spec);

  // "cell.*", "head.*" and, with an ODE, "field.*".
  const ParameterLayout& layout() const { return layout_; }
  void initialize(Rng& rng, VectorOut<Scalar> theta) const;

  // Writes mean and log_variance, both L x B. A series without observations gives what the head
  // makes of h = 0.
  void forward(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& batch, MatrixOut<Scalar> mean,
               MatrixOut<Scalar> log_variance);
  // Reverse of the last forward; adds to theta_bar.
  void pullback(VectorIn<Scalar> theta, MatrixIn<Scalar> mean_bar,
                MatrixIn<Scalar> log_variance_bar, VectorOut<Scalar> theta_bar);

 private:
  // h_ from observation i + 1 to observation i (to t0 for i = -1), and its reverse for h_bar_.
  void flow(VectorIn<Scalar> theta, const SeriesBatch<Scalar>& batch, Index i);
  void flow_back(VectorIn<Scalar> theta, Index i, VectorOut<Scalar> theta_bar);
  auto columns(Matrix<Scalar>& matrix, Index i) const {
    return matrix.middleCols(i * batch_, batch_);
  }

  RecognitionSpec spec_;
  GruCell<Scalar> cell_;
  Mlp<Scalar> head_, field_;
  ParameterLayout layout_;
  Index head_offset_ = 0, field_offset_ = 0;

  Index length_ = 0, batch_ = 0;   // T, B of the last forward
  Matrix<Scalar> records_;         // of the cell, R x T B
  Matrix<Scalar> first_, second_;  // of g at both stages of every step, x T B flow_steps
  Matrix<Scalar> gaps_;            // 1 x T B, <= 0: the step in the gap that ends at i - 1
  Matrix<Scalar> h_, h_bar_, stage_, stage_bar_;  // H x B
  Matrix<Scalar> x_;                              // inputs x B
  Matrix<Scalar> head_bar_;                       // 2L x B
  Vector<Scalar> mask_;                           // B
  Matrix<Scalar> none_;                           // stays empty: no cotangent of x is wanted
};

extern template class Recognition<float>;
extern template class Recognition<double>;

}  // namespace neural_ode
