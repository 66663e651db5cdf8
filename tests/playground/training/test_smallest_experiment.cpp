// An experiment is one file and one row: what that gives.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "playground/contract/catalogue.h"
#include "playground/picture/write/frame_svg.h"
#include "playground/training/safetensors.h"
#include "tests/playground/training/smallest_experiment.h"
#include "tests/support/shapes.h"

using namespace neural_ode;
using testing::shape_of;

namespace {

constexpr ExperimentEntry rows[] = {
    {"smallest",
     []() -> const ExperimentInfo& {
       static const testing::Smallest one;
       return one.info();
     },
     []() -> std::unique_ptr<Experiment> { return std::make_unique<testing::Smallest>(); }}};
const Catalogue catalogue(rows);

std::unique_ptr<Experiment> start(std::uint64_t seed = 1) {
  auto experiment = catalogue.make("smallest");
  REQUIRE(experiment->reset(Settings(experiment->info().parameters), seed));
  return experiment;
}

void train(Experiment& experiment, int steps) {
  for (int i = 0; i < steps; ++i) REQUIRE(experiment.step().ok);
}

// By rows.
std::vector<double> matrix(const Experiment& experiment) {
  const auto file = read_safetensors(experiment.save());
  REQUIRE(file);
  return file.value().tensors.at("0.weight").values;
}

}  // namespace

TEST_CASE("smallest experiment: 200 steps find the matrix of the spiral") {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    CAPTURE(seed);
    const auto experiment = start(seed);
    train(*experiment, 200);
    const std::vector<double> expected = {-0.1, -1, 1, -0.1}, found = matrix(*experiment);
    REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CHECK(std::abs(found[i] - expected[i]) < 1e-3);
    }
  }
}

TEST_CASE("smallest experiment: its picture shows the data, what was learnt and both curves") {
  const auto experiment = start();
  train(*experiment, 100);
  const Frame frame = experiment->frame();
  REQUIRE(frame.plots.size() == 2);
  const auto &orbit = frame.plots[0].layers, &curves = frame.plots[1].layers;
  CHECK(shape_of<Paths>(orbit[0]).count() == 100);
  CHECK(shape_of<Points>(orbit[1]).count() == 20);
  CHECK(shape_of<Curve>(curves[0]).count() == 100);
  const Curve& test = shape_of<Curve>(curves[1]);
  CHECK(test.x == std::vector<float>{0, 20, 40, 60, 80, 100});
  CHECK(test.y.front() == doctest::Approx(std::sqrt(2.02)));  // |A|
  CHECK(test.y.back() < 0.5F);
  CHECK(frame_to_svg(frame).find("last batch") != std::string::npos);
}

TEST_CASE("smallest experiment: a run that was saved goes on as if it had not stopped") {
  const auto whole = start(), first = start(), second = start();
  train(*whole, 200);
  train(*first, 90);
  REQUIRE(second->load(first->save()));
  train(*second, 110);
  CHECK(second->save() == whole->save());
  CHECK(matrix(*second) == matrix(*whole));
}
