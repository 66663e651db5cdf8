#include "engine/nn/losses.h"

#include <algorithm>
#include <cstddef>

#include "engine/core/math.h"

namespace neural_ode {
namespace {

constexpr double log_two_pi = 1.8378770664093454836;

template <class Scalar>
bool observed(MatrixIn<Scalar> mask, Index i, Index s) {
  return mask.size() == 0 || mask(i, s) != Scalar(0);
}

}  // namespace

template <class Scalar>
double softmax_cross_entropy(MatrixIn<Scalar> logits, std::span<const int> label, double bar,
                             MatrixOut<Scalar> logits_bar) {
  const Index classes = logits.rows(), batch = logits.cols();
  eigen_assert(static_cast<Index>(label.size()) == batch);
  double total = 0;
  for (Index s = 0; s < batch; ++s) {
    const Index target = label[static_cast<std::size_t>(s)];
    eigen_assert(target >= 0 && target < classes);
    auto largest = static_cast<double>(logits(0, s));
    for (Index k = 1; k < classes; ++k)
      largest = std::max(largest, static_cast<double>(logits(k, s)));
    double sum = 0;
    for (Index k = 0; k < classes; ++k)
      sum += math::exp(static_cast<double>(logits(k, s)) - largest);
    const double log_sum = math::log(sum);
    total += log_sum - (static_cast<double>(logits(target, s)) - largest);
    if (logits_bar.size() == 0) continue;
    const double share = bar / static_cast<double>(batch);
    for (Index k = 0; k < classes; ++k) {
      const double probability = math::exp(static_cast<double>(logits(k, s)) - largest - log_sum);
      logits_bar(k, s) = static_cast<Scalar>(share * (probability - (k == target ? 1 : 0)));
    }
  }
  return total / static_cast<double>(batch);
}

template <class Scalar>
double mean_squared_error(MatrixIn<Scalar> prediction, MatrixIn<Scalar> target,
                          MatrixIn<Scalar> mask, double bar, MatrixOut<Scalar> prediction_bar) {
  Index entries = 0;
  double sum = 0;
  for (Index s = 0; s < prediction.cols(); ++s) {
    for (Index i = 0; i < prediction.rows(); ++i) {
      if (!observed(mask, i, s)) continue;
      const double miss = static_cast<double>(prediction(i, s)) - static_cast<double>(target(i, s));
      sum += miss * miss;
      ++entries;
    }
  }
  const double share = entries == 0 ? 0 : 1 / static_cast<double>(entries);
  if (prediction_bar.size() == 0) return sum * share;
  for (Index s = 0; s < prediction.cols(); ++s) {
    for (Index i = 0; i < prediction.rows(); ++i) {
      const double miss = observed(mask, i, s) ? static_cast<double>(prediction(i, s)) -
                                                     static_cast<double>(target(i, s))
                                               : 0;
      prediction_bar(i, s) = static_cast<Scalar>(2 * bar * share * miss);
    }
  }
  return sum * share;
}

template <class Scalar>
double gaussian_log_likelihood(MatrixIn<Scalar> x, MatrixIn<Scalar> mean,
                               VectorIn<Scalar> log_variance, MatrixIn<Scalar> mask, double bar,
                               MatrixOut<Scalar> mean_bar, VectorOut<Scalar> log_variance_bar) {
  eigen_assert(log_variance.size() == x.rows());
  double total = 0;
  for (Index i = 0; i < x.rows(); ++i) {
    const auto log_of_variance = static_cast<double>(log_variance[i]);
    const double precision = math::exp(-log_of_variance);
    double sum = 0;
    for (Index s = 0; s < x.cols(); ++s) {
      const bool seen = observed(mask, i, s);
      const double miss = seen ? static_cast<double>(x(i, s)) - static_cast<double>(mean(i, s)) : 0;
      if (mean_bar.size() != 0) mean_bar(i, s) = static_cast<Scalar>(bar * precision * miss);
      if (!seen) continue;
      const double square = precision * miss * miss;
      total -= 0.5 * (square + log_of_variance + log_two_pi);
      sum += 0.5 * (square - 1);
    }
    if (log_variance_bar.size() != 0) log_variance_bar[i] += static_cast<Scalar>(bar * sum);
  }
  return total;
}

template <class Scalar>
double standard_normal_kl(MatrixIn<Scalar> mean, MatrixIn<Scalar> log_variance, double bar,
                          MatrixOut<Scalar> mean_bar, MatrixOut<Scalar> log_variance_bar) {
  double total = 0;
  for (Index s = 0; s < mean.cols(); ++s) {
    for (Index i = 0; i < mean.rows(); ++i) {
      const auto mu = static_cast<double>(mean(i, s));
      const auto log_of_variance = static_cast<double>(log_variance(i, s));
      // exp(l) - 1 - l without cancellation near the prior
      const double excess = math::expm1(log_of_variance);
      total += 0.5 * (mu * mu + (excess - log_of_variance));
      if (mean_bar.size() != 0) mean_bar(i, s) = static_cast<Scalar>(bar * mu);
      if (log_variance_bar.size() != 0)
        log_variance_bar(i, s) = static_cast<Scalar>(0.5 * bar * excess);
    }
  }
  return total;
}

template double softmax_cross_entropy<float>(MatrixIn<float>, std::span<const int>, double,
                                             MatrixOut<float>);
template double softmax_cross_entropy<double>(MatrixIn<double>, std::span<const int>, double,
                                              MatrixOut<double>);
template double mean_squared_error<float>(MatrixIn<float>, MatrixIn<float>, MatrixIn<float>, double,
                                          MatrixOut<float>);
template double mean_squared_error<double>(MatrixIn<double>, MatrixIn<double>, MatrixIn<double>,
                                           double, MatrixOut<double>);
template double gaussian_log_likelihood<float>(MatrixIn<float>, MatrixIn<float>, VectorIn<float>,
                                               MatrixIn<float>, double, MatrixOut<float>,
                                               VectorOut<float>);
template double gaussian_log_likelihood<double>(MatrixIn<double>, MatrixIn<double>,
                                                VectorIn<double>, MatrixIn<double>, double,
                                                MatrixOut<double>, VectorOut<double>);
template double standard_normal_kl<float>(MatrixIn<float>, MatrixIn<float>, double,
                                          MatrixOut<float>, MatrixOut<float>);
template double standard_normal_kl<double>(MatrixIn<double>, MatrixIn<double>, double,
                                           MatrixOut<double>, MatrixOut<double>);

}  // namespace neural_ode
