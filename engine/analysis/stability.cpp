#include "engine/analysis/stability.h"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace neural_ode {
namespace {

using Polynomial = std::vector<long double>;  // coefficients of z^0, z^1, ...

// The coefficients of methods have 15 digits or more; sums of their products are good to this.
constexpr double rounding = 1e-10;
// Growth is looked for on an axis in steps this fine near the origin, and as far out as this.
constexpr double resolution = 1e-2, farthest = 1e9;

// times (1 - z d)
Polynomial times_linear(const Polynomial& p, long double d) {
  Polynomial product(p.size() + 1, 0);
  for (std::size_t i = 0; i < p.size(); ++i) {
    product[i] += p[i];
    product[i + 1] -= d * p[i];
  }
  return product;
}

void add_times_z(Polynomial& sum, long double factor, const Polynomial& p) {
  if (sum.size() < p.size() + 1) sum.resize(p.size() + 1, 0);
  for (std::size_t i = 0; i < p.size(); ++i) sum[i + 1] += factor * p[i];
}

std::complex<double> value(const std::vector<double>& p, std::complex<double> z) {
  std::complex<double> sum = 0;
  for (std::size_t i = p.size(); i-- > 0;) sum = sum * z + p[i];
  return sum;
}

// Without the zeros that explicit stages leave behind.
std::vector<double> trimmed(const Polynomial& p) {
  std::vector<double> coefficients(p.begin(), p.end());
  while (coefficients.size() > 1 && coefficients.back() == 0) coefficients.pop_back();
  return coefficients;
}

// Spectral radius of (y_n, y_{n-1}, ...) -> (y_{n+1}, y_n, ...), the slopes being lambda y.
double multistep_growth(const ButcherTableau& method, std::complex<double> z) {
  const int steps = 1 + method.past;
  Eigen::MatrixXcd stage = Eigen::MatrixXcd::Zero(method.stages, steps);
  for (int i = 0; i < method.stages; ++i) {
    stage(i, 0) = 1;
    for (int m = 0; m < method.past; ++m) stage(i, 1 + m) += z * method.a_past[i][m];
    for (int j = 0; j < i; ++j) stage.row(i) += z * method.a[i][j] * stage.row(j);
    stage.row(i) /= 1.0 - z * method.a[i][i];
  }
  Eigen::MatrixXcd companion = Eigen::MatrixXcd::Zero(steps, steps);
  companion.row(0) = stage.row(method.stages - 1);
  for (int m = 1; m < steps; ++m) companion(m, m - 1) = 1;
  return companion.eigenvalues().cwiseAbs().maxCoeff();
}

// The first x > 0 at which growth_at(x) exceeds 1; infinity: none.
template <class Function>
double first_growth(Function growth_at) {
  double low = 0, high = resolution;
  for (; !(growth_at(high) > 1 + rounding); high = std::max(low + resolution, 1.01 * low)) {
    low = high;
    if (low > farthest) return std::numeric_limits<double>::infinity();
  }
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    (growth_at(middle) > 1 ? high : low) = middle;
  }
  return low;
}

}  // namespace

std::complex<double> StabilityFunction::operator()(std::complex<double> z) const {
  return value(numerator, z) / value(denominator, z);
}

std::optional<double> StabilityFunction::at_infinity() const {
  if (numerator.size() > denominator.size()) return {};
  if (numerator.size() < denominator.size()) return 0.0;
  return numerator.back() / denominator.back();
}

// Y_i = N_i / prod_{k<=i} (1 - z a_kk), from the first stage to the last one, which is y1.
std::optional<StabilityFunction> stability_function(const ButcherTableau& method) {
  if (method.partitioned || method.past > 0) return {};
  std::vector<Polynomial> stages;
  Polynomial denominator = {1};
  for (int i = 0; i < method.stages; ++i) {
    Polynomial stage = denominator;
    for (int j = 0; j < i; ++j) {
      Polynomial part = stages[static_cast<std::size_t>(j)];
      for (int k = j + 1; k < i; ++k) part = times_linear(part, method.a[k][k]);
      add_times_z(stage, method.a[i][j], part);
    }
    stages.push_back(std::move(stage));
    denominator = times_linear(denominator, method.a[i][i]);
  }
  return StabilityFunction{trimmed(stages.back()), trimmed(denominator)};
}

std::optional<LinearStability> linear_stability(const ButcherTableau& method) {
  if (method.partitioned) return {};
  const std::optional<StabilityFunction> r = stability_function(method);
  const auto growth_along = [&](std::complex<double> direction) {
    return first_growth([&](double x) {
      return r ? std::abs((*r)(x * direction)) : multistep_growth(method, x * direction);
    });
  };
  LinearStability result;
  result.real_interval = growth_along(-1);
  if (!method.implicit()) return result;
  result.at_infinity = r->at_infinity();
  // The poles 1 / a_ii lie in the right half plane: by the maximum principle the imaginary axis
  // decides.
  result.a_stable = std::isinf(growth_along({0, 1})) && result.at_infinity.has_value();
  result.l_stable = result.a_stable && std::abs(*result.at_infinity) < rounding;
  return result;
}

}  // namespace neural_ode
