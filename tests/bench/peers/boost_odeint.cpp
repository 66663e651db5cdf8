// One build of the peer, in the namespace NEURAL_ODE_PEER_BUILD.
#include "tests/bench/peers/boost_odeint.h"

#include <boost/numeric/odeint.hpp>
#include <cmath>

namespace neural_ode::peers::NEURAL_ODE_PEER_BUILD {
namespace {

namespace odeint = boost::numeric::odeint;

// A type of this build's own: the linker may not take a stepper of one build for the other.
struct Operations : odeint::default_operations {};

template <std::size_t D>
using Dopri5 =
    odeint::runge_kutta_dopri5<std::array<double, D>, double, std::array<double, D>, double,
                               odeint::array_algebra, Operations, odeint::never_resizer>;

}  // namespace

OdeintRun lorenz(double tolerance, double t_end) {
  OdeintRun run;
  std::array<double, 3> y = {1, 1, 1};
  const auto field = [&run](const auto& x, auto& dx, double) {
    ++run.nfe;
    dx[0] = 10.0 * (x[1] - x[0]);
    dx[1] = x[0] * (28.0 - x[2]) - x[1];
    dx[2] = x[0] * x[1] - 8.0 / 3.0 * x[2];
  };
  odeint::integrate_adaptive(odeint::make_controlled<Dopri5<3>>(tolerance, tolerance), field, y,
                             0.0, t_end, 1e-3);
  run.end = y;
  return run;
}

OdeintRun tanh_net(const TanhNet& problem) {
  constexpr int hidden = 32;
  OdeintRun run;
  const double* w1 = problem.theta.data();
  const double *b1 = w1 + 2 * hidden, *w2 = b1 + hidden, *b2 = w2 + 2 * hidden;
  const auto field = [&](const auto& x, auto& dx, double) {
    ++run.nfe;
    double u = b2[0], v = b2[1];
    for (int i = 0; i < hidden; ++i) {
      const double h = std::tanh(w1[i] * x[0] + w1[hidden + i] * x[1] + b1[i]);
      u += w2[2 * i] * h;
      v += w2[2 * i + 1] * h;
    }
    dx[0] = u;
    dx[1] = v;
  };
  std::array<double, 2> y = problem.y0;
  std::vector<std::array<double, 2>> states;
  states.reserve(problem.times.size());
  odeint::integrate_times(odeint::make_dense_output<Dopri5<2>>(problem.atol, problem.rtol), field,
                          y, problem.times.begin(), problem.times.end(), 1e-2,
                          [&](const auto& state, double) { states.push_back(state); });
  run.end = {states.back()[0], states.back()[1], 0};
  return run;
}

}  // namespace neural_ode::peers::NEURAL_ODE_PEER_BUILD
