#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/hare_lynx.h"
#include "engine/data/windows.h"
#include "engine/fields/systems.h"
#include "engine/train/multiple_shooting.h"
#include "engine/train/windows_loss.h"
#include "playground/catalogue/catalogue.h"
#include "playground/experiments/dynamics/data.h"
#include "tests/support/allocations.h"
#include "tests/support/shapes.h"

using namespace neural_ode;
using testing::numbers_of;
using testing::shape_of;

namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

constexpr float gone = std::numeric_limits<float>::quiet_NaN();

Settings settings_with(const Experiment& experiment, const Values& values) {
  Settings settings(experiment.info().parameters);
  for (const auto& pair : values) {
    CAPTURE(pair.first);
    REQUIRE_FALSE(settings.set(pair.first, pair.second));
  }
  return settings;
}

std::vector<double> losses(Experiment& experiment, int steps) {
  std::vector<double> values;
  for (int i = 0; i < steps; ++i) {
    const StepReport report = experiment.step();
    CAPTURE(report.message);
    REQUIRE(report.ok);
    values.push_back(report.loss);
  }
  return values;
}

double metric(Experiment& experiment, const char* name) {
  const Frame frame = experiment.frame();
  const Metric* found = frame.find_metric(name);
  REQUIRE(found != nullptr);
  return found->value;
}

// y = (10 k + i, -i) at times i^2 / 4 of trajectory k.
Trajectory ramp(int k, int count) {
  Trajectory trajectory;
  trajectory.y.resize(2, count);
  for (int i = 0; i < count; ++i) {
    trajectory.times.push_back(0.25 * i * i);
    trajectory.y.col(i) << 10 * k + i, -i;
  }
  return trajectory;
}

dynamics::ObservedMotions observe(const Values& values, std::uint64_t seed = 1) {
  const auto experiment = all_experiments().make("dynamics");
  const auto options = dynamics::read_options(settings_with(*experiment, values));
  REQUIRE(options);
  return dynamics::observe_motions(options.value(), OwnTrajectories(), seed);
}

}  // namespace

TEST_CASE("windows: a trajectory shorter than the window takes part, masked beyond its end") {
  const std::vector<Trajectory> trajectories = {ramp(0, 12), ramp(1, 3)};
  const std::vector<WindowRange> ranges = {make_range(trajectories, 0, 0, 12),
                                           make_range(trajectories, 1, 0, 3)};
  CHECK(fitting_window(ranges, 20) == 12);
  WindowBatch windows;
  spread_windows(trajectories, ranges, 5, 100, windows);
  // 8 places of five among twelve observations, and the short one.
  REQUIRE(windows.y0.cols() == 9);
  for (Index place = 0; place < 8; ++place) {
    for (int k = 0; k < 5; ++k) {
      const auto i = static_cast<double>(place) + k;
      CHECK(windows.times(k, place) == 0.25 * i * i);
      CHECK(static_cast<double>(windows.target[static_cast<std::size_t>(k)](0, place)) == i);
    }
  }
  for (int k = 0; k < 5; ++k) {
    const auto& target = windows.target[static_cast<std::size_t>(k)];
    CHECK(std::isnan(target(0, 8)) == (k >= 3));
    CHECK(std::isnan(target(1, 8)) == (k >= 3));
    if (k < 3) CHECK(target(0, 8) == static_cast<float>(10 + k));
    if (k > 0) CHECK(windows.times(k, 8) > windows.times(k - 1, 8));
  }
  CHECK(windows.times(2, 8) == 1);
  CHECK(windows.times(4, 8) < 1.01);  // solving on to there costs little

  // Drawn at random, it is one place of nine.
  Rng rng(3);
  int shorter = 0, all = 0;
  for (int round = 0; round < 90; ++round) {
    draw_windows(trajectories, ranges, 5, 20, rng, windows);
    for (Index b = 0; b < 20; ++b, ++all) shorter += windows.y0(0, b) == 10 ? 1 : 0;
  }
  CHECK(static_cast<double>(shorter) / all == doctest::Approx(1.0 / 9).epsilon(0.2));
}

