// The user's own data as text, in whatever way spreadsheets, programs and people write it: see
// docs/reference/own_data.md. The one reader for every experiment, on the page and at the command
// line. Errors name line and column: "line 3, column 2: expected a number, found 'x'".
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "engine/core/result.h"
#include "engine/data/labelled_points.h"
#include "engine/data/trajectories.h"

namespace neural_ode {

// Of a file, and of what is drawn besides.
inline constexpr int most_rows = 100'000;

// What was read, and a sentence for the person on how: which column as what, what was left out.
template <class Data>
struct Reading {
  Data data;
  std::string note;
};

struct PointTable {
  LabelledPoints points;
  std::array<std::string, 3> names = {"x", "y", "label"};  // of the columns
  std::array<std::string, 2> classes = {"0", "1"};         // what label 0 and label 1 are called
};

// x, y and a label of two kinds. Rows without one of them are left out.
Result<Reading<PointTable>> parse_points(std::string_view csv);
// Points of a density, whose labels may be missing and of any kind: x, y. Or x, y and a weight, of
// the pixels of an image for one, not negative and not all zero: then `count` points of label 0,
// each of those given as often as its weight asks for, to the nearest whole.
Result<Reading<PointTable>> parse_density(std::string_view csv, int count);
// What parse_points reads back to the same points.
std::string write_points(const PointTable& table);

struct TrajectoryTable {
  std::vector<Trajectory> trajectories;  // in the order in which they appear; NaN: missing
  std::array<std::string, 3> names = {"t", "x", "y"};  // of the columns
  bool x_alone = false;                                // there is no column y: all of it is NaN
};

// t, x, y and perhaps a trajectory, a number or a word; times, or dates and clock times, strictly
// increasing within a trajectory. One that was only begun may have a single point: whether that is
// enough is for the reader to say. `x_alone`: y need not be there, and x may have any name.
Result<Reading<TrajectoryTable>> parse_trajectories(std::string_view csv, bool x_alone = false);
std::string write_trajectories(const TrajectoryTable& table);

}  // namespace neural_ode
