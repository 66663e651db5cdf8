#include "cli/bench/workloads.h"

#include <memory>
#include <vector>

#include "cli/bench/timed_step.h"
#include "engine/core/kernels.h"
#include "engine/fields/conv_field.h"
#include "engine/fields/mlp_field.h"
#include "engine/fields/systems.h"
#include "engine/models/density_model.h"
#include "engine/models/latent_model.h"
#include "engine/models/ode_net.h"
#include "engine/train/optimizer.h"

namespace neural_ode {
namespace {

std::function<double()> spiral(const SolverOptions& options, std::string_view gradient) {
  auto step = std::make_shared<TimedStep<double>>(mlp_layers(2, 32, 1, 2, Activation::tanh), false,
                                                  1, options, *find_gradient(gradient), 7.0, 160);
  return [step] { return (*step)(); };
}

std::function<double()> classifier(const SolverOptions& options) {
  auto step = std::make_shared<TimedStep<float>>(mlp_layers(7, 128, 2, 6, Activation::tanh), true,
                                                 256, options, *find_gradient("discrete"), 1.0, 2);
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
  spec.solver = fixed_steps("rk4", 1.0 / 20);
  auto run = std::make_shared<Run>(spec);
  run->theta = run->model.initialize(run->rng);
  run->x = normal_matrix<float>(2, 512, run->rng);
  run->optimizer = make_optimizer<float>("adam", run->theta.size());
  const double jet = trace == Trace::exact ? 3 : 2;  // columns for each sample
  const double flops = jet * 512 * evaluation_flops(spec.network().layers);
  return [run, flops] {
    double loss = 0;
    const SolveReport report =
        run->model.loss_and_gradient(run->theta, run->x, run->rng, loss, run->theta_bar);
    if (!report.succeeded()) return 0.0;
    run->optimizer->step(run->theta, run->theta_bar, 1e-6);
    const Gradient<float>& gradient = run->model.gradient();
    return flops *
           static_cast<double>(report.nfe() + gradient.nfe_backward() + 3 * gradient.nvjp());
  };
}

std::function<double()> lorenz() {
  struct Run {
    std::unique_ptr<VectorField<double>> field = find_system("lorenz")->make({});
    Solver<double> solver{adaptive_steps("dopri5", 1e-9, 1e-9)};
    Matrix<double> y0 = Matrix<double>::Ones(3, 1), times{2, 1};
  };
  auto run = std::make_shared<Run>();
  run->times << 0, 100;
  // Three sums of two or three terms and three products more.
  return [run] {
    return 11 * static_cast<double>(run->solver.solve(*run->field, run->y0, run->times).nfe());
  };
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

// Minus the ELBO of a batch of series, its gradient and Adam, as `latent` does.
std::function<double()> latent_step() {
  constexpr Index batch = 128, observations = 50;
  struct Run {
    explicit Run(const LatentSpec& spec) : model(spec) {}
    LatentModel<float> model;
    Vector<float> theta, theta_bar;
    SeriesBatch<float> series;
    Matrix<float> eps;
    std::unique_ptr<Optimizer<float>> optimizer;
  };
  LatentSpec spec;
  spec.decoder.solver = adaptive_steps("dopri5", 1e-3, 1e-3);
  spec.decoder.gradient = find_gradient("discrete");
  auto run = std::make_shared<Run>(spec);
  Rng rng(1);
  run->theta = run->theta_bar = run->model.initialize(rng);
  run->series.t0 = -0.02;
  run->series.times.resize(observations, batch);
  for (Index i = 0; i < observations; ++i) {
    run->series.times.row(i).setConstant(1.9 * static_cast<double>(i) / observations);
  }
  run->series.x = normal_matrix<float>(2, observations * batch, rng);
  run->eps = normal_matrix<float>(spec.encoder.latent_dim, batch, rng);
  run->optimizer = make_optimizer<float>("adam", run->theta.size());
  return [run] {
    const SolveReport& report = run->model.loss_and_gradient(run->theta, run->series, run->series,
                                                             run->eps, 1, run->theta_bar);
    if (!report.succeeded()) return 0.0;
    run->optimizer->step(run->theta, run->theta_bar, 1e-6);
    // The recurrent cells, which is nearly all: a reverse is worth two products.
    const RecognitionSpec& encoder = run->model.spec().encoder;
    const double cell = 2.0 * 3 * encoder.hidden * (encoder.hidden + encoder.data_dim + 1);
    return 3 * cell * static_cast<double>(run->series.times.size());
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
  spec.solver = fixed_steps("rk4", 0.5);
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
     [] { return spiral(adaptive_steps("dopri5", 1e-7, 1e-9), "discrete"); }},
    {"spiral_rk4", "the same with 159 steps of rk4",
     [] { return spiral(fixed_steps("rk4", 7.0 / 159), "discrete"); }},
    {"spiral_adjoint", "the same as spiral_dopri5 with the backsolve gradient",
     [] { return spiral(adaptive_steps("dopri5", 1e-7, 1e-9), "backsolve"); }},
    {"spiral_interpolated", "the same with the interpolated gradient",
     [] { return spiral(adaptive_steps("dopri5", 1e-7, 1e-9), "interpolated"); }},
    {"lorenz_dopri5", "Lorenz system solved on [0, 100] at rtol = atol = 1e-9, double", lorenz},
    {"classifier_rk4",
     "training step of 7-128-128-6 tanh with time, batch 256, 20 steps of rk4, float",
     [] { return classifier(fixed_steps("rk4", 1.0 / 20)); }},
    {"classifier_dopri5", "the same with dopri5 at rtol = atol = 1e-5",
     [] { return classifier(adaptive_steps("dopri5", 1e-5, 1e-5)); }},
    {"cnf_exact",
     "likelihood step of a flow 2-64-64-2 tanh, exact trace, batch 512, 20 steps of rk4, float",
     [] { return flow(Trace::exact); }},
    {"cnf_hutchinson", "the same with Hutchinson's estimate of the trace, one Rademacher probe",
     [] { return flow(Trace::rademacher); }},
    {"latent_step",
     "training step of the latent ODE of the spirals: 128 series of 50 observations, float",
     latent_step},
    {"gemm_128", "20 products of 128 x 128 by 128 x 256, float", products},
    {"conv_16", "f and its vector-Jacobian product for 128 images of 16 x 6 x 6, float",
     [] { return conv_field(16); }},
    {"conv_64", "the same for 64 x 6 x 6", [] { return conv_field(64); }},
    {"odenet_step",
     "training step of the ODE-Net, 64 channels, batch 128 of 28 x 28, 2 steps of rk4, float",
     odenet},
    {"tanh", "20 times tanh and its derivative of 32768 numbers, float", activations},
};

std::function<double()> grown(int width, Index batch, int steps) {
  auto step = std::make_shared<TimedStep<float>>(mlp_layers(3, width, 2, 2, Activation::tanh), true,
                                                 batch, fixed_steps("rk4", 1.0 / steps),
                                                 *find_gradient("discrete"), 1.0, 2);
  return [step] { return (*step)(); };
}

// 3-w-w-2 with biases.
constexpr int parameters(int width) {
  return width * width + 7 * width + 2;
}

constexpr Growth growth_registry[] = {
    {"batch",
     "samples, 3-32-32-2 tanh with time, 20 steps of rk4",
     {{1, 1}, {10, 10}, {100, 100}, {1000, 1000}, {10000, 10000}},
     [](int batch) { return grown(32, batch, 20); }},
    {"steps",
     "steps of rk4, 3-32-32-2 tanh with time, batch 16",
     {{1, 1}, {10, 10}, {100, 100}, {1000, 1000}, {10000, 10000}},
     [](int steps) { return grown(32, 16, steps); }},
    {"parameters",
     "parameters, 3-w-w-2 tanh with time, batch 64, 20 steps of rk4",
     {{8, parameters(8)},
      {29, parameters(29)},
      {96, parameters(96)},
      {312, parameters(312)},
      {996, parameters(996)}},
     [](int width) { return grown(width, 64, 20); }},
};

}  // namespace

std::span<const Growth> growths() {
  return growth_registry;
}

std::span<const Workload> workloads() {
  return registry;
}

}  // namespace neural_ode
