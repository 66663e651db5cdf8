// A field that holds something for each sample of a batch.
#pragma once

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "engine/ode/vector_field.h"

namespace neural_ode::testing {

// u' = -theta_0 u - w v, v' = w u - theta_1 v^3, each sample with a frequency w of its own. Counts
// the calls whose columns are not those last selected.
class OwnRateField final : public VectorField<double> {
 public:
  OwnRateField(std::vector<double> frequencies, Vector<double> parameters)
      : theta(std::move(parameters)), frequencies_(std::move(frequencies)) {}

  Vector<double> theta;
  int mismatches = 0;
  int fewest_columns = 1 << 30;  // of a call

  Index dim() const override { return 2; }
  Index parameter_count() const override { return 2; }
  void select(std::span<const int> samples) override {
    selected_.assign(samples.begin(), samples.end());
  }

  void eval(TimesIn, MatrixIn<double> y, MatrixOut<double> dy) override {
    if (!check(y.cols())) return;
    for (Index p = 0; p < y.cols(); ++p) {
      dy(0, p) = -theta[0] * y(0, p) - frequency(p) * y(1, p);
      dy(1, p) = frequency(p) * y(0, p) - theta[1] * y(1, p) * y(1, p) * y(1, p);
    }
  }
  void vjp(TimesIn, MatrixIn<double> y, MatrixIn<double> a, MatrixOut<double> y_bar,
           VectorOut<double> theta_bar, TimesOut) override {
    if (!check(y.cols())) return;
    for (Index p = 0; p < y.cols(); ++p) {
      const double u = y(0, p), v = y(1, p);
      y_bar(0, p) += -theta[0] * a(0, p) + frequency(p) * a(1, p);
      y_bar(1, p) += -frequency(p) * a(0, p) - 3 * theta[1] * v * v * a(1, p);
      if (theta_bar.size() == 0) continue;
      theta_bar[0] -= u * a(0, p);
      theta_bar[1] -= v * v * v * a(1, p);
    }
  }

 private:
  bool check(Index columns) {
    fewest_columns = std::min(fewest_columns, static_cast<int>(columns));
    const bool fits = static_cast<Index>(selected_.size()) == columns;
    if (!fits) ++mismatches;
    return fits;
  }
  double frequency(Index p) const {
    return frequencies_[static_cast<std::size_t>(selected_[static_cast<std::size_t>(p)])];
  }

  std::vector<double> frequencies_;  // per sample
  std::vector<int> selected_;
};

}  // namespace neural_ode::testing
