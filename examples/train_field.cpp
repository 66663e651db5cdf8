// A small network learns the field of a spiral from one trajectory of it.
#include <neural_ode/engine.h>

#include <cstdio>

using namespace neural_ode;

int main() {
  auto spiral = formula_field<float, 2>([](auto, const auto* y, auto* dy) {
    dy[0] = -0.1f * y[0] + 2.0f * y[1];
    dy[1] = -2.0f * y[0] - 0.1f * y[1];
  });
  const Vector<float> y0{{2, 0}};
  const Vector<double> times = Vector<double>::LinSpaced(40, 0, 4);
  const Solution observed = solve(spiral, y0, times);

  MlpField<float> field(mlp_layers(2, 24, 2, 2, Activation::tanh), false);
  Vector<float> theta(field.parameter_count());
  Rng rng(7);
  field.mlp().initialize(rng, false, theta);
  field.bind(theta.data());

  const StatesLoss<float> loss = [&](const auto& states, auto& states_bar) {
    return window_loss(states, observed.states, 1, states_bar);  // mean square over times 1, 2, ...
  };
  const auto adam = make_optimizer<float>("adam", theta.size());
  for (int step = 0; step <= 400; ++step) {
    const Gradients g = gradient(field, y0, times, loss, {.method = "rk4", .step_size = 0.1});
    if (!g) return std::puts(g.report().message().c_str()), 1;
    if (step % 100 == 0) std::printf("step %3d   loss %.5f\n", step, g.loss);
    adam->step(theta, g.theta_bar, 0.01 * schedule_factor("cosine", step, 400));
  }
}
