// The experiment `digits` on images that stand for MNIST's: each class a bar at a place of its own.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/core/parallel.h"
#include "engine/core/rng.h"
#include "playground/catalogue/catalogue.h"
#include "playground/experiments/digits/board.h"
#include "playground/experiments/digits/pad.h"
#include "tests/support/digit_files.h"
#include "tests/support/shapes.h"

using namespace neural_ode;
using digits::DigitBoard;
using digits::DigitGuesses;
using digits::DigitImage;
using digits::DigitPad;
using testing::digit_files;
using testing::shape_of;

namespace {

Settings small_settings(const Experiment& experiment) {
  Settings settings(experiment.info().parameters);
  for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{
           {"hidden", "8"}, {"solver", "rk4"}, {"step_size", "0.5"}, {"learning_rate", "0.005"}}) {
    const bool noted = settings.set(name, value).has_value();
    REQUIRE_FALSE(noted);
  }
  return settings;
}

double metric(Experiment& experiment, const char* name) {
  const Frame frame = experiment.frame();
  const Metric* found = frame.find_metric(name);
  REQUIRE(found != nullptr);
  return found->value;
}

Edit edit_at(Edit::Action action, double x, double y, bool goes_on = false) {
  Edit edit;
  edit.plot = "digit";
  edit.action = action;
  edit.x = x;
  edit.y = y;
  edit.radius = 2;
  edit.goes_on = goes_on;
  return edit;
}

double ink(const DigitImage& image) {
  double sum = 0;
  for (const float each : image) sum += static_cast<double>(each);
  return sum;
}

}  // namespace

TEST_CASE("digits: it learns bars by their place, and an epoch's end is tested on all images") {
  const auto digits = all_experiments().make("digits");
  REQUIRE(digits->set_data(digit_files(320, 300)));
  Settings settings = small_settings(*digits);
  settings.set("epochs", "12");
  REQUIRE(digits->reset(settings, 3));
  CHECK(digits->info().default_steps == 120);  // 12 epochs of 320 / 32
  CHECK(metric(*digits, "test_accuracy") < 0.35);
  double loss = 0;
  for (int i = 0; i < 120; ++i) {
    const StepReport report = digits->step();
    REQUIRE(report.ok);
    loss = report.loss;
    if (i == 24) CHECK(metric(*digits, "tested_images") == 256);
  }
  CHECK(metric(*digits, "tested_images") == 300);
  CHECK(metric(*digits, "test_accuracy") > 0.6);
  CHECK(loss < 1.4);  // log 10 = 2.3 by guessing
  CHECK(metric(*digits, "nfe_forward") == 8);
}

TEST_CASE("digits: the same seed gives the same losses on any number of threads") {
  std::vector<double> first;
  for (const int count : {1, 3}) {
    set_threads(count);
    const auto digits = all_experiments().make("digits");
    REQUIRE(digits->set_data(digit_files(100, 20)));
    REQUIRE(digits->reset(small_settings(*digits), 7));
    std::vector<double> losses;
    for (int i = 0; i < 5; ++i) losses.push_back(digits->step().loss);
    if (count == 1) first = losses;
    CHECK(losses == first);
    REQUIRE(digits->reset(small_settings(*digits), 8));
    CHECK(digits->step().loss != first[0]);
  }
  set_threads(1);
}

TEST_CASE("digits: a run goes on from a file as it would have, across the end of an epoch") {
  const auto a = all_experiments().make("digits"), b = all_experiments().make("digits");
  for (const auto& each : {&a, &b}) {
    REQUIRE((*each)->set_data(digit_files(100, 20)));
    REQUIRE((*each)->reset(small_settings(**each), 5));
  }
  for (int i = 0; i < 2; ++i) a->step();
  REQUIRE(b->load(a->save()));
  for (int i = 0; i < 4; ++i) CHECK(b->step().loss == a->step().loss);
  CHECK(b->save() == a->save());
}

