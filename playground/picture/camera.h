// A plot in space as an eye far away sees it: an orthographic projection, for every drawing of it.
#pragma once

#include "playground/picture/frame.h"

namespace neural_ode {

// Where the eye is. The third axis of the plot points up; at azimuth 0 the first one points right
// and the second one away.
struct Camera {
  double azimuth = 0.6, elevation = 0.42;  // radians
};
inline constexpr double most_elevation = 1.5;  // and least, the eye below the ground

// A point in units of half the plot's box: x to the right, y up, `nearness` towards the eye.
struct SeenPoint {
  double x = 0, y = 0, nearness = 0;
};
// The box seen from anywhere has |x|, |y| and |nearness| below sqrt(3); what is drawn of it.
inline constexpr double seen_half = 1.3;

class Projection {
 public:
  Projection(const Plot& plot, const Camera& camera);
  SeenPoint at(double x, double y, double z) const;

 private:
  const Plot& plot_;
  double sin_azimuth_, cos_azimuth_, sin_elevation_, cos_elevation_;
};

// The distance of the lines of the ground: 1, 2 or 5 times a power of ten.
double ground_spacing(const Plot& plot);
// Scenery: lines on the ground (at z = 0 where the box has it, else at its end nearest to 0), and
// the axes through the ground's point nearest to 0: from ends to the positive ends, three paths.
Paths ground_lines(const Plot& plot);
Paths space_axes(const Plot& plot);

// Puts vertices in space where they are seen; z becomes the nearness of each.
void project(SpaceVertices& vertices, const Projection& projection);
// The flat plot of what is seen. Layers keep their order and all but their positions.
Plot projected(const Plot& plot, const Camera& camera);
Layer projected(const Layer& layer, const Projection& projection);

}  // namespace neural_ode
