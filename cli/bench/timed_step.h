// A training step to time, and what it is made of.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/rng.h"
#include "engine/fields/mlp_field.h"
#include "engine/gradient/gradient.h"
#include "engine/train/optimizer.h"

namespace neural_ode {

template <class Scalar>
Matrix<Scalar> normal_matrix(Index rows, Index columns, Rng& rng) {
  Matrix<Scalar> matrix(rows, columns);
  for (Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = static_cast<Scalar>(rng.normal());
  return matrix;
}

// Of one evaluation for one sample.
inline double evaluation_flops(const std::vector<LayerSpec>& layers) {
  double flops = 0;
  for (const LayerSpec& layer : layers) {
    flops += 2.0 * layer.inputs * layer.outputs;
    if (layer.activation != Activation::identity) flops += layer.outputs;
  }
  return flops;
}

// A network that counts what is asked of it, in evaluations of one sample: a reverse is worth one
// for the states and one for theta.
template <class Scalar>
class CountedField final : public VectorField<Scalar> {
 public:
  using Count = std::atomic<std::int64_t>;

  // Clones, on any thread, add to the same count.
  CountedField(std::vector<LayerSpec> layers, bool time_input,
               std::shared_ptr<Count> count = std::make_shared<Count>(0))
      : field_(std::move(layers), time_input), time_input_(time_input), count_(std::move(count)) {}

  MlpField<Scalar>& field() { return field_; }
  // Since the last call.
  double take_count() { return static_cast<double>(count_->exchange(0)); }

  Index dim() const override { return field_.dim(); }
  Index parameter_count() const override { return field_.parameter_count(); }
  void reserve(Index batch) override { field_.reserve(batch); }
  void eval(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy) override {
    count(1, y.cols());
    field_.eval(t, y, dy);
  }
  void vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
           VectorOut<Scalar> theta_bar, TimesOut t_bar) override {
    count(theta_bar.size() == 0 ? 2 : 3, y.cols());
    field_.vjp(t, y, a, y_bar, theta_bar, t_bar);
  }
  void eval_vjp(TimesIn t, MatrixIn<Scalar> y, MatrixIn<Scalar> a, MatrixOut<Scalar> dy,
                MatrixOut<Scalar> y_bar, VectorOut<Scalar> theta_bar, TimesOut t_bar) override {
    count(theta_bar.size() == 0 ? 2 : 3, y.cols());
    field_.eval_vjp(t, y, a, dy, y_bar, theta_bar, t_bar);
  }
  Index record_size(Index batch) const override { return field_.record_size(batch); }
  void eval_recording(TimesIn t, MatrixIn<Scalar> y, MatrixOut<Scalar> dy,
                      Scalar* record) override {
    count(1, y.cols());
    field_.eval_recording(t, y, dy, record);
  }
  void vjp_recorded(const Scalar* record, MatrixIn<Scalar> a, MatrixOut<Scalar> y_bar,
                    VectorOut<Scalar> theta_bar, TimesOut t_bar) override {
    count(theta_bar.size() == 0 ? 1 : 2, a.cols());
    field_.vjp_recorded(record, a, y_bar, theta_bar, t_bar);
  }
  std::unique_ptr<VectorField<Scalar>> clone() const override {
    auto copy = std::make_unique<CountedField>(field_.mlp().layers(), time_input_, count_);
    copy->follow(*this);
    return copy;
  }
  bool follow(const VectorField<Scalar>& original) override {
    const auto* other = dynamic_cast<const CountedField*>(&original);
    return other != nullptr && field_.follow(other->field_);
  }

 private:
  void count(int evaluations, Index samples) { *count_ += evaluations * samples; }

  MlpField<Scalar> field_;
  bool time_input_;
  std::shared_ptr<Count> count_;
};

// A training step: forward, mean square of all states as loss, backward, Adam.
template <class Scalar>
class TimedStep {
 public:
  TimedStep(std::vector<LayerSpec> layers, bool time_input, Index batch,
            const SolverOptions& options, const GradientStrategy& strategy, double t1, Index times)
      : flops_(evaluation_flops(layers)),
        field_(std::move(layers), time_input),
        gradient_(strategy.make<Scalar>(options, {.times = false})),
        theta_(field_.parameter_count()),
        times_(times, 1) {
    Rng rng(1);
    field_.field().mlp().initialize(rng, false, theta_);
    field_.field().bind(theta_.data());
    y0_ = normal_matrix<Scalar>(field_.dim(), batch, rng);
    for (Index i = 0; i < times; ++i)
      times_(i, 0) = t1 * static_cast<double>(i) / static_cast<double>(times - 1);
    optimizer_ = make_optimizer<Scalar>("adam", theta_.size());
  }

  double operator()() {
    const SolveReport& forward = gradient_->forward(field_, y0_, times_);
    const auto& states = gradient_->states();
    bars_.resize(states.size());
    const auto scale = static_cast<Scalar>(2.0 / static_cast<double>(times_.size() * y0_.size()));
    for (std::size_t i = 0; i < states.size(); ++i) bars_[i] = scale * states[i];
    const SolveReport& backward = gradient_->backward(field_, bars_);
    if (!forward.succeeded() || !backward.succeeded()) return 0;
    // Small, so that every run does the same work.
    optimizer_->step(theta_, gradient_->theta_bar(), 1e-6);
    return field_.take_count() * flops_;
  }

 private:
  double flops_;  // of one evaluation for one sample
  CountedField<Scalar> field_;
  std::unique_ptr<Gradient<Scalar>> gradient_;
  std::unique_ptr<Optimizer<Scalar>> optimizer_;
  Vector<Scalar> theta_;
  Matrix<Scalar> y0_;
  Matrix<double> times_;
  std::vector<Matrix<Scalar>> bars_;
};

inline SolverOptions adaptive_steps(std::string_view method, double rtol, double atol) {
  SolverOptions options;
  options.method = find_method(method);
  options.rtol = rtol;
  options.atol = atol;
  return options;
}

inline SolverOptions fixed_steps(std::string_view method, double step_size) {
  SolverOptions options;
  options.method = find_method(method);
  options.fixed = true;
  options.step_size = step_size;
  return options;
}

}  // namespace neural_ode
