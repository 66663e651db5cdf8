// The user's own data as text. Comma, semicolon, tab or blanks between fields; one optional header
// line; blank lines and lines that begin with # are skipped. Errors name line and column: "line 3,
// column 2: expected a number, found 'x'".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/data/labelled_points.h"
#include "engine/data/trajectories.h"

namespace neural_ode {

// x,y,label with label 0 or 1.
Result<LabelledPoints> parse_points(std::string_view csv);
std::string write_points(const LabelledPoints& points);

// t,x,y[,trajectory]; times strictly increasing within a trajectory, at least two of them; numbers
// finite.
Result<std::vector<Trajectory>> parse_trajectories(std::string_view csv);
std::string write_trajectories(const std::vector<Trajectory>& trajectories);

}  // namespace neural_ode
