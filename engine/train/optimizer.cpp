#include "engine/train/optimizer.h"

#include <array>
#include <cmath>
#include <iterator>
#include <string>

#include "engine/core/nearest_name.h"

namespace neural_ode {

namespace {

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
  Sgd(Index parameter_count, const OptimizerOptions& options)
      : WithMoments<Scalar>(parameter_count, 1), momentum_(*options.momentum) {}

  void step(VectorOut<Scalar> theta, VectorIn<Scalar> theta_bar, double learning_rate) override {
    ++this->steps_;
    auto velocity = this->moments_.col(0);
    velocity = Scalar(momentum_) * velocity + theta_bar;
    theta -= Scalar(learning_rate) * velocity;
  }

 private:
  double momentum_;
};

// Adam (Algorithm 1 of [kingma2015]); a weight decay makes it AdamW (Algorithm 2 of
// [loshchilov2019]).
template <class Scalar>
class Adam final : public WithMoments<Scalar> {
 public:
  Adam(Index parameter_count, const OptimizerOptions& options)
      : WithMoments<Scalar>(parameter_count, 2),
        beta1_(*options.beta1),
        beta2_(*options.beta2),
        epsilon_(*options.epsilon),
        decay_(options.weight_decay.value_or(0)) {}

  void step(VectorOut<Scalar> theta, VectorIn<Scalar> theta_bar, double learning_rate) override {
    ++this->steps_;
    beta1_power_ *= beta1_;
    beta2_power_ *= beta2_;
    auto m = this->moments_.col(0);
    auto v = this->moments_.col(1);
    m = Scalar(beta1_) * m + Scalar(1 - beta1_) * theta_bar;
    v = Scalar(beta2_) * v + Scalar(1 - beta2_) * theta_bar.cwiseProduct(theta_bar);
    if (decay_ > 0) theta *= Scalar(1 - learning_rate * decay_);
    const auto rate = Scalar(learning_rate / (1 - beta1_power_));
    const auto correction = Scalar(1 / std::sqrt(1 - beta2_power_));
    theta.array() -= rate * m.array() / (correction * v.array().sqrt() + Scalar(epsilon_));
  }

  void restore(const Matrix<Scalar>& moments, long steps) override {
    WithMoments<Scalar>::restore(moments, steps);
    beta1_power_ = beta2_power_ = 1;
    for (long i = 0; i < steps && beta2_power_ > 0; ++i) {
      // The same products in the same order as in `step`: a restored run goes on to the bit.
      beta1_power_ *= beta1_;
      beta2_power_ *= beta2_;
    }
  }

 private:
  double beta1_, beta2_, epsilon_, decay_;
  double beta1_power_ = 1, beta2_power_ = 1;
};

// s <- beta2 s + (1 - beta2) g^2,  theta <- theta - rate g / (sqrt(s) + epsilon)
template <class Scalar>
class RmsProp final : public WithMoments<Scalar> {
 public:
  RmsProp(Index parameter_count, const OptimizerOptions& options)
      : WithMoments<Scalar>(parameter_count, 1),
        beta2_(*options.beta2),
        epsilon_(*options.epsilon) {}

  void step(VectorOut<Scalar> theta, VectorIn<Scalar> theta_bar, double learning_rate) override {
    ++this->steps_;
    auto s = this->moments_.col(0);
    s = Scalar(beta2_) * s + Scalar(1 - beta2_) * theta_bar.cwiseProduct(theta_bar);
    theta.array() -=
        Scalar(learning_rate) * theta_bar.array() / (s.array().sqrt() + Scalar(epsilon_));
  }

