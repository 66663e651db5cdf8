// What an experiment shows: scalars and plots, as plain data. The page draws it, the CLI writes it
// as JSON or SVG, tests assert on it. Nothing here knows what a pixel is: colours are roles,
// positions are data coordinates.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "playground/picture/layers.h"

namespace neural_ode {

struct Axis {
  std::string label;
  double minimum = 0, maximum = 1;
  bool logarithmic = false;
};

struct Plot {
  std::string id;       // "flow", "phase", "loss"
  std::string title;    // "Points flow through continuous depth"
  std::string caption;  // one line: what is seen
  Axis x, y, z;         // z: of a spatial plot
  bool equal_aspect = false;
  bool spatial = false;        // in space: seen through a camera (picture/camera.h), z up
  bool legend_beside = false;  // to the right of the plot, one row for each layer
  // What a hand draws on it, by Experiment::edit: on a pad with the pointer held, and the pad is no
  // plane.
  enum class Drawing { none, points, classes, trajectories, pad } drawing = Drawing::none;
  // t-scrubber range of the animated layers; equal: not animated.
  double t_begin = 0, t_end = 0;
  std::vector<Layer> layers;
};

struct Metric {
  std::string name;   // "test_accuracy": in JS, summaries
  std::string label;  // "test accuracy"
  double value = 0;   // NaN: not known yet
  enum class Format { number, percent, count, milliseconds, bytes } format = Format::number;
  bool headline = false;  // shown in the bottom strip; the others under "cost of a step"
};

struct Frame {
  std::int64_t step = 0;
  std::vector<Metric> metrics;
  std::vector<Plot> plots;  // the first is the hero
  std::string description;  // the picture in words, for those who do not see it

  const Metric* find_metric(std::string_view name) const;
};

}  // namespace neural_ode