TEST_CASE("windows: they begin at complete observations only") {
  std::vector<Trajectory> trajectories = {ramp(0, 10)};
  for (const int i : {1, 2, 5, 9}) trajectories[0].y(i % 2, i) = std::nan("");
  const std::vector<WindowRange> ranges = {make_range(trajectories, 0, 0, 10)};
  WindowBatch windows;
  spread_windows(trajectories, ranges, 4, 100, windows);
  // Complete: 0 3 4 6 7 8; four observations fit from 0 3 4 6 on.
  REQUIRE(windows.y0.cols() == 4);
  const std::array expected = {0, 3, 4, 6};
  for (Index b = 0; b < 4; ++b) {
    CHECK(windows.y0(0, b) == static_cast<float>(expected[static_cast<std::size_t>(b)]));
  }
  CHECK(std::isnan(windows.target[1](1, 0)));
  CHECK(windows.target[1](0, 0) == 1);
  CHECK(std::isnan(windows.target[2](0, 0)));
  // A range without any has no window.
  const std::vector<WindowRange> none = {make_range(trajectories, 0, 1, 3)};
  CHECK(fitting_window(none, 5) == 0);
}

TEST_CASE("windows: the loss is the mean over what was observed, and has its gradient") {
  const Index batch = 2;
  std::vector<Matrix<float>> states(3, Matrix<float>(3, batch)), target(3, Matrix<float>(2, batch));
  states[0] << 1, 2, 3, 4, 5, 6;
  states[1] << 1, 2, 3, 4, 5, 6;
  states[2] << 0, 1, 2, 3, 4, 5;
  target[0] << 9, 9, 9, 9;
  target[1] << 0, gone, 5, gone;
  target[2] << gone, 4, gone, gone;
  std::vector<Matrix<float>> bar;
  // Differences from the second row on: 1, -2 and -3, third coordinates unobserved.
  CHECK(window_loss(states, target, 1, bar) == doctest::Approx((1 + 4 + 9) / 3.0));
  CHECK(window_error(states, target, 1) == doctest::Approx((1 + 4 + 9) / 3.0));
  REQUIRE(bar.size() == 3);
  Matrix<float> first(3, 2), second(3, 2);
  first << 2, 0, -4, 0, 0, 0;
  second << 0, -6, 0, 0, 0, 0;
  CHECK(bar[0].isZero());
  CHECK((3 * bar[1] - first).norm() < 1e-5F);
  CHECK((3 * bar[2] - second).norm() < 1e-5F);
  for (Matrix<float>& t : target) t.setConstant(gone);
  CHECK(std::isnan(window_error(states, target, 0)));

  const long before = testing::allocation_count();
  window_loss(states, target, 1, bar);
  CHECK(testing::allocation_count() == before);
}

TEST_CASE("segments: every observation is in one, and a joint is where the next begins") {
  for (const int length : {2, 3, 7, 30}) {
    CAPTURE(length);
    const std::vector<Trajectory> trajectories = {ramp(0, 22), ramp(1, 4), ramp(2, 15)};
    std::vector<WindowRange> ranges;
    for (int k = 0; k < 3; ++k) {
      const auto& times = trajectories[static_cast<std::size_t>(k)].times;
      ranges.push_back(make_range(trajectories, k, 0, static_cast<int>(times.size())));
    }
    const auto segments = cut_segments(ranges, length);
    std::vector<int> all(segments.size());
    std::iota(all.begin(), all.end(), 0);
    WindowBatch batch;
    fill_segments(trajectories, segments, all, batch);
    Matrix<int> seen = Matrix<int>::Zero(3, 22);
    for (std::size_t s = 0; s < segments.size(); ++s) {
      const Segment& segment = segments[s];
      const auto column = static_cast<Index>(s);
      CHECK(segment.last - segment.first >= 2);
      CHECK(segment.last - segment.first <= length + 1);
      for (Index row = 0; row < batch.times.rows(); ++row) {
        const float x = batch.target[static_cast<std::size_t>(row)](0, column);
        if (row > 0) CHECK(batch.times(row, column) > batch.times(row - 1, column));
        if (std::isnan(x)) continue;
        const int i = static_cast<int>(x) - 10 * segment.trajectory;
        CHECK(batch.times(row, column) == 0.25 * i * i);
        ++seen(segment.trajectory, i);
      }
      if (!segment.joined) continue;
      const Segment& next = segments.at(s + 1);
      CHECK(next.trajectory == segment.trajectory);
      CHECK(next.first == segment.last);
      CHECK(batch.times(segment.rows() - 1, column) == 0.25 * next.first * next.first);
    }
    for (const auto& [k, count] : {std::pair{0, 22}, {1, 4}, {2, 15}}) {
      CHECK((seen.row(k).head(count).array() == 1).all());
    }
  }
}