TEST_CASE("digits: a run that goes on from a file has the curves that were drawn until then") {
  const auto a = all_experiments().make("digits"), b = all_experiments().make("digits");
  for (const auto& each : {&a, &b}) {
    REQUIRE((*each)->set_data(digit_files(100, 20)));
    REQUIRE((*each)->reset(small_settings(**each), 5));
  }
  for (int i = 0; i < 4; ++i) a->step();
  REQUIRE(b->load(a->save()));
  // The first score, and that at the end of the first epoch of 3 steps; the others are of every
  // step.
  const std::vector<float> scored = {0, 3}, steps = {1, 2, 3, 4};
  const auto curve = [](Experiment& experiment, const char* id, std::size_t layer) {
    for (const Plot& plot : experiment.frame().plots) {
      if (plot.id != id) continue;
      const Shape& shape = plot.layers.at(layer).shape;
      if (const auto* points = std::get_if<Points>(&shape)) return Vertices(*points);
      return Vertices(std::get<Curve>(shape));
    }
    return Vertices();
  };
  for (const auto& each : {&a, &b}) {
    CHECK(curve(**each, "accuracy", 0).x == scored);
    for (const std::size_t direction : {std::size_t{0}, std::size_t{1}})
      CHECK(curve(**each, "nfe", direction).x == steps);
    // Two steps of RK4 of four stages each.
    CHECK(curve(**each, "directions", 1).x == std::vector<float>(4, 8));
  }
  CHECK(curve(*b, "accuracy", 0).y == curve(*a, "accuracy", 0).y);
  CHECK(curve(*b, "directions", 1).y == curve(*a, "directions", 1).y);
  // Back in time: nothing of what was beyond is left.
  const std::vector<std::uint8_t> four = b->save();
  for (int i = 0; i < 2; ++i) b->step();
  CHECK(curve(*b, "accuracy", 0).x.size() == 3);
  REQUIRE(b->load(four));
  CHECK(curve(*b, "accuracy", 0).x == scored);
}

TEST_CASE("digits: what is provided is used where there are no own data") {
  const auto digits = all_experiments().make("digits");
  REQUIRE(digits->provide(digit_files(40, 20)));
  CHECK_FALSE(digits->provide("no images"));
  REQUIRE(digits->reset(small_settings(*digits), 1));
  CHECK(metric(*digits, "training_images") == 40);
  REQUIRE(digits->set_data(digit_files(60, 20)));
  REQUIRE(digits->reset(small_settings(*digits), 1));
  CHECK(metric(*digits, "training_images") == 60);
}

TEST_CASE("digits: without images it says what is missing, in place of a run and of a picture") {
  const auto digits = all_experiments().make("digits");
  const Status status = digits->reset(Settings(digits->info().parameters), 1);
  REQUIRE_FALSE(status);
  CHECK(status.error().find("MNIST") != std::string::npos);
  const Frame frame = digits->frame();
  REQUIRE(frame.plots.size() == 1);
  CHECK(frame.plots[0].caption.find("no images") != std::string::npos);
  const StepReport report = digits->step();
  CHECK_FALSE(report.ok);
  CHECK(report.message == status.error());
  const Status loaded = digits->load({});
  REQUIRE_FALSE(loaded);
  CHECK(loaded.error() == "there is no run to load into: " + status.error());
  CHECK(digits->save().empty());
}

TEST_CASE("digits: bytes that are not the four files are refused, and what was there is kept") {
  const auto digits = all_experiments().make("digits");
  const std::string good = digit_files(40, 20);
  REQUIRE(digits->set_data(good));
  const auto refused = [&](const std::string& bytes, const char* why) {
    const auto status = digits->set_data(bytes);
    REQUIRE_FALSE(status);
    CAPTURE(status.error());
    CHECK(status.error().find(why) != std::string::npos);
  };
  refused("x,y,label\n1,2,0\n", "training images at byte 0");
  refused(good.substr(0, good.size() - 1), "test labels at byte");
  refused(good + "!", "1 bytes more");
  std::string wrong = good;
  wrong.back() = 10;
  refused(wrong, "expected less than 10, found 10");
  wrong = good;
  std::swap(wrong[7], wrong[11]);  // 28 images of 40 x 28
  refused(wrong, "expected one for each of 28 images");
  for (std::size_t i = 0; i < 200; ++i) {
    CHECK_FALSE(digits->set_data(good.substr(0, i * good.size() / 200)));
  }
  REQUIRE(digits->reset(small_settings(*digits), 1));
  CHECK(metric(*digits, "training_images") == 40);
}

