// The right-hand side of the continuous adjoint: dy/dt = f, dlambda/dt = -lambda^T df/dy,
// dtheta_bar/dt = -lambda^T df/dtheta, solved from the last time to the first [chen2018].
#pragma once

#include <vector>

#include "engine/ode/dense_output.h"
#include "engine/ode/jacobian.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

// A column is [y; lambda; theta_bar]: y only without `solution`, which is then asked for y at any
// time; theta_bar only `with_theta`, each sample having its own.
template <class Scalar>
class AdjointField final : public VectorField<Scalar> {
 public:
  void bind(VectorField<Scalar>& field, const DenseOutput<Scalar>* solution, bool with_theta);
  // Column p of a solve is sample batch[p] of the forward one.
  void set_batch(std::span<const int> batch) { batch_ = batch; }

  Index state_rows() const { return solution_ == nullptr ? field_->dim() : 0; }
  Index dim() const override;
  void reserve(Index batch) override;
  void select(std::span<const int> samples) override;
  void eval(TimesIn t, MatrixIn<Scalar> state, MatrixOut<Scalar> slope) override;
  // Adds lambda^T df/dtheta of these states, each column scaled by its weight, to theta_bar (P).
  void add_theta(TimesIn t, MatrixIn<Scalar> state, const Vector<double>& weight,
                 Vector<Scalar>& theta_bar);
  // Adjoints are not differentiated again: adds nothing.
  void vjp(TimesIn, MatrixIn<Scalar>, MatrixIn<Scalar>, MatrixOut<Scalar>, VectorOut<Scalar>,
           TimesOut) override {}
  // The blocks df/dy of y and -(df/dy)^T of lambda; what couples them needs second derivatives, and
  // Newton's iterations converge without.
  bool jacobian(TimesIn t, MatrixIn<Scalar> state, MatrixOut<Scalar> jacobian) override;
  std::size_t bytes() const;

 private:
  void split(TimesIn t, MatrixIn<Scalar> state);

  VectorField<Scalar>* field_ = nullptr;
  const DenseOutput<Scalar>* solution_ = nullptr;
  bool with_theta_ = false;
  std::span<const int> batch_;
  std::vector<int> samples_;           // of the columns, in the forward solve
  Matrix<Scalar> y_, lambda_, slope_;  // D x B
  Vector<Scalar> theta_bar_, none_;    // P, empty
  Vector<double> t_bar_;               // B
  JacobianEvaluator<Scalar> jacobian_;
};

extern template class AdjointField<float>;
extern template class AdjointField<double>;

}  // namespace neural_ode
