#include "engine/train/optimizer.h"

#include <array>
#include <cmath>

namespace neural_ode {

namespace {

constexpr double epsilon = 1e-8;
constexpr double momentum = 0.9;
constexpr double beta1 = 0.9, beta2 = 0.999;  // [kingma2015]
constexpr double rms_decay = 0.99;
constexpr double weight_decay = 1e-2;  // [loshchilov2019]

// What all of them share: the moments (P x m) and the count of steps.
template <class Scalar>
class WithMoments : public Optimizer<Scalar> {
 public:
  WithMoments(Index parameter_count, Index moment_count)
      : moments_(Matrix<Scalar>::Zero(parameter_count, moment_count)) {}

  Matrix<Scalar> moments() const override { return moments_; }
  long steps() const override { return steps_; }
  void restore(const Matrix<Scalar>& moments, long steps) override {
    moments_ = moments;
    steps_ = steps;
  }

 protected:
  Matrix<Scalar> moments_;
  long steps_ = 0;
};

// v <- momentum v + g,  theta <- theta - rate v
template <class Scalar>
class Sgd final : public WithMoments<Scalar> {
 public:
  explicit Sgd(Index parameter_count) : WithMoments<Scalar>(parameter_count, 1) {}

  void step(VectorOut<Scalar> theta, VectorIn<Scalar> theta_bar, double learning_rate) override {
    ++this->steps_;
    auto velocity = this->moments_.col(0);
    velocity = Scalar(momentum) * velocity + theta_bar;
    theta -= Scalar(learning_rate) * velocity;
  }
};

// Adam (Algorithm 1 of [kingma2015]); `decay` > 0 makes it AdamW (Algorithm 2 of [loshchilov2019]).
template <class Scalar>
class Adam final : public WithMoments<Scalar> {
 public:
  Adam(Index parameter_count, double decay)
      : WithMoments<Scalar>(parameter_count, 2), decay_(decay) {}

  void step(VectorOut<Scalar> theta, VectorIn<Scalar> theta_bar, double learning_rate) override {
    ++this->steps_;
    beta1_power_ *= beta1;
    beta2_power_ *= beta2;
    auto m = this->moments_.col(0);
    auto v = this->moments_.col(1);
    m = Scalar(beta1) * m + Scalar(1 - beta1) * theta_bar;
    v = Scalar(beta2) * v + Scalar(1 - beta2) * theta_bar.cwiseProduct(theta_bar);
    if (decay_ > 0) theta *= Scalar(1 - learning_rate * decay_);
    const auto rate = Scalar(learning_rate / (1 - beta1_power_));
    const auto correction = Scalar(1 / std::sqrt(1 - beta2_power_));
    theta.array() -= rate * m.array() / (correction * v.array().sqrt() + Scalar(epsilon));
  }

  void restore(const Matrix<Scalar>& moments, long steps) override {
    WithMoments<Scalar>::restore(moments, steps);
    beta1_power_ = beta2_power_ = 1;
    for (long i = 0; i < steps && beta2_power_ > 0; ++i) {
      // The same products in the same order as in `step`: a restored run goes on to the bit.
      beta1_power_ *= beta1;
      beta2_power_ *= beta2;
    }
  }

 private:
  double decay_;
  double beta1_power_ = 1, beta2_power_ = 1;
};

// s <- decay s + (1 - decay) g^2,  theta <- theta - rate g / (sqrt(s) + epsilon)
template <class Scalar>
class RmsProp final : public WithMoments<Scalar> {
 public:
  explicit RmsProp(Index parameter_count) : WithMoments<Scalar>(parameter_count, 1) {}

  void step(VectorOut<Scalar> theta, VectorIn<Scalar> theta_bar, double learning_rate) override {
    ++this->steps_;
    auto s = this->moments_.col(0);
    s = Scalar(rms_decay) * s + Scalar(1 - rms_decay) * theta_bar.cwiseProduct(theta_bar);
    theta.array() -=
        Scalar(learning_rate) * theta_bar.array() / (s.array().sqrt() + Scalar(epsilon));
  }
};

template <class Scalar>
using Maker = std::unique_ptr<Optimizer<Scalar>> (*)(Index);

constexpr std::array<std::string_view, 4> names = {"sgd", "adam", "adamw", "rmsprop"};

template <class Scalar>
constexpr std::array<Maker<Scalar>, names.size()> makers = {
    [](Index p) -> std::unique_ptr<Optimizer<Scalar>> { return std::make_unique<Sgd<Scalar>>(p); },
    [](Index p) -> std::unique_ptr<Optimizer<Scalar>> {
      return std::make_unique<Adam<Scalar>>(p, 0);
    },
    [](Index p) -> std::unique_ptr<Optimizer<Scalar>> {
      return std::make_unique<Adam<Scalar>>(p, weight_decay);
    },
    [](Index p) -> std::unique_ptr<Optimizer<Scalar>> {
      return std::make_unique<RmsProp<Scalar>>(p);
    },
};

}  // namespace

std::span<const std::string_view> optimizer_names() {
  return names;
}

template <class Scalar>
std::unique_ptr<Optimizer<Scalar>> make_optimizer(std::string_view name, Index parameter_count) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return makers<Scalar>[i](parameter_count);
  return nullptr;
}

template <class Scalar>
double clip_by_norm(VectorOut<Scalar> theta_bar, double limit) {
  double sum = 0;
  for (Index i = 0; i < theta_bar.size(); ++i) sum += double(theta_bar[i]) * double(theta_bar[i]);
  const double norm = std::sqrt(sum);
  if (limit > 0 && norm > limit) theta_bar *= Scalar(limit / norm);
  return norm;
}

template std::unique_ptr<Optimizer<float>> make_optimizer<float>(std::string_view, Index);
template std::unique_ptr<Optimizer<double>> make_optimizer<double>(std::string_view, Index);
template double clip_by_norm<float>(VectorOut<float>, double);
template double clip_by_norm<double>(VectorOut<double>, double);

}  // namespace neural_ode