TEST_CASE("segments: initial states begin at what was observed last, the unseen at zero") {
  std::vector<Trajectory> trajectories = {ramp(0, 9)};
  trajectories[0].y(0, 3) = trajectories[0].y(0, 2) = std::nan("");
  const std::vector<WindowRange> ranges = {{0, 0, 9}};
  const auto segments = cut_segments(ranges, 3);
  REQUIRE(segments.size() == 3);
  Matrix<float> expected(3, 3);
  expected << 0, 1, 6, 0, -3, -6, 0, 0, 0;
  CHECK(observed_starts(trajectories, segments, 3) == expected);
}

TEST_CASE("segments: the continuity penalty is the mean squared gap, with its gradient") {
  const std::vector<Segment> segments = {{0, 0, 2, true}, {0, 2, 4, true}, {0, 4, 6, false}};
  const std::vector<int> chosen = {2, 0, 0};
  Rng rng(7);
  const auto random = [&](Index rows, Index cols) {
    Matrix<float> m(rows, cols);
    for (Index i = 0; i < m.size(); ++i) m.data()[i] = static_cast<float>(rng.normal());
    return m;
  };
  std::vector<Matrix<float>> states = {random(2, 3), random(2, 3), random(2, 3)};
  Matrix<float> starts = random(2, 3);
  const auto penalty = [&](std::vector<Matrix<float>>& states_bar, Matrix<float>& starts_bar) {
    states_bar.assign(3, Matrix<float>::Zero(2, 3));
    starts_bar.setZero(2, 3);
    return continuity_penalty(segments, chosen, 3, states, starts, states_bar, starts_bar);
  };
  std::vector<Matrix<float>> states_bar, other_states;
  Matrix<float> starts_bar, other_starts;
  // Columns 1 and 2 end, in row 2, where segment 1 begins.
  const double expected = 3.0 / 4 *
                          ((states[2].col(1) - starts.col(1)).cast<double>().squaredNorm() +
                           (states[2].col(2) - starts.col(1)).cast<double>().squaredNorm());
  CHECK(penalty(states_bar, starts_bar) == doctest::Approx(expected).epsilon(1e-6));
  // A quadratic: central differences are exact but for rounding.
  const auto check = [&](float& entry, float bar) {
    const float kept = entry;
    entry = kept + 0.25F;
    const double more = penalty(other_states, other_starts);
    entry = kept - 0.25F;
    const double less = penalty(other_states, other_starts);
    entry = kept;
    CHECK((more - less) / 0.5 == doctest::Approx(static_cast<double>(bar)).epsilon(1e-4));
  };
  for (Index i = 0; i < 6; ++i) {
    check(starts.data()[i], starts_bar.data()[i]);
    for (std::size_t row = 0; row < 3; ++row) {
      check(states[row].data()[i], states_bar[row].data()[i]);
    }
  }
}

TEST_CASE("dynamics: the pelts are those of the table, and logarithms in the experiment") {
  const Trajectory pelts = hare_lynx();
  REQUIRE(pelts.times.size() == 21);
  CHECK(pelts.times.front() == 1900);
  CHECK(pelts.times.back() == 1920);
  // Sums of the columns as printed, and the best years of either animal.
  CHECK(pelts.y.row(0).sum() == doctest::Approx(715.7));
  CHECK(pelts.y.row(1).sum() == doctest::Approx(423.5));
  CHECK(pelts.y(0, 3) == 77.4);
  CHECK(pelts.y(1, 4) == 59.4);

  const dynamics::ObservedMotions motions = observe({{"data", "hare_lynx"}, {"train_span", "0.7"}});
  REQUIRE(motions.observed.size() == 1);
  CHECK(motions.exact.empty());
  CHECK(motions.shown == std::vector<int>{15});
  const auto& y = motions.observed[0].y;
  for (Index d = 0; d < 2; ++d) {
    CHECK(std::abs(y.row(d).head(15).mean()) < 1e-12);
    for (Index i = 0; i < 21; ++i) {
      CHECK(motions.value(d, y(d, i)) == doctest::Approx(pelts.y(d, i)).epsilon(1e-12));
      CHECK(motions.from_value(d, pelts.y(d, i)) == doctest::Approx(y(d, i)).epsilon(1e-9));
      CHECK(y(d, i) - y(d, 0) == doctest::Approx(std::log(pelts.y(d, i) / pelts.y(d, 0))));
    }
  }
  CHECK(std::isnan(motions.from_value(0, -1)));
  // The rate of exp is exp: the slope of the value along y' = 2.
  const double h = 1e-6, slope = (motions.value(0, 0.3 + h) - motions.value(0, 0.3 - h)) / (2 * h);
  CHECK(motions.rate(0, 0.3, 2) == doctest::Approx(2 * slope).epsilon(1e-6));
  // The mean of the shown part is 0.
  CHECK(motions.mean_forecast_error() ==
        doctest::Approx(y.rightCols(6).squaredNorm() / 12).epsilon(1e-9));
}

