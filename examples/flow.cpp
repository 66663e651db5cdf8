// A continuous normalising flow learns the density of two moons by maximum likelihood.
#include <neural_ode/engine.h>

#include <cstdio>

using namespace neural_ode;

int main() {
  const PlaneDensity& moons = *find_plane_density("moons");
  Rng rng(1);
  const auto draw = [&](Index count) -> Matrix<float> {
    return draw_points(moons, count, 0.05, rng).cast<float>();
  };
  DensityModel<float> model({.solver = {.method = "rk4", .step_size = 0.25}});
  Vector<float> theta = model.initialize(rng), theta_bar;

  Solver<float> solver({.method = "dopri5"});
  const Matrix<float> test = draw(1000);
  const auto nats = [&] { return -model.log_prob(theta, test, 1, nullptr, solver).mean(); };
  std::printf("a normal density   %.3f nats\n", nats());

  const auto adam = make_optimizer<float>("adam", theta.size());
  for (int step = 0; step < 300; ++step) {
    double loss = 0;  // the mean of -log p(x)
    const SolveReport report = model.loss_and_gradient(theta, draw(128), rng, loss, theta_bar);
    if (!report.succeeded()) return std::puts(report.message().c_str()), 1;
    adam->step(theta, theta_bar, 0.01 * schedule_factor("cosine", step, 300));
  }
  std::printf("the flow learnt    %.3f nats\n", nats());
}
