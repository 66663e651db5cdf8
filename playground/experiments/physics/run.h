// What one run of `physics` holds: its picture is drawn from it.
#pragma once

#include <cstddef>
#include <limits>
#include <memory>
#include <vector>

#include "engine/data/trajectories.h"
#include "engine/gradient/gradient.h"
#include "engine/models/mechanical_model.h"
#include "playground/experiments/physics/parameters.h"

namespace neural_ode::physics {

inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

struct Scores {
  double test_loss = unknown, energy_drift = unknown, energy_error = unknown;
  double trajectory_mse = unknown, extrapolation_mse = unknown;
};

struct Run {
  Options options;
  std::vector<Trajectory> observed;       // over the training span, with noise
  std::vector<Trajectory> truth, learnt;  // over the long span, at the same times
  int shown = 0;                          // times of these that lie in the training span
  std::vector<std::size_t> pictured;      // some motions, from the lowest to the highest energy
  MechanicalModel<float> model;
  std::unique_ptr<Gradient<float>> gradient;
  Scores scores;

  const MechanicalSystem& system() const { return *options.system; }
  double energy(const Trajectory& motion, Index time) const {
    return system().energy(motion.y.col(time).data(), nullptr);
  }
};

}  // namespace neural_ode::physics
