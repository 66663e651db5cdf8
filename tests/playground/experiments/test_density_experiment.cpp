// The experiment `density`.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "playground/catalogue/catalogue.h"

using namespace neural_ode;

namespace {

Settings settings_with(const Experiment& experiment,
                       const std::vector<std::pair<std::string, std::string>>& values) {
  Settings settings(experiment.info().parameters);
  for (const auto& pair : values) {
    CAPTURE(pair.first);
    REQUIRE_FALSE(settings.set(pair.first, pair.second));
  }
  return settings;
}

double run(Experiment& experiment, int steps) {
  double loss = 0;
  for (int i = 0; i < steps; ++i) {
    const StepReport report = experiment.step();
    CAPTURE(report.message);
    REQUIRE(report.ok);
    loss = report.loss;
  }
  return loss;
}

double metric(Experiment& experiment, const char* name) {
  const Frame frame = experiment.frame();
  const Metric* found = frame.find_metric(name);
  REQUIRE(found != nullptr);
  return found->value;
}

}  // namespace

TEST_CASE("density: the default settings come within .05 nats of the entropy") {
  const auto experiment = all_experiments().make("density");
  REQUIRE(experiment->reset(settings_with(*experiment, {{"test_points", "1000"}}), 1));
  const double first = metric(*experiment, "kl");
  run(*experiment, 60);
  CHECK(metric(*experiment, "kl") < 0.25 * first);  // soon seen
  run(*experiment, 440);
  CHECK(metric(*experiment, "kl") < 0.05);
  CHECK(metric(*experiment, "test_nll") > 2.7);
  CHECK(metric(*experiment, "mass") == doctest::Approx(1).epsilon(0.01));
  // A test between two pictures leaves the older picture's integral.
  run(*experiment, 21);
  metric(*experiment, "mass");
  run(*experiment, 20);
  CHECK(metric(*experiment, "mass") == doctest::Approx(1).epsilon(0.01));
}

TEST_CASE("density: flow matching carries any source to the data, and knows its density") {
  const auto experiment = all_experiments().make("density");
  for (const char* method : {"flow_matching", "ot_flow_matching"}) {
    CAPTURE(method);
    REQUIRE(experiment->reset(settings_with(*experiment, {{"method", method},
                                                          {"data", "moons_wide"},
                                                          {"source", "8gaussians_wide"},
                                                          {"batch", "128"},
                                                          {"schedule_steps", "600"},
                                                          {"test_points", "256"}}),
                              1));
    const double before = metric(*experiment, "w2_squared");
    run(*experiment, 600);
    CHECK(before > 8);
    CHECK(metric(*experiment, "w2_squared") < 1);
    CHECK(metric(*experiment, "mass") == doctest::Approx(1).epsilon(0.02));
    CHECK(std::isfinite(metric(*experiment, "test_nll")));
  }
  // From a source without a density there are samples still.
  REQUIRE(experiment->reset(
      settings_with(*experiment, {{"method", "flow_matching"}, {"source", "rings"}}), 1));
  run(*experiment, 2);
  CHECK(std::isnan(metric(*experiment, "test_nll")));
  CHECK(std::isfinite(metric(*experiment, "w2_squared")));
}

TEST_CASE("density: one's own points are learnt wherever they are") {
  const auto experiment = all_experiments().make("density");
  const Settings own = settings_with(*experiment, {{"data", "own"}, {"batch", "64"}});
  const Status empty = experiment->reset(own, 1);
  REQUIRE_FALSE(empty);
  CHECK(empty.error() == "own data: draw or paste at least 6 points; so far 0");
  CHECK_FALSE(experiment->step().ok);
  CHECK(experiment->frame().plots[0].drawing == Plot::Drawing::points);
  std::string csv = "x,y,label\n";
  for (int i = 0; i < 30; ++i)
    csv += std::to_string(100 + i % 6) + "," + std::to_string(-50 + i / 6) + ",0\n";
  REQUIRE(experiment->set_data(csv));
  REQUIRE(experiment->reset(own, 1));
  const double before = metric(*experiment, "test_nll");
  run(*experiment, 60);
  CHECK(metric(*experiment, "test_nll") < before - 0.3);
  const Plot plot = experiment->frame().plots[0];
  CHECK(plot.x.minimum > 90);
  CHECK(plot.y.maximum < -40);
  for (const Layer& layer : plot.layers) {
    if (const auto* points = std::get_if<Points>(&layer.shape)) CHECK(points->x[0] > 95);
  }
}

