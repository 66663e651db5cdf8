// What `dynamics` is given to learn from: motions of known fields, a table of real ones, or the
// user's own, in whole or in part.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/core/rng.h"
#include "engine/data/trajectories.h"
#include "playground/experiments/dynamics/parameters.h"
#include "playground/own_data/own_trajectories.h"
#include "playground/own_data/units.h"

namespace neural_ode::dynamics {

// Choices of the parameter `data` but for the user's own.
struct KnownData {
  std::string_view name, label;
  std::string_view system;  // whose solutions these are; empty: measured
  double t_end;
  int observed;  // coordinates: the first ones of the system
};
std::span<const KnownData> known_data();
const KnownData* find_known_data(std::string_view choice);  // null for the user's own

struct ObservedMotions {
  std::vector<Trajectory> observed;  // d x T; NaN: not observed
  std::vector<Trajectory> exact;     // the same motions, all coordinates; empty where unknown
  // How many observations, and exact states, of each motion are within the train span.
  std::vector<int> shown, exact_shown;
  Index dim = 2;  // d

  // What the numbers mean: those of units, or y = ln(value / logarithm_of) where there is such a
  // value.
  Units units;
  std::vector<double> logarithm_of;
  std::string time_label = "t";
  std::array<std::string, 2> names = {"x", "y"};  // of the coordinates, as curves
  std::array<std::string, 2> axes = {"x", "y"};
  double time(double t) const { return units.t.from_model(t); }
  double value(Index coordinate, double y) const;
  // The size of an error of 1.
  double error_unit(Index coordinate) const {
    return units.y[static_cast<std::size_t>(coordinate)].unit;
  }
  // dy/dt as the rate of the value.
  double rate(Index coordinate, double y, double dy) const;
  double from_value(Index coordinate, double value) const;  // inverse of value; NaN: none

  // Errors are compared with those of forecasting the mean of each motion's shown part.
  double mean_forecast_error() const;
};

// Why motions that a person gave cannot be begun, of which some values may be missing.
Status check_beginnings(const std::vector<Trajectory>& own);

// As the options say. `own` must have passed both checks.
ObservedMotions observe_motions(const Options& options, const OwnTrajectories& own,
                                std::uint64_t seed);

}  // namespace neural_ode::dynamics
