// The experiment `filter`.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/series.h"
#include "playground/catalogue/catalogue.h"
#include "playground/experiments/filter/data.h"
#include "tests/support/shapes.h"

using namespace neural_ode;
using testing::find_layer;
using testing::shape_of;

namespace {

Settings settings_with(const Experiment& experiment,
                       const std::vector<std::pair<std::string, std::string>>& values) {
  Settings settings(experiment.info().parameters);
  for (const auto& pair : values) REQUIRE_FALSE(settings.set(pair.first, pair.second));
  return settings;
}

double metric(Experiment& experiment, const char* name) {
  const Frame frame = experiment.frame();
  const Metric* found = frame.find_metric(name);
  REQUIRE(found != nullptr);
  return found->value;
}

}  // namespace

TEST_CASE("filter: it learns to expect more than the last value") {
  const auto experiment = all_experiments().make("filter");
  REQUIRE(experiment->reset(
      settings_with(*experiment, {{"observations", "8"}, {"duration", "4"}, {"batch", "32"}}), 1));
  const double last = metric(*experiment, "last_value_loss");
  CHECK(metric(*experiment, "test_loss") > 0.5 * last);
  for (int i = 0; i < 300; ++i) REQUIRE(experiment->step().ok);
  CHECK(metric(*experiment, "test_loss") < 0.5 * last);
  CHECK(metric(*experiment, "recurrent_loss") < 0.7 * last);
  CHECK(metric(*experiment, "last_value_loss") == last);
  // Longer gaps are harder for the last value.
  const Plot gaps = experiment->frame().plots[1];
  CHECK(gaps.id == "gaps");
  const std::vector<float>& last_value = shape_of<Curve>(gaps.layers[0]).y;
  CHECK(last_value.back() > 2 * last_value.front());
}

TEST_CASE("filter: the picture's line is in pieces, one a gap, with a jump between each two") {
  const auto experiment = all_experiments().make("filter");
  REQUIRE(experiment->reset(settings_with(*experiment, {{"observations", "6"}}), 2));
  for (int i = 0; i < 20; ++i) REQUIRE(experiment->step().ok);
  const Frame frame = experiment->frame();
  const auto paths = [&](const char* label) -> const Paths& {
    const Layer* layer = find_layer(frame.plots[0], label);
    REQUIRE(layer != nullptr);
    return shape_of<Paths>(*layer);
  };
  CHECK(paths("jump ODE").starts.size() == 5);
  CHECK(paths("recurrent").starts.size() == 5);
  const Layer* observed = find_layer(frame.plots[0], "observed");
  REQUIRE(observed != nullptr);
  const Paths& jumps = paths("jumps");
  const Points& dots = shape_of<Points>(*observed);
  CHECK(jumps.starts.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(jumps.x[2 * i] == dots.x[i + 1]);
    CHECK(jumps.x[2 * i + 1] == dots.x[i + 1]);
  }
}

TEST_CASE("filter: what is observed is the series and noise of the stated width") {
  for (const SeriesFamily& family : series_families()) {
    CAPTURE(std::string(family.name));
    filter::Options options;
    options.family = &family;
    options.observations = 20;
    options.duration = 4;
    options.noise = 0.05;
    Rng rng(2);
    filter::Series series;
    filter::draw(options, rng, 500, series);
    const Matrix<double> noise = (series.seen.x - series.exact).cast<double>();
    CHECK(std::sqrt(noise.squaredNorm() / double(noise.size())) ==
          doctest::Approx(0.05).epsilon(0.03).scale(0));
    CHECK(noise.mean() == doctest::Approx(0).epsilon(0.002));
    CHECK(series.seen.times.minCoeff() >= 0);
    CHECK(series.seen.times.maxCoeff() < 4.01);
  }
}