TEST_CASE("density: concat-squash layers and the planar flow beside them learn, and are saved") {
  const auto experiment = all_experiments().make("density");
  const Settings settings = settings_with(
      *experiment, {{"field", "concat_squash"}, {"baseline", "planar"}, {"planar_layers", "8"}});
  REQUIRE(experiment->reset(settings, 1));
  const double first = metric(*experiment, "test_nll"), planar = metric(*experiment, "planar_nll");
  run(*experiment, 60);
  CHECK(metric(*experiment, "test_nll") < first - 0.5);
  CHECK(metric(*experiment, "planar_nll") < planar - 0.3);
  CHECK(experiment->frame().plots[1].id == "planar");
  const auto saved = experiment->save();
  const double loss = run(*experiment, 5);
  REQUIRE(experiment->load(saved));
  CHECK(run(*experiment, 5) == loss);
}

TEST_CASE("density: what is beside the flow does not change what the flow learns") {
  const auto alone = all_experiments().make("density"), both = all_experiments().make("density");
  REQUIRE(alone->reset(settings_with(*alone, {}), 1));
  REQUIRE(both->reset(settings_with(*both, {{"baseline", "planar"}}), 1));
  CHECK(run(*alone, 20) == run(*both, 20));
}

TEST_CASE("density: reverse KL learns from a density alone, and says where it cannot") {
  const auto experiment = all_experiments().make("density");
  REQUIRE(experiment->reset(
      settings_with(*experiment, {{"method", "reverse_kl"}, {"data", "crescents"}}), 1));
  const double first = metric(*experiment, "reverse_kl");
  run(*experiment, 150);
  CHECK(metric(*experiment, "reverse_kl") < 0.2 * first);
  const Status moons = experiment->reset(
      settings_with(*experiment, {{"method", "reverse_kl"}, {"data", "moons"}}), 1);
  REQUIRE_FALSE(moons);
  CHECK(moons.error().find("data is moons") != std::string::npos);
  CHECK_FALSE(experiment->reset(
      settings_with(*experiment, {{"method", "reverse_kl"}, {"noise", "0.1"}}), 1));
}

TEST_CASE("density: the pixels of an image are learnt from in proportion to their weights") {
  const auto experiment = all_experiments().make("density");
  // A dark left half, three times as heavy as the right one.
  std::string csv = "x,y,weight\n";
  for (int i = 0; i < 8; ++i) {
    for (int j = 0; j < 8; ++j)
      csv += std::to_string(i) + "," + std::to_string(j) + (i < 4 ? ",3\n" : ",1\n");
  }
  REQUIRE(experiment->set_data(csv));
  const auto again = all_experiments().make("density");
  REQUIRE(again->set_data(experiment->data_csv()));
  CHECK(again->data_csv() == experiment->data_csv());
  REQUIRE(experiment->reset(settings_with(*experiment, {{"data", "own"}}), 1));
  const Frame frame = experiment->frame();
  int left = 0, right = 0;
  for (const Layer& layer : frame.plots[0].layers) {
    const auto* points = std::get_if<Points>(&layer.shape);
    if (!points) continue;
    for (const float x : points->x) ++(x < 3.5f ? left : right);
  }
  CHECK(left + right == 400);
  CHECK(left > 260);
  CHECK(left < 340);
}
