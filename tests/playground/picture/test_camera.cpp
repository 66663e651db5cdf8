// Plots in space: how they are projected and drawn.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <variant>
#include <vector>

#include "engine/core/rng.h"
#include "playground/experiments/solvers/experiment.h"
#include "playground/picture/camera.h"
#include "playground/picture/plots.h"
#include "playground/picture/write/frame_svg.h"
#include "tests/support/shapes.h"

using namespace neural_ode;
using testing::shape_of;

namespace {

constexpr double quarter = 1.5707963267948966;

// A box of 4 x 2 x 10 about (1, 0, 5).
Plot box() {
  Plot plot;
  plot.id = "space";
  plot.x = {"first", -1, 3};
  plot.y = {"second", -1, 1};
  plot.z = {"third", 0, 10};
  plot.spatial = true;
  return plot;
}

void check_seen(const SeenPoint& seen, double x, double y, double nearness) {
  CHECK(seen.x == doctest::Approx(x));
  CHECK(seen.y == doctest::Approx(y));
  CHECK(seen.nearness == doctest::Approx(nearness));
}

}  // namespace

TEST_CASE("camera: from the front, from the right side and from above") {
  const Plot plot = box();
  // The corner (right, front, top) and the middle of the right side.
  const Projection front(plot, {0, 0}), side(plot, {quarter, 0}), above(plot, {0, quarter});
  check_seen(front.at(3, -1, 10), 1, 1, 1);
  check_seen(front.at(3, 0, 5), 1, 0, 0);
  check_seen(side.at(3, 0, 5), 0, 0, 1);   // what was right is near
  check_seen(side.at(1, 1, 5), 1, 0, 0);   // what was far is right
  check_seen(above.at(1, 1, 5), 0, 1, 0);  // what was far is up
  check_seen(above.at(1, 0, 10), 0, 0, 1);
}

TEST_CASE("camera: turning keeps distances") {
  const Plot plot = box();
  Rng rng(3);
  for (int i = 0; i < 50; ++i) {
    const double u = rng.normal(), v = rng.normal(), w = rng.normal();
    const Projection projection(plot, {rng.normal() * 4, rng.normal()});
    const SeenPoint seen = projection.at(1 + 2 * u, v, 5 + 5 * w);
    CHECK(seen.x * seen.x + seen.y * seen.y + seen.nearness * seen.nearness ==
          doctest::Approx(u * u + v * v + w * w));
  }
}

TEST_CASE("camera: a projected plot is flat, and its layers keep everything else") {
  Plot plot = box();
  Paths paths;
  paths.starts = {0, 2};
  paths.group = {0, 1};
  paths.append(3, -1, 10);
  paths.append(1, 0, 5);
  paths.append(-1, 1, 0);
  plot.layers = {make_layer(paths, Role::test, "three")};
  const Plot flat = projected(plot, {0, 0});
  CHECK_FALSE(flat.spatial);
  CHECK(flat.equal_aspect);
  CHECK(flat.x.minimum == -flat.x.maximum);
  CHECK(flat.layers[0].label == "three");
  CHECK(flat.layers[0].role == Role::test);
  const auto& seen = shape_of<Paths>(flat.layers[0]);
  CHECK(seen.x == std::vector<float>{1, 0, -1});
  CHECK(seen.y == std::vector<float>{1, 0, -1});
  CHECK(seen.z == std::vector<float>{1, 0, -1});
  CHECK(seen.starts == paths.starts);
  CHECK(seen.group == paths.group);
}

TEST_CASE("camera: the ground lies at zero, its lines at round numbers") {
  Plot plot = box();
  CHECK(ground_spacing(plot) == doctest::Approx(0.5));  // at most ten on the longer side
  plot.x.maximum = 49;
  CHECK(ground_spacing(plot) == doctest::Approx(5));
  plot.x.maximum = 0.001;
  plot.x.minimum = plot.y.minimum = plot.y.maximum = 0;
  CHECK(ground_spacing(plot) == doctest::Approx(0.0001));
  plot = box();
  plot.z.minimum = -2;
  const Paths ground = ground_lines(plot);
  // x = -1, -0.5, ..., 3 and y = -1, -0.5, ..., 1.
  CHECK(ground.starts.size() == 9 + 5);
  for (const float z : ground.z) CHECK(z == 0);
  plot.z.minimum = 4;
  for (const float z : ground_lines(plot).z) CHECK(z == 4);
  const Paths axes = space_axes(plot);
  REQUIRE(axes.x.size() == 6);
  CHECK((axes.x[1] == 3 && axes.y[1] == 0 && axes.z[1] == 4));
  CHECK((axes.x[5] == 0 && axes.y[5] == 0 && axes.z[5] == 10));
}

TEST_CASE("plots: a cube holds its points") {
  Matrix<double> points(3, 2);
  points << 0, 2, 5, 5, -1, 7;
  Plot plot;
  set_cube(plot, points, 1.5);
  CHECK(plot.spatial);
  CHECK((plot.x.minimum == -5 && plot.x.maximum == 7));
  CHECK((plot.y.minimum == -1 && plot.y.maximum == 11));
  CHECK((plot.z.minimum == -3 && plot.z.maximum == 9));
}

TEST_CASE("svg: a plot in space has its three axes and no ticks of two") {
  Plot plot = box();
  Polygon polygon;
  polygon.append(-1, -1, 0);
  polygon.append(3, -1, 0);
  polygon.append(3, 1, 10);
  Points points;
  points.append(1, 0, 5);
  plot.layers = {make_layer(polygon), make_layer(points, Role::model)};
  Frame frame;
  frame.plots = {plot};
  const std::string svg = frame_to_svg(frame);
  for (const char* name : {">first<", ">second<", ">third<", "every 0.5"}) {
    CAPTURE(name);
    CHECK(svg.find(name) != std::string::npos);
  }
  CHECK(svg.find("nan") == std::string::npos);
  CHECK(svg.find("Z\" fill=") != std::string::npos);
  // The middle of the box is in the middle of the hero, in the colour of its role.
  CHECK(svg.find("<circle cx=\"350.00\" cy=\"356.00\" r=\"2.6\" fill=\"#2767d6\"") !=
        std::string::npos);
}

TEST_CASE("solvers: the Lorenz attractor is drawn in space, a plane system in the plane") {
  const auto experiment = make_solvers();
  for (const std::string data : {"lorenz", "kepler"}) {
    Settings settings(experiment->info().parameters);
    REQUIRE_FALSE(settings.set("data", data));
    REQUIRE(experiment->reset(settings, 0));
    const Frame frame = experiment->frame();
    const Plot& phase = frame.plots[0];
    CHECK(phase.spatial == (data == "lorenz"));
    for (const Layer& layer : phase.layers) {
      const auto* points = std::get_if<Points>(&layer.shape);
      const SpaceVertices& places =
          points ? static_cast<const SpaceVertices&>(*points) : shape_of<Paths>(layer);
      CHECK(places.z.size() == (data == "lorenz" ? places.x.size() : 0));
    }
    if (data != "lorenz") continue;
    const auto& solution = shape_of<Paths>(phase.layers.back());
    CHECK((solution.x[0] == 1 && solution.y[0] == 1 && solution.z[0] == 1));
    // About the fixed points at y3 = rho - 1 = 27.
    double sum = 0;
    for (const float z : solution.z) sum += static_cast<double>(z);
    CHECK(sum / static_cast<double>(solution.z.size()) == doctest::Approx(24).epsilon(0.15));
  }
}
