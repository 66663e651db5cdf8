// The experiment `classify`.
#include <doctest/doctest.h>

#include <Eigen/Geometry>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "playground/catalogue/catalogue.h"
#include "tests/support/shapes.h"

using namespace neural_ode;
using testing::numbers_of;
using testing::shape_of;

namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

std::unique_ptr<Experiment> started(const Values& values, std::uint64_t seed) {
  auto experiment = all_experiments().make("classify");
  Settings settings(experiment->info().parameters);
  for (const auto& pair : values) {
    CAPTURE(pair.first);
    REQUIRE_FALSE(settings.set(pair.first, pair.second));
  }
  REQUIRE(experiment->reset(settings, seed));
  return experiment;
}

void train(Experiment& experiment, int steps) {
  for (int i = 0; i < steps; ++i) {
    const StepReport report = experiment.step();
    CAPTURE(report.message);
    REQUIRE(report.ok);
  }
}

double metric(Experiment& experiment, const char* name) {
  const Frame frame = experiment.frame();
  const Metric* found = frame.find_metric(name);
  REQUIRE(found != nullptr);
  return found->value;
}

const Plot* find_plot(const Frame& frame, std::string_view id) {
  for (const Plot& plot : frame.plots)
    if (plot.id == id) return &plot;
  return nullptr;
}

template <class Shape>
int count_layers(const Plot& plot) {
  int count = 0;
  for (const Layer& layer : plot.layers) count += std::holds_alternative<Shape>(layer.shape);
  return count;
}

}  // namespace

TEST_CASE("classify: every model learns the moons, and shows what it has") {
  for (const std::string model : {"ode", "resnet", "mlp"}) {
    CAPTURE(model);
    const auto experiment = started({{"data", "moons"}, {"model", model}}, 1);
    train(*experiment, model == "mlp" ? 1000 : 200);
    CHECK(metric(*experiment, "test_accuracy") >= 0.99);
    CHECK(metric(*experiment, "state_bytes") > 0);
    const Frame frame = experiment->frame();
    const Plot& hero = frame.plots[0];
    CHECK(hero.id == "flow");
    CHECK(hero.drawing == Plot::Drawing::classes);
    CHECK(count_layers<Heatmap>(hero) == 1);
    const bool flows = model != "mlp";
    CHECK(count_layers<Paths>(hero) == (flows ? 1 : 0));
    CHECK((hero.t_end > hero.t_begin) == flows);
    CHECK((find_plot(frame, "lifted") != nullptr) == flows);
    CHECK(metric(*experiment, "nfe_forward") == (model == "ode" ? 40 : flows ? 20 : 1));
    if (model == "resnet") CHECK(shape_of<Paths>(hero.layers.back()).times.size() == 21);
    const Frame sketch = experiment->sketch();
    REQUIRE(sketch.plots.size() == frame.plots.size());
    const auto other =
        started({{"data", "moons"}, {"model", model == "ode" ? "resnet" : "ode"}}, 1);
    CHECK_FALSE(other->load(experiment->save()));
  }
}

TEST_CASE("classify: the lifted picture is the paths in space") {
  const auto experiment = started({{"data", "rings"}, {"augment", "2"}}, 3);
  train(*experiment, 30);
  const Frame frame = experiment->frame();
  const Plot* lifted = find_plot(frame, "lifted");
  REQUIRE(lifted != nullptr);
  CHECK(lifted->spatial);
  CHECK(count_layers<Polygon>(*lifted) == 0);  // in four dimensions the boundary is no plane
  const auto &paths = shape_of<Paths>(lifted->layers.back()),
             &flow = shape_of<Paths>(frame.plots[0].layers.back());
  REQUIRE(paths.x.size() == flow.x.size());
  REQUIRE(paths.z.size() == flow.x.size());
  // Without the third coordinate at t = 0, with it later.
  const std::size_t end = paths.times.size() - 1;
  for (const std::size_t i : {std::size_t{0}, end}) {
    CHECK(paths.x[i] == doctest::Approx(flow.x[i]).epsilon(1e-5));
    CHECK(paths.y[i] == doctest::Approx(flow.y[i]).epsilon(1e-5));
  }
  CHECK(paths.z[0] == 0);
  CHECK(std::abs(paths.z[end]) > 1e-3F);
  CHECK(find_plot(started({{"augment", "0"}}, 1)->frame(), "lifted") == nullptr);
}

