// Pieces of pictures that several experiments show.
#pragma once

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/core/types.h"
#include "engine/data/labelled_points.h"
#include "engine/data/trajectories.h"
#include "playground/picture/frame.h"

namespace neural_ode {

// A square that holds a box, `margin` times as large; never empty.
struct View {
  double centre_x = 0, centre_y = 0, half = 1;
};
// points: 2 x N.
View view_of(const Matrix<double>& points, double margin);
void set_axes(Plot& plot, const View& view, const std::string& x_label, const std::string& y_label);

// A cube in space that holds a box, `margin` times as large; labels stay. points: 3 x N.
void set_cube(Plot& plot, const Matrix<double>& points, double margin);

// What an axis shows, for a grid that fills the plot.
Interval interval_of(const Axis& axis);
// The middles of cells x cells equal parts of the plot, row by row from the bottom: 2 x cells^2.
Matrix<double> cell_centres(const Plot& plot, int cells);

// Of more points than can be told apart a picture shows one in so many: an odd number, so that
// classes that take turns are both shown.
Index shown_stride(Index points);

// With the class of each.
Points points_of(const LabelledPoints& points);
Paths paths_along(const std::vector<Trajectory>& trajectories);
// What a person drew so far, as observations of motions in the plane; with its axes.
void show_drawn(Plot& plot, const std::vector<Trajectory>& drawn);
// What the picker shows of motions.
void show_preview(Plot& plot, const std::vector<Trajectory>& motions);
// A dashed straight line.
Layer line_layer(std::string label, double x0, double y0, double x1, double y1);
// A part of the time axis, from 0, over the whole height of a plot.
Layer span_layer(std::string label, double end, const Axis& height);

Metric count_metric(std::string name, std::string label, double value);
template <class Integer>
Metric count_metric(std::string name, std::string label,
                    Integer value) requires std::is_integral_v<Integer> {
  return count_metric(std::move(name), std::move(label), static_cast<double>(value));
}
Metric number_metric(std::string name, std::string label, double value, bool headline);

}  // namespace neural_ode
