// Boost.odeint on two of our problems, to time beside ours. Compiled twice: for any processor, and
// with everything that this one has.
#pragma once

#include <array>
#include <vector>

namespace neural_ode::peers {

struct OdeintRun {
  int nfe = 0;
  std::array<double, 3> end = {};  // the last state
};

// The 2-32-2 tanh network of bench's spiral: weights column by column, as our parameter vector has
// them, and the times to report.
struct TanhNet {
  std::vector<double> theta;  // 32 x 2, 32, 2 x 32, 2
  std::array<double, 2> y0 = {};
  std::vector<double> times;
  double rtol = 1e-7, atol = 1e-9;
};

namespace baseline {
OdeintRun lorenz(double tolerance, double t_end);  // from (1, 1, 1)
OdeintRun tanh_net(const TanhNet& problem);
}  // namespace baseline
namespace native {
OdeintRun lorenz(double tolerance, double t_end);
OdeintRun tanh_net(const TanhNet& problem);
}  // namespace native

}  // namespace neural_ode::peers
