// The experiment `filter`.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/series.h"
#include "playground/catalogue/catalogue.h"
#include "playground/experiments/filter/own_series.h"
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

// Waves of 30 irregular observations each, in these units.
std::string waves(int count, double t_unit, double t_origin, double x_unit, double x_origin) {
  Rng rng(5);
  std::string csv = "time,level,run\n";
  for (int k = 0; k < count; ++k) {
    const double phase = rng.uniform(0, 6);
    double t = 0;
    for (int i = 0; i < 30; ++i) {
      t += rng.uniform(0.05, 0.6);
      csv += std::to_string(t_origin + t_unit * t) + "," +
             std::to_string(x_origin + x_unit * std::sin(2 * t + phase)) + "," + std::to_string(k) +
             "\n";
    }
  }
  return csv;
}

}  // namespace

TEST_CASE("filter: own series are learnt in any unit, and shown in it") {
  std::vector<double> test_losses;
  for (const double scale : {1.0, 250.0}) {
    const auto experiment = all_experiments().make("filter");
    REQUIRE(experiment->set_data(waves(16, 3600 * scale, 1e5 * scale, 40 * scale, 900 * scale)));
    REQUIRE(experiment->reset(
        settings_with(*experiment, {{"data", "own"}, {"observations", "10"}, {"batch", "32"}}), 1));
    for (int i = 0; i < 300; ++i) REQUIRE(experiment->step().ok);
    const Frame frame = experiment->frame();
    test_losses.push_back(frame.find_metric("test_loss")->value);
    CHECK(test_losses.back() < 0.4 * frame.find_metric("last_value_loss")->value);
    CHECK(frame.plots[0].x.label == "time");
    CHECK(frame.plots[0].y.label == "level");
    CHECK(frame.plots[1].id == "gaps");
    for (const float x : shape_of<Points>(*find_layer(frame.plots[0], "observed")).y) {
      CHECK(x > 859 * scale);
      CHECK(x < 941 * scale);
    }
  }
  CHECK(test_losses[1] == doctest::Approx(test_losses[0]).epsilon(0.05).scale(0));
}

TEST_CASE("filter: own series of two coordinates are shown one by one") {
  const auto experiment = all_experiments().make("filter");
  std::string csv = "t,u,v\n";
  for (int i = 0; i < 60; ++i) {
    csv += std::to_string(0.1 * i) + "," + std::to_string(std::sin(0.3 * i)) + ",";
    csv += i % 7 == 3 ? "\n" : std::to_string(std::cos(0.3 * i)) + "\n";  // v was not read
  }
  REQUIRE(experiment->set_data(csv));
  REQUIRE(experiment->reset(settings_with(*experiment, {{"data", "own"}}), 1));
  REQUIRE(experiment->step().ok);
  const Frame frame = experiment->frame();
  CHECK(frame.plots[0].y.label == "u");
  CHECK(frame.plots[1].id == "series_y");
  CHECK(frame.plots[1].y.label == "v");
}

TEST_CASE("filter: no observation of own series is both trained and tested on") {
  OwnTrajectories one, four;
  std::string csv = "t,x\n";
  for (int i = 0; i < 40; ++i) csv += std::to_string(i) + "," + std::to_string(i % 3) + "\n";
  REQUIRE(one.set(csv, true));
  REQUIRE(four.set(waves(4, 1, 0, 1, 0), true));
  for (const OwnTrajectories* own : {&one, &four}) {
    const auto cut = filter::cut_series(*own, 15);
    REQUIRE(cut);
    const filter::OwnSeries& series = cut.value();
    CHECK(series.dim == 1);
    CHECK(series.length == (own == &one ? 10 : 15));
    for (const auto& train : series.train) {
      for (const auto& test : series.test) {
        const bool apart = train.series != test.series || train.first + series.length <= test.first;
        CHECK(apart);
      }
      CHECK(train.first + series.length <= series.series[train.series].y.cols());
    }
  }
  CHECK(filter::cut_series(one, 15).value().train.size() == 21);
  CHECK(filter::cut_series(four, 15).value().test.size() == 16);
}

TEST_CASE("filter: too few own observations are refused with the number that is needed") {
  const auto experiment = all_experiments().make("filter");
  const Settings own = settings_with(*experiment, {{"data", "own"}});
  const Status none = experiment->reset(own, 1);
  REQUIRE_FALSE(none);
  CHECK(none.error().find("t,x or t,x,y") != std::string::npos);
  CHECK(experiment->frame().plots.size() == 1);
  REQUIRE(experiment->set_data("t,x\n0,1\n1,2\n2,3\n3,\n4,5\n"));
  const Status few = experiment->reset(own, 1);
  REQUIRE_FALSE(few);
  CHECK(few.error().find("12 complete observations") != std::string::npos);
  CHECK(few.error().find("has 4") != std::string::npos);
}

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
