// Problems whose loss everything enters that a gradient can be asked for, and that gradient by
// differences.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "engine/core/rng.h"
#include "engine/gradient/gradient.h"
#include "engine/ode/formula_field.h"
#include "tests/support/finite_difference.h"
#include "tests/support/methods.h"

namespace neural_ode::testing {

// L = sum_i weights_i . y(t_i), each sample with output times of its own.
struct GradientCase {
  std::unique_ptr<VectorField<double>> field;
  double* theta = nullptr;  // P, of the field
  Matrix<double> y0, times;
  std::vector<Matrix<double>> weights;

  // Three samples and four times, all random.
  template <class Field>
  explicit GradientCase(Field made) {
    auto own = std::make_unique<Field>(std::move(made));
    theta = own->theta.data();
    field = std::move(own);
    y0.resize(field->dim(), 3);
    times.resize(4, 3);
    Rng rng(11);
    for (double& y : y0.reshaped()) y = rng.uniform(-1.2, 1.2);
    for (Index s = 0; s < 3; ++s) {
      for (Index i = 0; i < 4; ++i)
        times(i, s) = 0.5 * static_cast<double>(i) + rng.uniform(0, 0.4);
    }
    for (int i = 0; i < 4; ++i) {
      weights.emplace_back(field->dim(), 3);
      for (double& weight : weights.back().reshaped()) weight = rng.normal();
    }
  }

  double loss(const std::vector<Matrix<double>>& states) const {
    double sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i)
      sum += (states[i].array() * weights[i].array()).sum();
    return sum;
  }
  double loss(const SolverOptions& options) const {
    Solver<double> solver(options);
    REQUIRE(solver.solve(*field, y0, times).status == SolveStatus::ok);
    return loss(solver.states());
  }

  std::unique_ptr<Gradient<double>> pulled_back(std::unique_ptr<Gradient<double>> gradient) const {
    REQUIRE(gradient->forward(*field, y0, times).status == SolveStatus::ok);
    REQUIRE(gradient->backward(*field, weights).status == SolveStatus::ok);
    return gradient;
  }
};

// y' = A y^3 + t b entry by entry.
inline GradientCase forced_swirl() {
  return GradientCase(formula_field<double, 2, 6>(
      [](auto t, const auto* y, const auto* p, auto* dy) {
        const auto u = y[0] * y[0] * y[0], v = y[1] * y[1] * y[1];
        dy[0] = p[0] * u + p[1] * v + p[4] * t;
        dy[1] = p[2] * u + p[3] * v + p[5] * t;
      },
      column({-0.3, 0.8, -0.9, -0.2, 0.4, -0.3})));
}

// Two coupled pendulums that are driven, positions before momenta: separable, as partitioned
// methods want it.
inline GradientCase driven_pendulums() {
  return GradientCase(formula_field<double, 4, 4>(
      [](auto t, const auto* y, const auto* p, auto* dy) {
        dy[0] = y[2] / p[0];
        dy[1] = y[3] / p[0];
        dy[2] = -p[1] * math::sin(y[0]) + p[2] * (y[1] - y[0]) + p[3] * t;
        dy[3] = -p[1] * math::sin(y[1]) + p[2] * (y[0] - y[1]);
      },
      column({1.3, 2, 0.7, -0.4})));
}

struct GradientValues {
  Matrix<double> y0_bar, theta_bar, times_bar;

  double scale() const {
    return std::max(y0_bar.cwiseAbs().maxCoeff(), theta_bar.cwiseAbs().maxCoeff());
  }
};

// Of loss(), by differences over `step`, and over `time_step` in the times.
template <class Loss>
GradientValues differences(GradientCase& problem, Loss loss, double step, double time_step) {
  GradientValues values;
  values.y0_bar.resizeLike(problem.y0);
  for (Index i = 0; i < problem.y0.size(); ++i)
    values.y0_bar.data()[i] = central_difference(loss, problem.y0.data()[i], step);
  values.theta_bar.resize(problem.field->parameter_count(), 1);
  for (Index i = 0; i < values.theta_bar.size(); ++i)
    values.theta_bar(i) = central_difference(loss, problem.theta[i], step);
  values.times_bar.setZero(problem.times.rows(), problem.times.cols());
  for (Index i = 0; i < problem.times.size() && time_step > 0; ++i)
    values.times_bar.data()[i] = central_difference(loss, problem.times.data()[i], time_step);
  return values;
}

// The largest error in y0 and theta, relative to the largest entry of the expected ones.
inline double relative_error(const Gradient<double>& found, const GradientValues& expected) {
  return std::max((found.y0_bar() - expected.y0_bar).cwiseAbs().maxCoeff(),
                  (found.theta_bar() - expected.theta_bar).cwiseAbs().maxCoeff()) /
         expected.scale();
}
inline double relative_time_error(const Gradient<double>& found, const GradientValues& expected) {
  return (found.times_bar() - expected.times_bar).cwiseAbs().maxCoeff() / expected.scale();
}

// The map of the very steps that adaptive solves took, by solves with fixed steps that are told
// where to end: what the discrete adjoint of an adaptive solve is the gradient of.
class FrozenSteps {
 public:
  FrozenSteps(const GradientCase& problem, const SolverOptions& options)
      : problem_(problem), options_(options) {
    for (Index s = 0; s < problem.y0.cols(); ++s) {
      Solver<double> solver(options);
      REQUIRE(solver
                  .solve(*problem.field, problem.y0.col(s), problem.times.col(s),
                         {.recording = Recording::schedule})
                  .status == SolveStatus::ok);
      std::vector<double> ends;
      for (std::size_t i = 0; i < solver.tape().step_count(); ++i) {
        const auto step = solver.tape().step(i);
        if (!step.samples.empty()) ends.push_back(step.t[0]);
      }
      ends.push_back(problem.times(problem.times.rows() - 1, s));
      ends_.push_back(Eigen::Map<Matrix<double>>(ends.data(), static_cast<Index>(ends.size()), 1));
    }
    options_.fixed = true;
    options_.step_size = 1e6;
  }

  double loss() const {
    std::vector<Matrix<double>> states = problem_.weights;
    for (Index s = 0; s < problem_.y0.cols(); ++s) {
      Solver<double> solver(options_);
      REQUIRE(solver
                  .solve(*problem_.field, problem_.y0.col(s), ends_[static_cast<std::size_t>(s)],
                         {.recording = Recording::interpolant})
                  .status == SolveStatus::ok);
      for (std::size_t i = 0; i < states.size(); ++i)
        solver.dense_output().eval(0, problem_.times(static_cast<Index>(i), s),
                                   states[i].col(s).data());
    }
    return problem_.loss(states);
  }
  Index step_count(Index sample) const {
    return ends_[static_cast<std::size_t>(sample)].size() - 1;
  }

 private:
  const GradientCase& problem_;
  SolverOptions options_;
  std::vector<Matrix<double>> ends_;  // per sample: the times where its steps begin, and the last
};

}  // namespace neural_ode::testing