TEST_CASE("dynamics: the share that is missing is dropped, the rest is as it was") {
  const dynamics::ObservedMotions all = observe({{"data", "cubic"}});
  const dynamics::ObservedMotions some = observe({{"data", "cubic"}, {"missing", "0.6"}});
  double dropped = 0, entries = 0;
  for (std::size_t k = 0; k < all.observed.size(); ++k) {
    const Trajectory &whole = all.observed[k], &part = some.observed[k];
    CHECK(part.y.leftCols(2) == whole.y.leftCols(2));
    CHECK(some.exact[k].y == all.exact[k].y);
    CHECK(some.exact_shown[k] == 140);
    std::size_t at = 0;
    for (std::size_t i = 0; i < whole.times.size(); ++i) {
      entries += 2;
      if (at == part.times.size() || part.times[at] != whole.times[i]) {
        dropped += 2;
        continue;
      }
      CHECK((static_cast<int>(at) < some.shown[k]) == (i < 140));
      for (Index d = 0; d < 2; ++d) {
        const double value = part.y(d, static_cast<Index>(at));
        if (std::isnan(value)) {
          ++dropped;
        } else {
          CHECK(value == whole.y(d, static_cast<Index>(i)));
        }
      }
      ++at;
    }
    CHECK(at == part.times.size());
  }
  CHECK(dropped / entries == doctest::Approx(0.6).epsilon(0.04));
}

TEST_CASE("dynamics: with nothing missing the observations are the noisy motions of the seed") {
  const dynamics::ObservedMotions motions = observe({{"data", "linear"}});
  Rng rng(1, 1);
  const TrajectorySet set = make_trajectories("spiral", 8, 200, 20, 0.01, rng);
  for (std::size_t k = 0; k < 8; ++k) CHECK(motions.observed[k].y == set.observed[k].y);
}

TEST_CASE("dynamics: every way of training is reproducible and goes on from a saved run") {
  const std::vector<Values> ways = {
      {{"initial_states", "trained"}, {"augment", "2"}, {"batch", "8"}},
      {{"data", "oscillator_position"}, {"augment", "1"}, {"initial_states", "trained"}},
      {{"data", "duffing"}, {"model", "mlp"}, {"time_input", "true"}, {"augment", "1"}},
      {{"data", "hare_lynx"}, {"model", "mlp"}, {"missing", "0.3"}},
      {{"curriculum", "true"}, {"window", "100"}, {"missing", "0.9"}},
      {{"initial_states", "trained"}, {"missing", "0.9"}, {"window", "2"}},
      {{"train_span", "1"}, {"initial_states", "trained"}, {"gradient", "backsolve"}}};
  for (const Values& way : ways) {
    CAPTURE(way[0].first);
    CAPTURE(way[0].second);
    const auto a = all_experiments().make("dynamics"), b = all_experiments().make("dynamics");
    const Settings settings = settings_with(*a, way);
    REQUIRE(a->reset(settings, 4));
    losses(*a, 23);
    const auto saved = a->save();
    a->frame();
    REQUIRE(b->reset(settings, 4));
    losses(*b, 2);
    REQUIRE(b->load(saved));
    CHECK(losses(*b, 23) == losses(*a, 23));
    CHECK(b->save() == a->save());
    for (const Plot& plot : a->frame().plots) {
      CHECK(plot.x.maximum > plot.x.minimum);
      for (const Layer& layer : plot.layers) {
        for (const auto* values : numbers_of(layer))
          CHECK(std::all_of(values->begin(), values->end(),
                            [](float value) { return std::isfinite(value); }));
      }
    }
  }
}

