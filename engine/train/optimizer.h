// First-order optimisers over the flat parameter vector. Adding one: a class and a row in
// optimizer.cpp.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

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

std::span<const std::string_view> optimizer_names();  // sgd, adam, adamw, rmsprop
// Null when the name is unknown.
template <class Scalar>
std::unique_ptr<Optimizer<Scalar>> make_optimizer(std::string_view name, Index parameter_count);

// Scales theta_bar to Euclidean norm `limit` when it is longer; returns the norm before. limit <=
// 0: only measures.
template <class Scalar>
double clip_by_norm(VectorOut<Scalar> theta_bar, double limit);

}  // namespace neural_ode
