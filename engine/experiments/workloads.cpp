#include "engine/experiments/workloads.h"

#include <memory>
#include <utility>
#include <vector>

#include "engine/core/kernels.h"
#include "engine/core/rng.h"
#include "engine/data/systems.h"
#include "engine/gradient/gradient.h"
#include "engine/models/density_model.h"
#include "engine/models/mlp_field.h"
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
    field_.mlp().initialize(rng, false, theta_);
    field_.bind(theta_.data());
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
    // A vector-Jacobian product evaluates once more and then costs two evaluations.
    const double evaluations = forward.nfe() + gradient_->nfe_backward() + 3.0 * gradient_->nvjp();
    return evaluations * flops_ * static_cast<double>(y0_.cols());
  }

 private:
  double flops_;
  MlpField<Scalar> field_;
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

// A step of maximum likelihood for a flow 2-64-64-2, batch 512.
std::function<double()> flow(Trace trace) {
  struct Run {
    DensityModel<float> model;
    Rng rng{1};
    Vector<float> theta, theta_bar;
    Matrix<float> x;
    std::unique_ptr<Optimizer<float>> optimizer;
    explicit Run(const DensitySpec& spec) : model(spec) {}
  };
  DensitySpec spec;
  spec.hidden = 64;
  spec.time_input = false;
  spec.trace = trace;
  spec.solver = fixed("rk4", 1.0 / 20);
  auto run = std::make_shared<Run>(spec);
  run->theta = run->model.initialize(run->rng);
  run->x = normal_matrix<float>(2, 512, run->rng);
  run->optimizer = make_optimizer<float>("adam", run->theta.size());
  const double jet = trace == Trace::exact ? 3 : 2;  // columns for each sample
  const double flops = jet * 512 * evaluation_flops(spec.field_layers());
  return [run, flops] {
    double loss = 0;
    const SolveReport report =
        run->model.loss_and_gradient(run->theta, run->x, run->rng, loss, run->theta_bar);
    if (!report.succeeded()) return 0.0;
    run->optimizer->step(run->theta, run->theta_bar, 1e-6);
    const Gradient<float>& gradient = run->model.gradient();
    return flops * (report.nfe() + gradient.nfe_backward() + 3.0 * gradient.nvjp());
  };
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

constexpr Workload registry[] = {
    {"spiral_dopri5",
     "training step of 2-32-2 tanh, 160 times on [0, 7], rtol 1e-7 atol 1e-9, double",
     [] { return spiral(adaptive("dopri5", 1e-7, 1e-9), "discrete"); }},
    {"spiral_rk4", "the same with 159 steps of rk4",
     [] { return spiral(fixed("rk4", 7.0 / 159), "discrete"); }},
    {"spiral_adjoint", "the same as spiral_dopri5 with the backsolve gradient",
     [] { return spiral(adaptive("dopri5", 1e-7, 1e-9), "backsolve"); }},
    {"lorenz_dopri5", "Lorenz system solved on [0, 100] at rtol = atol = 1e-9, double", lorenz},
    {"classifier_rk4",
     "training step of 7-128-128-6 tanh with time, batch 256, 20 steps of rk4, float",
     [] { return classifier(fixed("rk4", 1.0 / 20)); }},
    {"classifier_dopri5", "the same with dopri5 at rtol = atol = 1e-5",
     [] { return classifier(adaptive("dopri5", 1e-5, 1e-5)); }},
    {"cnf_exact",
     "likelihood step of a flow 2-64-64-2 tanh, exact trace, batch 512, 20 steps of rk4, float",
     [] { return flow(Trace::exact); }},
    {"cnf_hutchinson", "the same with Hutchinson's estimate of the trace, one Rademacher probe",
     [] { return flow(Trace::rademacher); }},
    {"gemm_128", "20 products of 128 x 128 by 128 x 256, float", products},
    {"tanh", "20 times tanh and its derivative of 32768 numbers, float", activations},
};

}  // namespace

std::span<const Workload> workloads() {
  return registry;
}

}  // namespace neural_ode