TEST_CASE("dynamics: the window of a curriculum grows from two observations to its length") {
  // Euler without substeps takes one evaluation for each gap of a window.
  const auto experiment = all_experiments().make("dynamics");
  const Values values = {
      {"solver", "euler"}, {"step_size", "1"}, {"window", "41"}, {"curriculum", "true"}};
  REQUIRE(experiment->reset(settings_with(*experiment, values), 1));
  const auto longest = [&](int steps) {
    double most = 0;
    for (int i = 0; i < steps; ++i) {
      losses(*experiment, 1);
      most = std::max(most, metric(*experiment, "nfe_forward"));
    }
    return most;
  };
  CHECK(longest(10) == 1);
  losses(*experiment, 200);
  const double half = longest(40);  // (41 - 2) * 250 / 500 + 2 observations at the most
  CHECK(half > 15);
  CHECK(half <= 21);
  losses(*experiment, 250);
  CHECK(longest(60) > 35);
}

TEST_CASE("dynamics: trained initial states find the matrix of a spiral from masked observations") {
  const auto experiment = all_experiments().make("dynamics");
  for (const auto states : {"observed", "trained"}) {
    CAPTURE(states);
    REQUIRE(experiment->reset(
        settings_with(*experiment, {{"missing", "0.5"}, {"initial_states", states}}), 2));
    losses(*experiment, 700);
    CHECK(metric(*experiment, "matrix_error") < 0.03);
    CHECK(metric(*experiment, "trajectory_mse") < 3e-4);
  }
}

TEST_CASE("dynamics: a position alone needs a coordinate that nobody sees") {
  const auto experiment = all_experiments().make("dynamics");
  REQUIRE(experiment->reset(settings_with(*experiment, {{"data", "oscillator_position"}}), 1));
  losses(*experiment, 1000);
  const double plain = metric(*experiment, "trajectory_mse");
  CHECK(plain > 0.03);
  REQUIRE(experiment->reset(settings_with(*experiment, {{"data", "oscillator_position"},
                                                        {"augment", "1"},
                                                        {"initial_states", "trained"}}),
                            1));
  losses(*experiment, 1000);
  CHECK(metric(*experiment, "trajectory_mse") < 1e-4);
  CHECK(metric(*experiment, "extrapolation_mse") < 1e-4);
  CHECK(metric(*experiment, "test_loss") == doctest::Approx(1e-4).epsilon(0.5));  // noise^2
  // What is drawn against the position is its rate: the true velocity, to what was learnt.
  const Frame frame = experiment->frame();
  const Plot& plot = frame.plots[0];
  CHECK(plot.y.label == "velocity");
  REQUIRE(plot.layers.front().role == Role::truth);
  const auto &path = shape_of<Paths>(plot.layers.back()),
             &truth = shape_of<Paths>(plot.layers.front());
  CHECK(static_cast<double>(path.y[0]) ==
        doctest::Approx(static_cast<double>(truth.y[0])).epsilon(0.05));
  CHECK(static_cast<double>(truth.y[0]) == doctest::Approx(-0.1 * 0.6 - 0.3).epsilon(1e-5));
}

TEST_CASE("dynamics: hares and lynxes are foreseen better than by their mean") {
  const auto experiment = all_experiments().make("dynamics");
  REQUIRE(
      experiment->reset(settings_with(*experiment, {{"data", "hare_lynx"}, {"model", "mlp"}}), 1));
  losses(*experiment, 1000);
  CHECK(metric(*experiment, "trajectory_mse") < 0.05);
  CHECK(metric(*experiment, "extrapolation_mse") < 0.6 * metric(*experiment, "mean_forecast_mse"));
  const Frame frame = experiment->frame();
  CHECK(frame.plots[2].x.label == "year");
  CHECK(frame.plots[2].x.minimum == 1900);
  CHECK(frame.plots[2].x.maximum == 1920);
  CHECK(frame.plots[0].t_end == 1920);
  CHECK(frame.plots[0].x.label == "hares, thousands of pelts");
  // The dots are pelts, as caught.
  const auto& dots = shape_of<Points>(frame.plots[2].layers[0]);
  REQUIRE(dots.x.size() == 21);
  CHECK(dots.x[3] == 1903);
  CHECK(static_cast<double>(dots.y[3]) == doctest::Approx(77.4).epsilon(1e-6));
}
