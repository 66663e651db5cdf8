// The stages of one step for n columns, each with its own t and h. The solver takes steps with it
// and the discrete adjoint repeats them.
#pragma once

#include <algorithm>

#include "engine/core/types.h"
#include "engine/ode/slope_sum.h"
#include "engine/ode/tableau.h"
#include "engine/ode/vector_field.h"

namespace neural_ode {

template <class Scalar>
class Stages {
 public:
  Stages() = default;
  Stages(const Stages&) = delete;  // the sums know where the slopes are
  Stages& operator=(const Stages&) = delete;

  // For `method` and its substitute.
  void reserve(const ButcherTableau& method, Index dim, Index batch);
  // The method of the steps that follow.
  void use(const ButcherTableau& method) {
    method_ = &method;
    sums_ = &method == sums_of_[0].method ? &sums_of_[0] : &sums_of_[1];
  }

  // Stage times t + c_i h, kept within [begin, end] in the direction of h although c_i h is
  // rounded. Here and below the first n entries and columns are meant.
  void place(int stage, Index n, const Vector<double>& t, const Vector<double>& h,
             const Vector<double>& begin, const Vector<double>& end) {
    const double c = method_->c[stage];
    for (Index p = 0; p < n; ++p) {
      const double low = std::min(begin[p], end[p]), high = std::max(begin[p], end[p]);
      times_[p] = std::min(std::max(t[p] + c * h[p], low), high);
    }
  }
  // Y_i = y + h sum_{j<i} a_ij k_j + ..., all of Y_i but h a_ii k_i. y: D x n.
  void state(int stage, Index n, const Scalar* y, const Vector<double>& h) {
    sums_->stage[stage].write(n, h.data(), y, y_[stage].data());
    if (!sums_->partitioned) return;
    const Index half = y_[stage].rows() / 2;
    sums_->second[stage].write(n, h.data(), y + half, y_[stage].data() + half);
  }
  // A guess at the slope of an implicit stage: the parabola through those before, from `first` on,
  // that are nearest in time; zero where there are none.
  void guess(int stage, int first, Index n);
  // k_i = f(times, Y_i); needs place and state.
  void eval(int stage, Index n, VectorField<Scalar>& field) {
    field.eval_columns(n, times_.data(), y_[stage].data(), k_[stage].data());
  }
  // out = h sum_i b_error_i k_i.
  void error(Index n, const Vector<double>& h, Matrix<Scalar>& out) const;
  // The state of column p at t + x h, after a step whose last slope has been evaluated. y, out: D.
  void interpolate(Index p, double x, double h, const Scalar* y, Scalar* out) const;
  // The same for every x: coefficients of x^0, x^1, ..., D each, of a polynomial of the method's
  // interpolant_degree.
  void polynomial(Index p, double h, const Scalar* y, Scalar* coefficients) const;

  const ButcherTableau& method() const { return *method_; }
  bool implicit() const { return sums_->implicit; }  // method().implicit()
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
  // What a method adds up, listed once: to look for it in every step would cost more than the sums
  // of a small system.
  struct Sums {
    const ButcherTableau* method = nullptr;
    bool implicit = false, partitioned = false;
    SlopeSum<Scalar> stage[ButcherTableau::max_stages];   // of the first half when partitioned
    SlopeSum<Scalar> second[ButcherTableau::max_stages];  // of the second half
    SlopeSum<Scalar> error;
  };

  void list_sums(const ButcherTableau& method, Sums& sums) const;

  const ButcherTableau* method_ = nullptr;
  Sums sums_of_[2];             // the method and its substitute
  const Sums* sums_ = nullptr;  // those of method_
  Matrix<Scalar> y_[ButcherTableau::max_stages], k_[ButcherTableau::max_stages];  // D x B
  Matrix<Scalar> past_[ButcherTableau::max_past];                                 // D x B
  Vector<double> times_;                                                          // B
};

extern template class Stages<float>;
extern template class Stages<double>;

}  // namespace neural_ode
