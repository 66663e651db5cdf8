#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "engine/core/rng.h"
#include "engine/nn/losses.h"
#include "tests/support/layer_conformance.h"

using namespace neural_ode;
using testing::normal_matrix;

namespace {

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

// x_bar against differences of `loss()`, which reads x.
template <class Loss>
void check_cotangent(const Loss& loss, Matrix<double>& x, const Matrix<double>& x_bar, double bar) {
  for (Index i = 0; i < x.size(); ++i) {
    const double expected = bar * testing::central_difference(loss, x.data()[i], 1e-4);
    CHECK(std::abs(x_bar.data()[i] - expected) < 1e-9);
  }
}

}  // namespace

TEST_CASE(
    "cross-entropy: minus the log of the softmax, whose cotangent is probability minus one-hot") {
  Matrix<double> logits(3, 2), bar(3, 2), none;
  logits << 1, -1, 2, 0.5, 0.5, 3;
  const std::vector<int> label = {1, 0};
  const double value = softmax_cross_entropy<double>(logits, label, 1, bar);
  const double first = std::exp(1) + std::exp(2) + std::exp(0.5);
  const double second = std::exp(-1) + std::exp(0.5) + std::exp(3);
  CHECK(value ==
        doctest::Approx(0.5 * (std::log(first) - 2 + std::log(second) + 1)).epsilon(1e-14));
  CHECK(bar(1, 0) == doctest::Approx(0.5 * (std::exp(2) / first - 1)).epsilon(1e-14));
  CHECK(bar(2, 1) == doctest::Approx(0.5 * std::exp(3) / second).epsilon(1e-14));
  softmax_cross_entropy<double>(logits, label, -2, bar);
  check_cotangent([&] { return softmax_cross_entropy<double>(logits, label, 1, none); }, logits,
                  bar, -2);
}

TEST_CASE("cross-entropy: logits of any size, and uniform ones cost log K") {
  Matrix<float> logits(2, 2), bar(2, 2);
  logits << 1e30F, -1e4F, -1e30F, 1e4F;
  CHECK(softmax_cross_entropy<float>(logits, std::vector<int>{0, 1}, 1, bar) == 0);
  CHECK(bar.isZero(0));
  CHECK(softmax_cross_entropy<float>(logits.col(1), std::vector<int>{0}, 1, bar.leftCols(1)) ==
        2e4);
  CHECK(bar(0, 0) == -1);
  const Matrix<double> same = Matrix<double>::Constant(10, 3, 4);
  Matrix<double> none;
  CHECK(softmax_cross_entropy<double>(same, std::vector<int>{0, 5, 9}, 1, none) ==
        doctest::Approx(std::log(10)).epsilon(1e-15));
}

TEST_CASE("mean squared error: over what the mask leaves, nothing at all costs nothing") {
  Matrix<double> prediction(2, 2), target(2, 2), mask(2, 2), bar(2, 2), none;
  prediction << 1, 2, 3, 4;
  target << 0, missing, 5, 7;
  mask << 1, 0, 1, 1;
  CHECK(mean_squared_error<double>(prediction, target, mask, 3, bar) ==
        doctest::Approx((1 + 4 + 9) / 3.0));
  CHECK(bar(0, 1) == 0);
  check_cotangent([&] { return mean_squared_error<double>(prediction, target, mask, 1, none); },
                  prediction, bar, 3);
  CHECK(mean_squared_error<double>(prediction, target, Matrix<double>::Zero(2, 2), 1, bar) == 0);
  CHECK(bar.isZero(0));
  target(0, 1) = 2;
  CHECK(mean_squared_error<double>(prediction, target, none, 1, none) ==
        doctest::Approx((1 + 0 + 4 + 9) / 4.0));
}

TEST_CASE("gaussian log-likelihood: the density's logarithm, with cotangents for mean and noise") {
  Matrix<double> x(2, 2), mean(2, 2), mask(2, 2), mean_bar(2, 2), none;
  x << 1, 2, missing, -1;
  mean << 0.5, 2.5, 0, 1;
  mask << 1, 1, 0, 1;
  Matrix<double> log_variance(2, 1);
  log_variance << 0.3, -1.2;
  const auto log_density = [](double value, double centre, double variance) {
    return std::log(std::exp(-(value - centre) * (value - centre) / (2 * variance)) /
                    std::sqrt(2 * 3.14159265358979323846 * variance));
  };
  const auto loss = [&] {
    Vector<double> no_vector;
    return gaussian_log_likelihood<double>(x, mean, log_variance.col(0), mask, 1, none, no_vector);
  };
  CHECK(loss() ==
        doctest::Approx(log_density(1, 0.5, std::exp(0.3)) + log_density(2, 2.5, std::exp(0.3)) +
                        log_density(-1, 1, std::exp(-1.2)))
            .epsilon(1e-13));
  Vector<double> log_variance_bar = Vector<double>::Ones(2);
  gaussian_log_likelihood<double>(x, mean, log_variance.col(0), mask, -1.5, mean_bar,
                                  log_variance_bar);
  CHECK(mean_bar(1, 0) == 0);
  check_cotangent(loss, mean, mean_bar, -1.5);
  check_cotangent(loss, log_variance, log_variance_bar - Vector<double>::Ones(2), -1.5);
}

TEST_CASE("kl: zero at the prior, the textbook's value elsewhere") {
  Matrix<double> mean(2, 2), log_variance(2, 2), mean_bar(2, 2), log_variance_bar(2, 2), none;
  mean << 0, 1, -0.5, 0;
  log_variance << 0, 0, 0.7, -2;
  const auto loss = [&] { return standard_normal_kl<double>(mean, log_variance, 1, none, none); };
  // -log sigma + (sigma^2 + mu^2) / 2 - 1 / 2
  const double third = -0.35 + (std::exp(0.7) + 0.25) / 2 - 0.5;
  const double fourth = 1 + std::exp(-2) / 2 - 0.5;
  CHECK(loss() == doctest::Approx(0.5 + third + fourth).epsilon(1e-14));
  standard_normal_kl<double>(mean, log_variance, 2, mean_bar, log_variance_bar);
  check_cotangent(loss, mean, mean_bar, 2);
  check_cotangent(loss, log_variance, log_variance_bar, 2);
  const Matrix<double> zero = Matrix<double>::Zero(2, 2);
  CHECK(standard_normal_kl<double>(zero, zero, 1, none, none) == 0);
  const Matrix<double> near = Matrix<double>::Constant(1, 1, 1e-9);
  CHECK(standard_normal_kl<double>(Matrix<double>::Zero(1, 1), near, 1, none, none) ==
        doctest::Approx(0.25e-18).epsilon(1e-6).scale(0));
}
