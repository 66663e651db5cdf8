// The units in which a person's trajectories are learnt, so that a fit is the same in hours and in
// seconds, in meters and in light years: the gap that is usual between observations is a tenth, and
// no value is larger than 1. What was drawn on an empty picture is about so by itself.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "engine/core/types.h"
#include "engine/data/trajectories.h"

namespace neural_ode {

// One number is (value - origin) / unit to the model.
struct Unit {
  double origin = 0, unit = 1;
  double to_model(double value) const { return (value - origin) / unit; }
  double from_model(double value) const { return origin + value * unit; }
};

struct Units {
  Unit t;
  std::array<Unit, 2> y;  // of both coordinates
};

// The median of what lies between two times of a trajectory; 0: there are no two.
double median_gap(const std::vector<Trajectory>& trajectories);

// Times count from the first. A coordinate counts from 0, where a law dy/dt = A y has its rest, but
// from its middle when it stays far away from 0.
Units units_of(const std::vector<Trajectory>& trajectories);
// Times far from 0 for their span, as Unix times are, are shown as since the first: a picture holds
// seven digits. `own` is in model units; changes the unit back to a person's, and its label.
void show_times_from_start(const std::vector<Trajectory>& own, Unit& t, std::string& label);

void to_model(const Units& units, std::vector<Trajectory>& trajectories);

}  // namespace neural_ode
