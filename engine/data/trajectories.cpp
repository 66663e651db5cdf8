#include "engine/data/trajectories.h"

#include <utility>

#include "engine/core/math.h"
#include "engine/fields/systems.h"
#include "engine/ode/solver.h"

namespace neural_ode {

namespace {

constexpr double pi = 3.14159265358979323846;

// The system's own first state, then states at random angles, .4 to 1 times as far from the origin
// as `reach`.
Matrix<double> initial_states(const System& system, int count, Rng& rng) {
  Matrix<double> y0(2, count);
  y0.col(0) << system.y0[0], system.y0[1];
  for (int k = 1; k < count; ++k) {
    const double radius = system.reach * rng.uniform(0.4, 1);
    const double angle = rng.uniform(0, 2 * pi);
    y0.col(k) << radius * math::cos(angle), radius * math::sin(angle);
  }
  return y0;
}

}  // namespace

TrajectorySet make_trajectories(std::string_view name, int count, int points, double t_end,
                                double noise, Rng& rng) {
  const System& system = *find_system(name);
  Matrix<double> times(points, 1);
  for (int i = 0; i < points; ++i) times(i, 0) = t_end * i / (points - 1);

  SolverOptions options;
  options.method = find_method("dopri5");
  options.rtol = options.atol = 1e-10;
  Solver<double> solver(options);
  const auto field = system.make();
  solver.solve(*field, initial_states(system, count, rng), times);

  TrajectorySet set;
  for (int k = 0; k < count; ++k) {
    Trajectory exact;
    exact.times.assign(times.data(), times.data() + points);
    exact.y.resize(system.dim, points);
    for (int i = 0; i < points; ++i) exact.y.col(i) = solver.states()[std::size_t(i)].col(k);
    Trajectory observed = exact;
    for (Index i = 0; i < observed.y.size(); ++i) observed.y.data()[i] += noise * rng.normal();
    set.exact.push_back(std::move(exact));
    set.observed.push_back(std::move(observed));
  }
  return set;
}

}  // namespace neural_ode