TEST_CASE("classify: the boundary in space parts the ends of the paths as the model does") {
  const auto experiment = started({{"data", "rings"}, {"augment", "1"}, {"points", "100"}}, 3);
  // Early enough that a plane elsewhere would part them otherwise.
  for (int round = 0; round < 6; ++round) {
    train(*experiment, 20);
    const Frame frame = experiment->frame();
    const Plot* lifted = find_plot(frame, "lifted");
    REQUIRE(lifted != nullptr);
    REQUIRE(count_layers<Polygon>(*lifted) == 1);
    const auto& plane = shape_of<Polygon>(lifted->layers.front());
    const auto& paths = shape_of<Paths>(lifted->layers.back());
    REQUIRE(plane.x.size() >= 3);
    const auto corner = [&plane](std::size_t i) {
      return Eigen::Vector3d(plane.x[i], plane.y[i], plane.z[i]);
    };
    const Eigen::Vector3d normal =
        (corner(1) - corner(0)).cross(corner(2) - corner(0)).normalized();
    for (std::size_t i = 0; i < plane.x.size(); ++i) {
      CHECK(std::abs(normal.dot(corner(i) - corner(0))) < 1e-4);
      CHECK(corner(i)[0] <= lifted->x.maximum + 1e-4);
      CHECK(corner(i)[1] >= lifted->y.minimum - 1e-4);
      CHECK(corner(i)[2] <= lifted->z.maximum + 1e-4);
    }
    int right = 0;
    const std::size_t vertices = paths.times.size();
    for (std::size_t k = 0; k < paths.group.size(); ++k) {
      const std::size_t end = (k + 1) * vertices - 1;
      const double side =
          normal.dot(Eigen::Vector3d(paths.x[end], paths.y[end], paths.z[end]) - corner(0));
      right += (side > 0) == (paths.group[k] == 1) ? 1 : 0;
    }
    // Every test point has a path; the plane does not say which side is which.
    const double share = right / static_cast<double>(paths.group.size());
    CHECK(std::abs(share - 0.5) ==
          doctest::Approx(std::abs(metric(*experiment, "test_accuracy") - 0.5)));
  }
}

TEST_CASE("classify: an adaptive flow shows its evaluations, which differ from sample to sample") {
  const auto experiment = started({{"solver", "dopri5"}, {"tolerance", "1e-5"}}, 1);
  train(*experiment, 20);
  const Frame frame = experiment->frame();
  const Plot* nfe = find_plot(frame, "nfe");
  REQUIRE(nfe != nullptr);
  REQUIRE(nfe->layers.size() == 2);
  const auto &mean = shape_of<Curve>(nfe->layers[0]), &largest = shape_of<Curve>(nfe->layers[1]);
  REQUIRE(mean.count() == 20);
  for (std::size_t i = 0; i < 20; ++i) CHECK(mean.y[i] <= largest.y[i]);
  CHECK(metric(*experiment, "nfe_mean") < metric(*experiment, "nfe_forward"));
  CHECK(find_plot(started({}, 1)->frame(), "nfe") == nullptr);
}

TEST_CASE("classify: no flow of a line turns it around, a flow of the plane does") {
  const auto line = started({{"data", "one_dimensional"}, {"augment", "0"}}, 1);
  train(*line, 300);
  CHECK(metric(*line, "test_mse") >= 0.98);
  // Paths keep their order: at the end the sample that began lowest is still the lowest.
  const Frame frame = line->frame();
  const auto& paths = shape_of<Paths>(frame.plots[0].layers.back());
  const std::size_t vertices = paths.times.size();
  for (std::size_t a = 0; a < paths.starts.size(); ++a) {
    for (std::size_t b = 0; b < paths.starts.size(); ++b) {
      const float before = paths.y[a * vertices] - paths.y[b * vertices];
      if (before > 1e-3F) CHECK(paths.y[(a + 1) * vertices - 1] >= paths.y[(b + 1) * vertices - 1]);
    }
  }
  const auto plane = started({{"data", "one_dimensional"}, {"augment", "1"}}, 1);
  train(*plane, 300);
  CHECK(metric(*plane, "test_mse") < 0.01);
  CHECK(find_plot(plane->frame(), "lifted") != nullptr);
}

TEST_CASE("classify: a lift or a read-out does not turn the line around for the flow") {
  const Values base = {{"data", "one_dimensional"}, {"augment", "0"}};
  Values asked = base;
  asked.insert(asked.end(), {{"lift", "true"}, {"readout", "mlp"}});
  const auto plain = started(base, 2), with = started(asked, 2);
  train(*plain, 3);
  train(*with, 3);
  CHECK(metric(*with, "loss") == metric(*plain, "loss"));
  CHECK(metric(*with, "parameters") == metric(*plain, "parameters"));
}

TEST_CASE("classify: the line is shown for every model and every number of dimensions") {
  for (const std::string model : {"ode", "resnet", "mlp"}) {
    for (const std::string augment : {"0", "2"}) {
      CAPTURE(model);
      CAPTURE(augment);
      const auto experiment =
          started({{"data", "one_dimensional"}, {"model", model}, {"augment", augment}}, 4);
      train(*experiment, 2);
      const Frame frame = experiment->frame();
      CHECK(frame.plots[0].id == (model == "mlp" ? "function" : "flow"));
      CHECK(frame.plots[0].drawing == Plot::Drawing::none);
      CHECK((find_plot(frame, "lifted") != nullptr) == (model != "mlp" && augment == "2"));
      for (const Plot& plot : frame.plots) {
        for (const Layer& layer : plot.layers) {
          for (const auto* values : numbers_of(layer))
            for (const float value : *values) CHECK(std::isfinite(value));
        }
      }
      CHECK_FALSE(frame.description.empty());
    }
  }
}
