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

// A density given by weights, of the pixels of an image for one: x,y,weight, weights not negative
// and not all zero, under a header whose third word is `weight` (then has_weights). Becomes `count`
// points of label 0, each of those given as often as its weight asks for, to the nearest whole.
bool has_weights(std::string_view csv);
Result<LabelledPoints> parse_weighted_points(std::string_view csv, int count);

// t,x,y[,trajectory]; times strictly increasing within a trajectory; numbers finite. One that was
// only begun may have a single point: whether that is enough is for the reader to say.
Result<std::vector<Trajectory>> parse_trajectories(std::string_view csv);
std::string write_trajectories(const std::vector<Trajectory>& trajectories);

}  // namespace neural_ode
