#include "engine/gradient/time_gradient.h"

#include <algorithm>
#include <cmath>

namespace neural_ode {

template <class Scalar>
Status check_cotangents(const SolveReport& forward, const std::vector<Matrix<Scalar>>& states,
                        Index dim, const std::vector<Matrix<Scalar>>& states_bar) {
  bool fits = forward.succeeded() && !states.empty() && states_bar.size() == states.size();
  for (std::size_t i = 0; fits && i < states.size(); ++i) {
    fits = states_bar[i].rows() == dim && states_bar[i].cols() == states[i].cols();
  }
  if (fits) return {};
  return Error{
      "backward: expected a finished forward solve and a cotangent for each of its states"};
}

template <class Scalar>
bool all_finite(const Matrix<Scalar>& y0_bar, const Vector<Scalar>& theta_bar) {
  const auto finite = [](Scalar x) { return std::isfinite(x); };
  return std::all_of(y0_bar.data(), y0_bar.data() + y0_bar.size(), finite) &&
         std::all_of(theta_bar.data(), theta_bar.data() + theta_bar.size(), finite);
}

template <class Scalar>
void TimeGradient<Scalar>::add(VectorField<Scalar>& field, const Solver<Scalar>& solver,
                               const std::vector<Matrix<Scalar>>& states_bar,
                               const Matrix<Scalar>& y_bar, Matrix<double>& times_bar,
                               SolveReport& report) {
  constexpr Index columns_at_once = 256;
  const auto& states = solver.states();
  const Index rows = static_cast<Index>(states.size()), batch = y_bar.cols(), dim = y_bar.rows();
  if (rows == 1 || batch == 0) return;
  const Index group = std::clamp<Index>(columns_at_once / batch, 1, rows);
  t_.resize(group * batch);
  points_.resize(dim, group * batch);
  slopes_.resize(dim, group * batch);
  field.reserve(group * batch);

  for (Index begin = 0; begin < rows; begin += group) {
    const Index n = std::min(group, rows - begin) * batch;
    samples_.clear();
    for (Index c = 0; c < n; ++c) {
      const Index row = begin + c / batch, s = c % batch;
      samples_.push_back(static_cast<int>(s));
      t_[c] = solver.time(row, s);
      points_.col(c) = states[static_cast<std::size_t>(row)].col(s);
    }
    field.select(samples_);
    field.eval(t_.head(n), points_.leftCols(n), slopes_.leftCols(n));
    for (Index c = 0; c < n; ++c) {
      const Index row = begin + c / batch, s = c % batch;
      const Matrix<Scalar>& bar = row == 0 ? y_bar : states_bar[static_cast<std::size_t>(row)];
      double sum = 0;
      for (Index d = 0; d < dim; ++d)
        sum += static_cast<double>(bar(d, s)) * static_cast<double>(slopes_(d, c));
      times_bar(row, times_bar.cols() == 1 ? 0 : s) += row == 0 ? -sum : sum;
    }
  }
  for (Count& nfe : report.nfe_per_sample) nfe += rows;
}

template <class Scalar>
std::size_t TimeGradient<Scalar>::bytes() const {
  return static_cast<std::size_t>(points_.size() + slopes_.size()) * sizeof(Scalar);
}

template class TimeGradient<float>;
template class TimeGradient<double>;
template Status check_cotangents(const SolveReport&, const std::vector<Matrix<float>>&, Index,
                                 const std::vector<Matrix<float>>&);
template Status check_cotangents(const SolveReport&, const std::vector<Matrix<double>>&, Index,
                                 const std::vector<Matrix<double>>&);
template bool all_finite(const Matrix<float>&, const Vector<float>&);
template bool all_finite(const Matrix<double>&, const Vector<double>&);

}  // namespace neural_ode
