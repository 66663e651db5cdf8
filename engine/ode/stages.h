// The stages of one step for n columns, each with its own t and h. The solver takes steps with it
// and the discrete adjoint repeats them.
#pragma once

#include "engine/core/types.h"
#include "engine/ode/tableau.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

template <class Scalar>
class Stages {
 public:
  // For `method` and its substitute.
  void reserve(const ButcherTableau& method, Index dim, Index batch);
  // The method of the steps that follow.
  void use(const ButcherTableau& method) { method_ = &method; }

  // Stage times t + c_i h, kept within [begin, end] in the direction of h although c_i h is
  // rounded. Here and below the first n entries and columns are meant.
  void place(int stage, Index n, const Vector<double>& t, const Vector<double>& h,
             const Vector<double>& begin, const Vector<double>& end);
  // Y_i = y + h sum_{j<i} a_ij k_j + ..., all of Y_i but h a_ii k_i. y: D x n.
  void state(int stage, Index n, const Scalar* y, const Vector<double>& h);
  // A guess at the slope of an implicit stage: the parabola through those before, from `first` on,
  // that are nearest in time; zero where there are none.
  void guess(int stage, int first, Index n);
  // k_i = f(times, Y_i); needs place and state.
  void eval(int stage, Index n, VectorField<Scalar>& field);
  // out = h sum_i b_error_i k_i.
  void error(Index n, const Vector<double>& h, Matrix<Scalar>& out) const;
  // The state of column p at t + x h, after a step whose last slope has been evaluated. y, out: D.
  void interpolate(Index p, double x, double h, const Scalar* y, Scalar* out) const;
  // The same for every x: coefficients of x^0, x^1, ..., D each, of a polynomial of the method's
  // interpolant_degree.
  void polynomial(Index p, double h, const Scalar* y, Scalar* coefficients) const;

  const ButcherTableau& method() const { return *method_; }
  const Vector<double>& times() const { return times_; }
  Matrix<Scalar>& y(int stage) { return y_[stage]; }
  const Matrix<Scalar>& y1() const { return y_[method_->stages - 1]; }
  Matrix<Scalar>& k(int stage) { return k_[stage]; }
  const Matrix<Scalar>& k(int stage) const { return k_[stage]; }
  // First stages of earlier steps, latest first; for multistep methods.
  Matrix<Scalar>& past(int m) { return past_[m]; }
  const Matrix<Scalar>& past(int m) const { return past_[m]; }
  std::size_t bytes() const;

 private:
  // Adds to rows [row, row + rows) of out.
  void add(Index n, Index row, Index rows, const Vector<double>& h, const double* weights,
           int count, const Matrix<Scalar>* k, Matrix<Scalar>& out) const;

  const ButcherTableau* method_ = nullptr;
  Matrix<Scalar> y_[ButcherTableau::max_stages], k_[ButcherTableau::max_stages];  // D x B
  Matrix<Scalar> past_[ButcherTableau::max_past];                                 // D x B
  Vector<double> times_;                                                          // B
};

extern template class Stages<float>;
extern template class Stages<double>;

}  // namespace neural_ode