TEST_CASE("digits: strokes join, undo takes a whole one back, the eraser wipes") {
  DigitPad pad;
  CHECK(pad.empty());
  REQUIRE(pad.edit(edit_at(Edit::Action::add, 14, 24)));
  const double dot = ink(pad.image());
  REQUIRE(pad.edit(edit_at(Edit::Action::add, 14, 4, true)));
  // A line of 20 pixels, as wide as the ink of the brush across it: 2 x (0.7 + 1.1 / 2).
  CHECK(ink(pad.image()) - dot == doctest::Approx(20 * 2.5).epsilon(0.05));
  CHECK(pad.image()[4 * 28 + 14] > 0.9F);  // the row that has y = 24 at its top
  REQUIRE(pad.edit(edit_at(Edit::Action::add, 4, 14)));
  REQUIRE(pad.edit(edit_at(Edit::Action::undo, 0, 0)));
  CHECK(ink(pad.image()) - dot == doctest::Approx(50).epsilon(0.05));
  const double line = ink(pad.image());
  REQUIRE(pad.edit(edit_at(Edit::Action::remove, 14, 14)));
  CHECK(line - ink(pad.image()) == doctest::Approx(4 * 2.5).epsilon(0.2));
  REQUIRE(pad.edit(edit_at(Edit::Action::clear, 0, 0)));
  CHECK(pad.empty());
  CHECK_FALSE(pad.edit(edit_at(Edit::Action::add, NAN, 1)));
}

TEST_CASE("digits: a small drawing in a corner is brought to size and to the middle") {
  DigitPad pad;
  REQUIRE(pad.edit(edit_at(Edit::Action::add, 4, 4)));
  REQUIRE(pad.edit(edit_at(Edit::Action::add, 4, 12, true)));
  const DigitImage seen = pad.prepared();
  double row = 0, column = 0, top = 28, bottom = 0;
  for (int i = 0; i < 28; ++i) {
    for (int j = 0; j < 28; ++j) {
      const auto value = static_cast<double>(seen[static_cast<std::size_t>(i * 28 + j)]);
      row += i * value;
      column += j * value;
      if (value > 0.3) top = std::min(top, i + 0.0), bottom = std::max(bottom, i + 0.0);
    }
  }
  CHECK(row / ink(seen) == doctest::Approx(13.5).epsilon(0.02));
  CHECK(column / ink(seen) == doctest::Approx(13.5).epsilon(0.02));
  CHECK(bottom - top + 1 >= 17);
  CHECK(bottom - top + 1 <= 21);
}

TEST_CASE("digits: what is drawn is classified, and a click picks a test digit of a column") {
  const auto digits = all_experiments().make("digits");
  REQUIRE(digits->set_data(digit_files(40, 20)));
  REQUIRE(digits->reset(small_settings(*digits), 1));
  CHECK(std::isnan(metric(*digits, "digit")));
  const Frame before = digits->frame();
  REQUIRE(digits->edit(edit_at(Edit::Action::add, 14, 14)));
  CHECK(metric(*digits, "digit") >= 0);
  CHECK(metric(*digits, "digit_nfe") == 8);
  const Frame after = digits->frame();
  CHECK(shape_of<Heatmap>(after.plots[0].layers[0]).z !=
        shape_of<Heatmap>(before.plots[0].layers[0]).z);
  CHECK_FALSE(digits->edit(edit_at(Edit::Action::add, 30, 14)));

  // The same answer that the column stands for.
  const DigitGuesses guesses{{3, 3, 7}, {7, 3, 7}};
  const auto columns = DigitBoard::columns(guesses);
  CHECK(columns[7] == std::vector<int>{0, 2});  // the mistake first
  CHECK(DigitBoard::image_at(guesses, 32 + 7 * 4 + 1, 14 - 1) == 0);
  CHECK(DigitBoard::image_at(guesses, 32 + 7 * 4 + 1, 14 - 5) == 2);
  CHECK(DigitBoard::image_at(guesses, 32 + 3 * 4 + 3.9, 14 - 0.1) == 1);
  CHECK(DigitBoard::image_at(guesses, 32 + 3 * 4 + 1, 14 - 5) == -1);
  CHECK(DigitBoard::image_at(guesses, 31, 13) == -1);
}

TEST_CASE("digits: the residual network and every strategy train, and looking changes nothing") {
  for (const auto& change : std::vector<std::pair<std::string, std::string>>{
           {"model", "resnet"}, {"gradient", "backsolve"}, {"solver", "dopri5"}}) {
    CAPTURE(change.first);
    const auto a = all_experiments().make("digits"), b = all_experiments().make("digits");
    for (const auto& each : {&a, &b}) {
      REQUIRE((*each)->set_data(digit_files(64, 20)));
      Settings settings = small_settings(**each);
      settings.set(change.first, change.second);
      REQUIRE((*each)->reset(settings, 2));
    }
    for (int i = 0; i < 3; ++i) {
      const StepReport report = a->step();
      CAPTURE(report.message);
      REQUIRE(report.ok);
      a->frame();
      CHECK(b->step().loss == report.loss);
    }
    const double backward = metric(*a, "nvjp");
    CHECK((change.first == "model") == (backward == 0));
  }
}
