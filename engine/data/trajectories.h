// Observed trajectories: what a vector field is fitted to.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "engine/core/rng.h"
#include "engine/core/types.h"

namespace neural_ode {

struct Trajectory {
  std::vector<double> times;  // strictly increasing
  Matrix<double> y;           // D x T; NaN where an experiment says so: not observed
};

// `count` solutions of a built-in planar system with a reach from several initial states, on
// `points` equal times in [0, t_end], with N(0, noise^2) added to every entry; and the same without
// noise. Solved by dopri5 at 1e-10.
struct TrajectorySet {
  std::vector<Trajectory> observed, exact;
};
TrajectorySet make_trajectories(std::string_view system, int count, int points, double t_end,
                                double noise, Rng& rng);

}  // namespace neural_ode