 private:
  double beta2_, epsilon_;
};

template <class Scalar>
using Made = std::unique_ptr<Optimizer<Scalar>>;
template <class Scalar>
using Make = Made<Scalar> (*)(Index parameter_count, const OptimizerOptions& options);

template <class Type, class Scalar>
Made<Scalar> make(Index parameter_count, const OptimizerOptions& options) {
  return std::make_unique<Type>(parameter_count, options);
}

template <class Scalar>
struct Row {
  std::string_view name;
  OptimizerOptions defaults;  // empty where it has no such option
  Make<Scalar> make;
};

// One for each Scalar: a program has the code of those that it uses.
template <class Scalar>
constexpr Row<Scalar> rows[] = {
    {"sgd", {.momentum = 0.9}, make<Sgd<Scalar>, Scalar>},
    {"adam",
     {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8},  // [kingma2015]
     make<Adam<Scalar>, Scalar>},
    {"adamw",
     {.beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 1e-2},  // [loshchilov2019]
     make<Adam<Scalar>, Scalar>},
    {"rmsprop", {.beta2 = 0.99, .epsilon = 1e-8}, make<RmsProp<Scalar>, Scalar>},
};

constexpr auto names = [] {
  std::array<std::string_view, std::size(rows<float>)> list;
  for (std::size_t i = 0; i < list.size(); ++i) list[i] = rows<float>[i].name;
  return list;
}();

template <class Scalar>
const Row<Scalar>* find_row(std::string_view name) {
  for (const Row<Scalar>& row : rows<Scalar>) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

struct Field {
  std::string_view name, expected;
  std::optional<double> OptimizerOptions::*value;
  bool (*fits)(double);
};

bool is_decay(double x) {
  return x >= 0 && x < 1;
}

constexpr Field fields[] = {
    {"momentum", "a number in [0, 1)", &OptimizerOptions::momentum, is_decay},
    {"beta1", "a number in [0, 1)", &OptimizerOptions::beta1, is_decay},
    {"beta2", "a number in [0, 1)", &OptimizerOptions::beta2, is_decay},
    {"epsilon", "a finite number > 0", &OptimizerOptions::epsilon,
     [](double x) { return x > 0 && std::isfinite(x); }},
    {"weight_decay", "a finite number >= 0", &OptimizerOptions::weight_decay,
     [](double x) { return x >= 0 && std::isfinite(x); }},
};

// "momentum, beta1"
std::string options_of(const OptimizerOptions& defaults) {
  std::string list;
  for (const Field& field : fields) {
    if (defaults.*field.value) list += (list.empty() ? "" : ", ") + std::string(field.name);
  }
  return list;
}

}  // namespace

std::span<const std::string_view> optimizer_names() {
  return names;
}

const OptimizerOptions* optimizer_defaults(std::string_view name) {
  const Row<float>* row = find_row<float>(name);
  return row == nullptr ? nullptr : &row->defaults;
}

Status validate_optimizer(std::string_view name, const OptimizerOptions& options) {
  const Row<float>* row = find_row<float>(name);
  if (row == nullptr) return Error{unknown_name("optimiser", name, names)};
  for (const Field& field : fields) {
    const std::optional<double> value = options.*field.value;
    if (!value) continue;
    if (!(row->defaults.*field.value)) {
      return Error{std::string(field.name) + ": expected an option of " + std::string(name) + ": " +
                   options_of(row->defaults)};
    }
    if (!field.fits(*value)) {
      return Error{std::string(field.name) + ": expected " + std::string(field.expected)};
    }
  }
  return {};
}

template <class Scalar>
std::unique_ptr<Optimizer<Scalar>> make_optimizer(std::string_view name, Index parameter_count,
                                                  const OptimizerOptions& options) {
  if (!validate_optimizer(name, options)) return nullptr;
  const Row<Scalar>& row = *find_row<Scalar>(name);
  OptimizerOptions all = row.defaults;
  for (const Field& field : fields) {
    if (options.*field.value) all.*field.value = options.*field.value;
  }
  return row.make(parameter_count, all);
}

template <class Scalar>
double clip_by_norm(VectorOut<Scalar> theta_bar, double limit) {
  double sum = 0;
  for (Index i = 0; i < theta_bar.size(); ++i) sum += double(theta_bar[i]) * double(theta_bar[i]);
  const double norm = std::sqrt(sum);
  if (limit > 0 && norm > limit) theta_bar *= Scalar(limit / norm);
  return norm;
}

template std::unique_ptr<Optimizer<float>> make_optimizer<float>(std::string_view, Index,
                                                                 const OptimizerOptions&);
template std::unique_ptr<Optimizer<double>> make_optimizer<double>(std::string_view, Index,
                                                                   const OptimizerOptions&);
template double clip_by_norm<float>(VectorOut<float>, double);
template double clip_by_norm<double>(VectorOut<double>, double);

}  // namespace neural_ode
