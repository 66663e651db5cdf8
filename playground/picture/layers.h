// What a plot shows, one type for each visual quantity. Numbers are in data coordinates.
//
// Counts that do not fit together (a frame may come from a file) are no error: what is drawn is the
// part that they agree on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace neural_ode {

enum class Role { neutral, class_a, class_b, truth, model, train, test, accent };

// What a grid covers along an axis. Of no width: nothing.
struct Interval {
  float minimum = 0, maximum = 0;
};

// Places in the plane.
struct Vertices {
  std::vector<float> x, y;

  std::size_t count() const;
  void append(double at_x, double at_y);
};

// Places in the plane or, in a spatial plot, in space: then z has one for each.
struct SpaceVertices : Vertices {
  std::vector<float> z;

  using Vertices::append;
  void append(double at_x, double at_y, double at_z);
};

// Cells that tile a rectangle: z has nx x ny values, row by row.
struct Grid {
  int nx = 0, ny = 0;
  Interval x_range, y_range;
  std::vector<float> z;

  // Whole ones that z has, one after another; 0: nothing can be drawn.
  std::size_t pictures() const;
  std::size_t cells() const;  // of a picture, where there is one
};

// Values as colors between z_min and z_max, rows from the bottom.
struct Heatmap : Grid {
  std::vector<float> times;  // with more than one: a picture for each, mixed by the t-scrubber
  float z_min = 0, z_max = 1;
  bool diverging = false;  // class A at z_min, class B at z_max
};

// Grays from 0 to 1, rows from the top.
struct Image : Grid {};

struct Points : SpaceVertices {
  std::vector<float> value;  // of each, a color between the two below; or empty
  float value_min = 0, value_max = 1;
  std::vector<std::uint32_t> group;  // of each: 0 class A, 1 class B; or empty
  // One point that can be dragged, which is Edit `add` of where it is put; `clear` puts it back.
  bool handle = false;
};

struct Paths : SpaceVertices {
  std::vector<std::uint32_t> starts;  // the first vertex of each path; none: all are one
  std::vector<std::uint32_t> group;   // of each path: 0 class A, 1 class B; or empty
  // Of the vertices of ONE path when all share them: then the t-scrubber animates the paths (drawn
  // to t, with a head).
  std::vector<float> times;
  bool smooth = false;  // a curve through the vertices, not a polygon

  void begin();  // a path, with the next vertex
  std::size_t size() const;
  // The vertices of path k: from first to second, which is not among them.
  std::pair<std::size_t, std::size_t> range(std::size_t k) const;
};

// A vector field (u, v) at nx x ny places, row by row from the bottom.
struct Arrows : Vertices {
  int nx = 0, ny = 0;
  std::vector<float> u, v;

  std::size_t count() const;
};

// A function of x.
struct Curve : Vertices {};

// What lies between two functions of x.
struct Band {
  std::vector<float> x, low, high;

  std::size_t count() const;
  void append(double at_x, double from, double to);
};

struct Histogram {
  std::vector<float> edges, counts;  // n + 1 and n

  std::size_t count() const;  // of bars
};

// Of a spatial plot: flat and convex.
struct Polygon : SpaceVertices {};

using Shape = std::variant<Points, Paths, Curve, Band, Arrows, Heatmap, Image, Histogram, Polygon>;

struct Layer {
  std::string label;    // legend; empty: none
  std::string heading;  // of the group of rows that begins with this one, in a legend beside
  Role role = Role::neutral;
  // Of one of many: its color and marker (picture/series_style.h) instead of the role's. A curve
  // has a mark at every vertex where there is room, points stand out. -1: none.
  int series = -1;
  bool dashed = false;
  bool faint = false;  // background material: thinner, more transparent
  Shape shape;
};

Layer make_layer(Shape shape, Role role = Role::neutral, std::string label = "");

// The classes of its points or paths; empty: it has none.
const std::vector<std::uint32_t>& groups_of(const Layer& layer);

}  // namespace neural_ode
