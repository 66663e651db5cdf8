// A pendulum let go at 1 rad, every half second.
#include <neural_ode/engine.h>

#include <cstdio>
#include <iostream>

using namespace neural_ode;

int main() {
  auto pendulum = formula_field<double, 2>([](auto, const auto* y, auto* dy) {
    dy[0] = y[1];
    dy[1] = -9.81 * math::sin(y[0]);
  });

  const Solution y =
      solve(pendulum, {1, 0}, {0, 0.5, 1, 1.5, 2}, {.method = "dopri5", .rtol = 1e-9});
  if (!y) return std::puts(y.report.message().c_str()), 1;

  for (Index i = 0; i < y.times.rows(); ++i) {
    const Matrix<double>& state = y.states[i];
    std::printf("t = %.1f s   %+.6f rad   %+.6f rad/s\n", y.times(i), state(0), state(1));
  }
  std::cout << y.report.nfe() << " evaluations of the field\n";
}
