// How much hares and lynxes after ten years depend on how it began and on the rates of the
// equations, by three strategies; and each of them held against differences.
#include <neural_ode/engine.h>

#include <cstdio>

using namespace neural_ode;

int main() {
  auto field = formula_field<double, 2, 4>(
      [](auto, const auto* y, const auto* rate, auto* dy) {
        dy[0] = rate[0] * y[0] - rate[1] * y[0] * y[1];
        dy[1] = rate[2] * y[0] * y[1] - rate[3] * y[1];
      },
      Vector<double>{{1.1, 0.4, 0.1, 0.4}});
  const Vector<double> y0{{10, 5}}, times{{0, 5, 10}};
  const SolverOptions options = {.method = "tsit5", .rtol = 1e-10, .atol = 1e-10};

  // L = |y(10) - (20, 5)|^2, and what it leaves for the states.
  const StatesLoss<double> loss = [](const auto& states, auto& states_bar) {
    const Vector<double> miss = states[2] - Vector<double>{{20, 5}};
    states_bar[2] = 2 * miss;
    return miss.squaredNorm();
  };
  const auto with_rates = [&](VectorIn<double> theta) -> VectorField<double>& {
    field.theta = theta;
    return field;
  };
  const LossDifferences differences =
      difference_loss({with_rates, field.theta, y0, times, options, loss});

  for (const char* strategy : {"discrete", "interpolated", "backsolve"}) {
    const Gradients g = gradient(field, y0, times, loss, options, strategy);
    if (!g) return std::puts(g.report().message().c_str()), 1;
    std::printf("%-12s  dL/dy0 = (%.4f, %.4f)   dL/d rate_0 = %.3f   error %.0e\n", strategy,
                g.y0_bar(0), g.y0_bar(1), g.theta_bar[0], *compare(g, differences).theta);
  }
}
