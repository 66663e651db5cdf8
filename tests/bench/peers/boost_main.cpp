// Our solver and Boost.odeint in turn, medians: neural_ode_peer_odeint [ROUNDS].
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <vector>

#include "engine/core/rng.h"
#include "engine/fields/mlp_field.h"
#include "engine/fields/systems.h"
#include "engine/ode/solver.h"
#include "tests/bench/peers/boost_odeint.h"

namespace {

using neural_ode::Matrix;
using neural_ode::peers::OdeintRun;

struct Contender {
  const char* name;
  std::function<OdeintRun()> run;
  std::vector<double> seconds = {};
  OdeintRun last = {};
};

// Seconds of processor time of a run, from `repeats` of them.
double time(Contender& contender, int repeats) {
  const std::clock_t begin = std::clock();
  for (int i = 0; i < repeats; ++i) contender.last = contender.run();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC / repeats;
}

// In turn, so that whatever else the machine does meets all of them.
void compare(const char* title, int rounds, int repeats, std::vector<Contender> contenders) {
  for (int round = 0; round < rounds; ++round) {
    for (Contender& contender : contenders) contender.seconds.push_back(time(contender, repeats));
  }
  std::printf("%s\n%-22s%12s%12s%8s%14s%14s\n", title, "", "median ms", "min ms", "nfe",
              "ns/eval med", "ns/eval min");
  for (Contender& contender : contenders) {
    std::sort(contender.seconds.begin(), contender.seconds.end());
    const double median = contender.seconds[contender.seconds.size() / 2];
    const double least = contender.seconds.front(), nfe = contender.last.nfe;
    std::printf("%-22s%12.4f%12.4f%8d%14.2f%14.2f   y = (%.6g, %.6g)\n", contender.name,
                median * 1e3, least * 1e3, contender.last.nfe, median / nfe * 1e9,
                least / nfe * 1e9, contender.last.end[0], contender.last.end[1]);
  }
}

OdeintRun ours(neural_ode::Solver<double>& solver, neural_ode::VectorField<double>& field,
               const Matrix<double>& y0, const Matrix<double>& times) {
  const int nfe = solver.solve(field, y0, times).nfe();
  OdeintRun run{nfe, {}};
  const Matrix<double>& end = solver.states().back();
  std::copy(end.data(), end.data() + end.size(), run.end.begin());
  return run;
}

neural_ode::Solver<double> dopri5(double rtol, double atol) {
  neural_ode::SolverOptions options;
  options.method = neural_ode::find_method("dopri5");
  options.rtol = rtol;
  options.atol = atol;
  return neural_ode::Solver<double>(options);
}

void compare_lorenz(int rounds) {
  const auto field = neural_ode::find_system("lorenz")->make();
  auto solver = dopri5(1e-9, 1e-9);
  const Matrix<double> y0 = Matrix<double>::Ones(3, 1);
  Matrix<double> times(2, 1);
  times << 0, 100;
  namespace peers = neural_ode::peers;
  compare("Lorenz, dopri5, rtol = atol = 1e-9, [0, 100], one trajectory", rounds, 1,
          {{"ours", [&] { return ours(solver, *field, y0, times); }},
           {"odeint", [] { return peers::baseline::lorenz(1e-9, 100); }},
           {"odeint -march=native", [] { return peers::native::lorenz(1e-9, 100); }}});
}

void compare_tanh_net(int rounds) {
  neural_ode::MlpField<double> field(
      neural_ode::mlp_layers(2, 32, 1, 2, neural_ode::Activation::tanh), false);
  neural_ode::Vector<double> theta(field.parameter_count());
  neural_ode::Rng rng(1);
  field.mlp().initialize(rng, false, theta);
  field.bind(theta.data());
  const double first = rng.normal(), second = rng.normal();

  neural_ode::peers::TanhNet net;
  net.theta.assign(theta.data(), theta.data() + theta.size());
  net.y0 = {first, second};
  Matrix<double> y0(2, 1), times(160, 1);
  y0 << first, second;
  for (int i = 0; i < 160; ++i) times(i, 0) = 7.0 * i / 159;
  net.times.assign(times.data(), times.data() + times.size());
  auto solver = dopri5(net.rtol, net.atol);
  namespace peers = neural_ode::peers;
  compare("Forward solve of 2-32-2 tanh, dopri5, rtol 1e-7 atol 1e-9, 160 times on [0, 7]", rounds,
          50,
          {{"ours", [&] { return ours(solver, field, y0, times); }},
           {"odeint", [&] { return peers::baseline::tanh_net(net); }},
           {"odeint -march=native", [&] { return peers::native::tanh_net(net); }}});
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::max(5, std::atoi(argv[1])) : 51;
  compare_lorenz(rounds);
  compare_tanh_net(rounds);
}
