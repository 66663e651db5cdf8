// dL/dt of output times, and the checks that every strategy makes before it goes back.
#pragma once

#include <vector>

#include "engine/ode/solver.h"

namespace neural_ode {

// An error unless the forward solve succeeded, the field is bound to the same parameters, and there
// is a cotangent of the right shape for each of the states.
template <class Scalar>
Status check_cotangents(const SolveReport& forward, const std::vector<Matrix<Scalar>>& states,
                        Index dim, const std::vector<Matrix<Scalar>>& states_bar);
template <class Scalar>
Status check_cotangents(const Solver<Scalar>& solver, const VectorField<Scalar>& field,
                        const std::vector<Matrix<Scalar>>& states_bar) {
  if (field.bound_theta() != solver.bound_theta()) {
    return Error{"backward: expected the field bound to the parameters of the forward solve"};
  }
  return check_cotangents(solver.report(), solver.states(), field.dim(), states_bar);
}

template <class Scalar>
bool all_finite(const Matrix<Scalar>& y0_bar, const Vector<Scalar>& theta_bar);

template <class Scalar>
class TimeGradient {
 public:
  // times_bar (shape of the solver's times) becomes dL/dt_i = f(t_i, y_i) . y_bar_i, and dL/dt_0 =
  // -f(t_0, y_0) . y_bar with y_bar (D x B) the cotangent of y0 without that of the first output.
  // Costs an evaluation for each time, several of them in one call.
  void add(VectorField<Scalar>& field, const Solver<Scalar>& solver,
           const std::vector<Matrix<Scalar>>& states_bar, const Matrix<Scalar>& y_bar,
           Matrix<double>& times_bar, SolveReport& report);
  std::size_t bytes() const;

 private:
  std::vector<int> samples_;
  Vector<double> t_;
  Matrix<Scalar> points_, slopes_;
};

extern template class TimeGradient<float>;
extern template class TimeGradient<double>;

}  // namespace neural_ode
