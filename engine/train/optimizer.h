// First-order optimisers over the flat parameter vector. Adding one: a class and a row in
// optimizer.cpp.
//
//   const auto optimizer = make_optimizer<float>("adamw", theta.size(), {.weight_decay = 1e-4});
//   optimizer->step(theta, theta_bar, learning_rate);
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "engine/core/result.h"
#include "engine/core/types.h"

namespace neural_ode {

template <class Scalar>
class Optimizer {
 public:
  virtual ~Optimizer() = default;
  // theta and theta_bar: P. Moves theta in place.
  virtual void step(VectorOut<Scalar> theta, VectorIn<Scalar> theta_bar, double learning_rate) = 0;
  // Moments and counters, for saving a run exactly: one column per moment (P x m), and the number
  // of steps.
  virtual Matrix<Scalar> moments() const = 0;
  virtual void restore(const Matrix<Scalar>& moments, long steps) = 0;
  virtual long steps() const = 0;
};

// What is left out has the optimiser's own default.
struct OptimizerOptions {
  std::optional<double> momentum = {};      // sgd
  std::optional<double> beta1 = {};         // adam, adamw: decay of the mean gradient, in [0, 1)
  std::optional<double> beta2 = {};         // adam, adamw, rmsprop: of the mean square, in [0, 1)
  std::optional<double> epsilon = {};       // the same, > 0
  std::optional<double> weight_decay = {};  // adamw: >= 0
};

std::span<const std::string_view> optimizer_names();  // sgd, adam, adamw, rmsprop
// The defaults of an optimiser, with just the options it has; null when the name is unknown.
const OptimizerOptions* optimizer_defaults(std::string_view name);
// Whether there is an optimiser of this name which has these options.
Status validate_optimizer(std::string_view name, const OptimizerOptions& options = {});
// Null where validate_optimizer says why.
template <class Scalar>
std::unique_ptr<Optimizer<Scalar>> make_optimizer(std::string_view name, Index parameter_count,
                                                  const OptimizerOptions& options = {});

// Scales theta_bar to Euclidean norm `limit` when it is longer; returns the norm before. limit <=
// 0: only measures.
template <class Scalar>
double clip_by_norm(VectorOut<Scalar> theta_bar, double limit);

}  // namespace neural_ode
