// The right-hand side of the continuous adjoint: dy/dt = f, dlambda/dt = -lambda^T df/dy,
// dtheta_bar/dt = -lambda^T df/dtheta, solved from the last time to the first [chen2018].
#pragma once

#include <span>
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
  // Sample p of a solve is sample batch[p] of the forward one.
  void set_batch(std::span<const int> batch) { batch_ = batch; }
  int sample(int p) const { return batch_[static_cast<std::size_t>(p)]; }

  Index state_rows() const { return solution_ == nullptr ? field_->dim() : 0; }
  Index dim() const override;
  void reserve(Index batch) override;
  void select(std::span<const int> samples) override;
  void eval(TimesIn t, MatrixIn<Scalar> columns, MatrixOut<Scalar> slope) override;
  // The y (D) that belongs to a column at t.
  void read_state(int sample, double t, const Scalar* column, Scalar* y) const;
  // Adjoints are not differentiated again: adds nothing.
  void vjp(TimesIn, MatrixIn<Scalar>, MatrixIn<Scalar>, MatrixOut<Scalar>, VectorOut<Scalar>,
           TimesOut) override {}
  // The blocks df/dy of y and -(df/dy)^T of lambda; what couples them needs second derivatives, and
  // Newton's iterations converge without.
  bool jacobian(TimesIn t, MatrixIn<Scalar> columns, MatrixOut<Scalar> jacobian) override;
  std::size_t bytes() const;

 private:
  MatrixIn<Scalar> states(TimesIn t, MatrixIn<Scalar> columns);

  VectorField<Scalar>* field_ = nullptr;
  const DenseOutput<Scalar>* solution_ = nullptr;
  bool with_theta_ = false;
  std::span<const int> batch_;
  std::vector<int> samples_;  // of the columns, in the forward solve
  Matrix<Scalar> y_, a_;      // D x B; y_ only with a solution, a_: -lambda
  Vector<Scalar> none_;       // empty
  Vector<double> t_bar_;      // B
  JacobianEvaluator<Scalar> jacobian_;
};

extern template class AdjointField<float>;
extern template class AdjointField<double>;

}  // namespace neural_ode
