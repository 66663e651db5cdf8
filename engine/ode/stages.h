// The stages of one explicit Runge-Kutta step for n columns, each with its own t and h. The solver
// takes steps with it and the discrete adjoint repeats them.
#pragma once

#include "engine/core/types.h"
#include "engine/ode/tableau.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

// out = y + h sum_j weights_j k_j, column by column; y, out: D x n, h: n, k_j: at least D x n. Zero
// weights are skipped.
template <class Scalar>
void combine(Index n, const Scalar* y, const Vector<double>& h, const double* weights, int count,
             const Matrix<Scalar>* k, Matrix<Scalar>& out);

template <class Scalar>
class Stages {
 public:
  void reserve(const ButcherTableau& method, Index dim, Index batch);

  // Stage times t + c_i h, kept within [t, end] in the direction of h although c_i h is rounded.
  void place(int stage, Index n, const Vector<double>& t, const Vector<double>& h,
             const Vector<double>& end);
  // Y_i = y + h sum_{j<i} a_ij k_j, from k_0 ... k_{i-1}. y: D x n.
  void state(int stage, Index n, const Scalar* y, const Vector<double>& h);
  // k_i = f(times, Y_i); needs place and state.
  void eval(int stage, Index n, VectorField<Scalar>& field);

  const ButcherTableau& method() const { return *method_; }
  const Vector<double>& times() const { return times_; }
  Matrix<Scalar>& y(int stage) { return y_[stage]; }
  Matrix<Scalar>& k(int stage) { return k_[stage]; }
  const Matrix<Scalar>* k() const { return k_; }
  std::size_t bytes() const;

 private:
  const ButcherTableau* method_ = nullptr;
  Matrix<Scalar> y_[ButcherTableau::max_stages], k_[ButcherTableau::max_stages];  // D x B
  Vector<double> times_;                                                          // B
};

extern template class Stages<float>;
extern template class Stages<double>;

}  // namespace neural_ode
