// A ball falls from 1 m and loses a fifth of its speed at every bounce: when does it touch the
// ground, and how does the time of the third bounce depend on the height it fell from?
#include <neural_ode/engine.h>

#include <cstdio>

using namespace neural_ode;

struct Ground final : Event<double> {
  double value(double, const double* y) const override { return y[0]; }
  double vjp(double, const double*, double bar, double* y_bar, VectorOut<double>) const override {
    return y_bar[0] += bar, 0;
  }
  bool resets() const override { return true; }
  void reset(double, const double* y, Index, double* after) const override {
    after[0] = y[0], after[1] = -0.8 * y[1];
  }
  double reset_vjp(double, const double*, Index, const double* after_bar, double* y_bar,
                   VectorOut<double>) const override {
    return y_bar[0] += after_bar[0], y_bar[1] -= 0.8 * after_bar[1], 0;
  }
};

int main() {
  auto ball = formula_field<double, 2>([](auto, const auto* y, auto* dy) {
    dy[0] = y[1];
    dy[1] = -9.81;
  });
  const Ground ground;
  HybridSolve<double> fall({.method = "dopri5", .rtol = 1e-9}, *find_gradient("discrete"));
  const Vector<double> y0{{1, 0}}, times{{0, 2}};
  if (!fall.forward(ball, y0, times, {&ground}).succeeded()) return 1;

  for (const Occurrence& bounce : fall.occurrences()) std::printf("bounce at %.6f s\n", bounce.t);
  const auto count = static_cast<Index>(fall.occurrences().size());
  fall.backward(ball, {2, Matrix<double>::Zero(2, 1)}, {.t = Vector<double>::Unit(count, 2)});
  std::printf("d t_3 / d height = %.6f s/m\n", fall.y0_bar()(0));
}
