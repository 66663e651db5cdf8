#include "engine/experiments/workloads.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "engine/core/kernels.h"
#include "engine/core/rng.h"
#include "engine/data/systems.h"
#include "engine/gradient/gradient.h"
#include "engine/models/conv_field.h"
#include "engine/models/mlp_field.h"
#include "engine/models/ode_net.h"
#include "engine/train/optimizer.h"

namespace neural_ode {
namespace {

template <class Scalar>
Matrix<Scalar> normal_matrix(Index rows, Index columns, Rng& rng) {
  Matrix<Scalar> matrix(rows, columns);
  for (Index i = 0; i < matrix.size(); ++i) matrix.data()[i] = static_cast<Scalar>(rng.normal());
  return matrix;
}

// Of one evaluation for one sample.
double evaluation_flops(const std::vector<LayerSpec>& layers) {
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
class TrainingStep {
 public:
  TrainingStep(std::vector<LayerSpec> layers, bool time_input, Index batch,
               const SolverOptions& options, const GradientStrategy& strategy, double t1,
               Index times)
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

SolverOptions adaptive(std::string_view method, double rtol, double atol) {
  SolverOptions options;
  options.method = find_method(method);
  options.rtol = rtol;
  options.atol = atol;
  return options;
}

SolverOptions fixed(std::string_view method, double step_size) {
  SolverOptions options;
  options.method = find_method(method);
  options.fixed = true;
  options.step_size = step_size;
  return options;
}

std::function<double()> spiral(const SolverOptions& options, std::string_view gradient) {
  auto step =
      std::make_shared<TrainingStep<double>>(mlp_layers(2, 32, 1, 2, Activation::tanh), false, 1,
                                             options, *find_gradient(gradient), 7.0, 160);
  return [step] { return (*step)(); };
}

std::function<double()> classifier(const SolverOptions& options) {
  auto step =
      std::make_shared<TrainingStep<float>>(mlp_layers(7, 128, 2, 6, Activation::tanh), true, 256,
                                            options, *find_gradient("discrete"), 1.0, 2);
  return [step] { return (*step)(); };
}

std::function<double()> lorenz() {
  struct Run {
    std::unique_ptr<VectorField<double>> field = find_system("lorenz")->make({});
    Solver<double> solver{adaptive("dopri5", 1e-9, 1e-9)};
    Matrix<double> y0 = Matrix<double>::Ones(3, 1), times{2, 1};
  };
  auto run = std::make_shared<Run>();
  run->times << 0, 100;
  // Three sums of two or three terms and three products more.
  return [run] { return 11.0 * run->solver.solve(*run->field, run->y0, run->times).nfe(); };
}

std::function<double()> products() {
  struct Run {
    Matrix<float> a, b, c{128, 256};
  };
  auto run = std::make_shared<Run>();
  Rng rng(1);
  run->a = normal_matrix<float>(128, 128, rng);
  run->b = normal_matrix<float>(128, 256, rng);
  return [run] {
    constexpr int repeats = 20;
    for (int i = 0; i < repeats; ++i)
      gemm<float>(Transpose::no, run->a, Transpose::no, run->b, false, run->c);
    return repeats * 2.0 * 128 * 128 * 256;
  };
}

std::function<double()> activations() {
  struct Run {
    Matrix<float> z, h{128, 256}, d1{128, 256};
  };
  auto run = std::make_shared<Run>();
  Rng rng(1);
  run->z = normal_matrix<float>(128, 256, rng);
  return [run] {
    constexpr int repeats = 20;
    for (int i = 0; i < repeats; ++i) {
      activate<float>(Activation::tanh, 128, 256, 128, run->z.data(), nullptr, run->h.data(),
                      run->d1.data(), nullptr);
    }
    return repeats * static_cast<double>(run->z.size());
  };
}

// Value and vector-Jacobian product of the ODE-Net's field for a batch of feature maps.
std::function<double()> conv_field(int channels) {
  struct Run {
    explicit Run(int count) : field({count, 6, 6}) {}
    ConvField<float> field;
    Vector<float> theta, theta_bar;
    Matrix<float> y, dy, a, y_bar;
    Vector<double> t, t_bar;
  };
  constexpr Index batch = 128;
  auto run = std::make_shared<Run>(channels);
  Rng rng(1);
  run->theta.resize(run->field.parameter_count());
  run->field.chain().initialize(rng, run->theta);
  run->field.bind(run->theta.data());
  run->theta_bar = Vector<float>::Zero(run->theta.size());
  run->y = normal_matrix<float>(run->field.dim(), batch, rng);
  run->a = normal_matrix<float>(run->field.dim(), batch, rng);
  run->dy = run->y_bar = Matrix<float>::Zero(run->field.dim(), batch);
  run->t = run->t_bar = Vector<double>::Zero(batch);
  return [run, channels] {
    run->field.eval_vjp(run->t, run->y, run->a, run->dy, run->y_bar, run->theta_bar, run->t_bar);
    // Two convolutions of nine taps, each with the gradients of its input and of its weights.
    return 3 * 2 * 2.0 * 9 * channels * static_cast<double>(run->y.size());
  };
}

// A training step of the ODE-Net of [chen2018] on images of MNIST's size.
std::function<double()> odenet() {
  constexpr Index batch = 128;
  constexpr int channels = 64, evaluations = 8;  // two steps of rk4
  struct Run {
    explicit Run(const OdeNetSpec& spec) : net(spec) {}
    OdeNet<float> net;
    Vector<float> theta, theta_bar;
    Matrix<float> x;
    std::vector<int> label;
    std::unique_ptr<Optimizer<float>> optimizer;
  };
  OdeNetSpec spec;
  spec.channels = channels;
  spec.solver = fixed("rk4", 0.5);
  auto run = std::make_shared<Run>(spec);
  Rng rng(1);
  run->theta = run->net.initialize(rng);
  run->x = normal_matrix<float>(spec.image.size(), batch, rng);
  for (Index s = 0; s < batch; ++s) run->label.push_back(static_cast<int>(rng.below(10)));
  run->optimizer = make_optimizer<float>("adam", run->theta.size());
  return [run] {
    double loss = 0;
    if (!run->net.loss_and_gradient(run->theta, run->x, run->label, loss, run->theta_bar)
             .succeeded()) {
      return 0.0;
    }
    run->optimizer->step(run->theta, run->theta_bar, 1e-6);
    // Products of the convolutions of one image: 26 x 26 pixels that see 9 numbers, 13 x 13 and
    // 6 x 6 that see 16 of each channel, and in every evaluation twice 6 x 6 that see 9 of each.
    // All but the first, whose input has no gradient, three times.
    constexpr double first = 26.0 * 26 * 9 * channels;
    constexpr double others = (13.0 * 13 + 6 * 6) * 16 * channels * channels +
                              evaluations * 2.0 * 36 * 9 * channels * channels;
    return 2 * (2 * first + 3 * others) * static_cast<double>(batch);
  };
}

constexpr Workload registry[] = {
    {"spiral_dopri5",
     "training step of 2-32-2 tanh, 160 times on [0, 7], rtol 1e-7 atol 1e-9, double",
     [] { return spiral(adaptive("dopri5", 1e-7, 1e-9), "discrete"); }},
    {"spiral_rk4", "the same with 159 steps of rk4",
     [] { return spiral(fixed("rk4", 7.0 / 159), "discrete"); }},
    {"spiral_adjoint", "the same as spiral_dopri5 with the backsolve gradient",
     [] { return spiral(adaptive("dopri5", 1e-7, 1e-9), "backsolve"); }},
    {"spiral_interpolated", "the same with the interpolated gradient",
     [] { return spiral(adaptive("dopri5", 1e-7, 1e-9), "interpolated"); }},
    {"lorenz_dopri5", "Lorenz system solved on [0, 100] at rtol = atol = 1e-9, double", lorenz},
    {"classifier_rk4",
     "training step of 7-128-128-6 tanh with time, batch 256, 20 steps of rk4, float",
     [] { return classifier(fixed("rk4", 1.0 / 20)); }},
    {"classifier_dopri5", "the same with dopri5 at rtol = atol = 1e-5",
     [] { return classifier(adaptive("dopri5", 1e-5, 1e-5)); }},
    {"gemm_128", "20 products of 128 x 128 by 128 x 256, float", products},
    {"conv_16", "f and its vector-Jacobian product for 128 images of 16 x 6 x 6, float",
     [] { return conv_field(16); }},
    {"conv_64", "the same for 64 x 6 x 6", [] { return conv_field(64); }},
    {"odenet_step",
     "training step of the ODE-Net, 64 channels, batch 128 of 28 x 28, 2 steps of rk4, float",
     odenet},
    {"tanh", "20 times tanh and its derivative of 32768 numbers, float", activations},
};

}  // namespace

std::span<const Workload> workloads() {
  return registry;
}

}  // namespace neural_ode
