// What an experiment shows: scalars and plots, as plain data. The page draws it, the CLI writes it
// as JSON or SVG, tests assert on it. Nothing here knows what a pixel is: colours are roles,
// positions are data coordinates.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace neural_ode {

enum class Role { neutral, class_a, class_b, truth, model, train, test, accent };

struct Axis {
  std::string label;
  double minimum = 0, maximum = 1;
  bool logarithmic = false;
};

enum class LayerKind { heatmap, points, paths, arrows, curve, band, image, histogram };

// One visual layer. Which fields count depends on the kind:
//   heatmap    nx x ny cell values in z, row by row from the bottom; x, y hold {min, max}; z_min,
//              z_max the range. `diverging`: class A at z_min, class B at z_max. With `times`, z
//              holds that many pictures one after another and the t-scrubber mixes the nearest two
//   points     x, y; group per point (0 class A, 1 class B) or empty for the layer's role; z per
//              point, if any, is shown as a color between z_min and z_max
//   paths      x, y; starts[i] is the first vertex of path i; group per path; `times` per vertex of
//              ONE path when all share them: then the path is animated by the t-scrubber (drawn to
//              t, with a head)
//   arrows     a vector field: x, y positions and u, v components, on an nx x ny grid row by row
//              from the bottom
//   curve      x, y
//   band       x, y (lower), z (upper)
//   histogram  x (bin edges, n + 1), y (n counts)
//   image      nx x ny gray values 0..1 in z, row by row from the top
// In a spatial plot there are points, paths (a z for each vertex of both, not a value) and bands:
// one flat convex polygon of x, y, z each.
struct Layer {
  LayerKind kind = LayerKind::points;
  std::string label;    // legend; empty: none
  std::string heading;  // of the group of rows that begins with this one, in a legend beside
  Role role = Role::neutral;
  // Of one of many: its colour and marker (picture/series_style.h) instead of the role's. A
  // curve has a mark at every vertex where there is room, points stand out. -1: none.
  int series = -1;
  int nx = 0, ny = 0;
  float z_min = 0, z_max = 1;
  bool diverging = false;
  bool dashed = false;
  bool faint = false;   // background material: thinner, more transparent
  bool smooth = false;  // paths: a curve through the vertices, not a polygon
  // points: one point that can be dragged, which is Edit `add` of where it is put; `clear` puts it
  // back.
  bool handle = false;
  std::vector<float> x, y, z, u, v;
  std::vector<float> times;
  std::vector<std::uint32_t> starts;
  std::vector<std::uint32_t> group;
};

struct Plot {
  std::string id;       // "flow", "phase", "loss"
  std::string title;    // "Points flow through continuous depth"
  std::string caption;  // one line: what is seen
  Axis x, y, z;         // z: of a spatial plot
  bool equal_aspect = false;
  bool spatial = false;        // in space: seen through a camera (picture/camera.h), z up
  bool legend_beside = false;  // to the right of the plot, one row for each layer
  bool editable = false;       // clicks become Experiment::edit
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
