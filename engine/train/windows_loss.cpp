#include "engine/train/windows_loss.h"

namespace neural_ode {

template <class Scalar>
double window_loss(const std::vector<Matrix<Scalar>>& states,
                   const std::vector<Matrix<Scalar>>& target, std::size_t first,
                   std::vector<Matrix<Scalar>>& states_bar) {
  double sum = 0;
  std::int64_t count = 0;
  states_bar.resize(states.size());
  for (std::size_t k = 0; k < states.size(); ++k) {
    states_bar[k].setZero(states[k].rows(), states[k].cols());
    if (k < first) continue;
    for (Index b = 0; b < states[k].cols(); ++b) {
      for (Index d = 0; d < target[k].rows(); ++d) {
        if (std::isnan(target[k](d, b))) continue;
        const Scalar difference = states[k](d, b) - target[k](d, b);
        states_bar[k](d, b) = difference;
        sum += static_cast<double>(difference) * static_cast<double>(difference);
        ++count;
      }
    }
  }
  const double scale = 1.0 / static_cast<double>(count);
  for (Matrix<Scalar>& bar : states_bar) bar *= static_cast<Scalar>(2 * scale);
  return sum * scale;
}

template double window_loss(const std::vector<Matrix<float>>&, const std::vector<Matrix<float>>&,
                            std::size_t, std::vector<Matrix<float>>&);
template double window_loss(const std::vector<Matrix<double>>&, const std::vector<Matrix<double>>&,
                            std::size_t, std::vector<Matrix<double>>&);

double window_error(const std::vector<Matrix<float>>& states,
                    const std::vector<Matrix<float>>& target, std::size_t first) {
  MeanSquare error;
  for (std::size_t k = first; k < target.size(); ++k) {
    for (Index b = 0; b < target[k].cols(); ++b) {
      for (Index d = 0; d < target[k].rows(); ++d) {
        error.add(static_cast<double>(states[k](d, b)), static_cast<double>(target[k](d, b)));
      }
    }
  }
  return error.value();
}

}  // namespace neural_ode
