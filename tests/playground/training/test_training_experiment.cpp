// What TrainingExperiment does for every experiment that trains.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "playground/contract/no_own_data.h"
#include "playground/training/loss_plot.h"
#include "playground/training/rows.h"
#include "playground/training/training_experiment.h"
#include "tests/support/allocations.h"
#include "tests/support/shapes.h"

using namespace neural_ode;
using testing::shape_of;

namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Draws x ~ N(0, 1) and has the loss |theta - x|^2 / 2. Remembers what it was asked for.
class Probe final : public WithoutOwnData<TrainingExperiment> {
 public:
  enum class Trouble { none, solve, loss, gradient, overflow, backward };

  explicit Probe(bool at_start = true) : WithoutOwnData({.every = 5, .at_start = at_start}) {}

  const ExperimentInfo& info() const override {
    static const ExperimentInfo table = [] {
      ExperimentInfo made;
      made.name = "probe";
      made.default_steps = 100;
      made.parameters.push_back(flag_row(Group::data, "unusable", "Unusable", false, ""));
      add_training_rows(made.parameters, 0.1, 1, "constant");
      return made;
    }();
    return table;
  }
  Plot preview(std::string_view, std::string_view) const override { return {}; }
  Frame frame() override {
    refresh_scores();
    Frame frame;
    frame.step = trainee().step();
    frame.plots.push_back(loss_plot(trainee()));
    return frame;
  }

  const Vector<float>& parameters() const { return theta(); }
  Count nfe() const { return solve().nfe(); }

  Trouble trouble = Trouble::none;
  std::vector<std::int64_t> scored, recorded;  // at these steps
  int accepted_steps = 0, restored_runs = 0;

 private:
  Result<Beginning> prepare(std::uint64_t seed) override {
    if (settings().flag("unusable")) return Error{"unusable: expected false"};
    scored.clear();
    recorded.clear();
    Rng weights(seed, Trainee::weight_stream);
    Beginning beginning;
    beginning.layout.add("theta", 3, 1);
    beginning.theta.resize(3);
    for (float& each : beginning.theta) each = static_cast<float>(weights.normal());
    return beginning;
  }
  double loss_and_gradient(Vector<float>& theta_bar, SolveReport& solve) override {
    const auto x = static_cast<float>(rng().normal());
    theta_bar = theta().array() - x;
    solve.reset(1);
    solve.status = trouble == Trouble::solve ? SolveStatus::max_steps : SolveStatus::ok;
    solve.nfe_per_sample[0] = static_cast<int>(trainee().step()) + 1;
    const double loss = static_cast<double>(theta_bar.squaredNorm()) / 2;
    if (trouble == Trouble::gradient) theta_bar[1] = std::numeric_limits<float>::infinity();
    // As a gradient strategy has it that came to no finite number: of no sample.
    if (trouble == Trouble::overflow || trouble == Trouble::backward)
      solve.status = SolveStatus::non_finite;
    if (trouble == Trouble::overflow) return std::numeric_limits<double>::infinity();
    return trouble == Trouble::loss ? nan : loss;
  }
  void accepted() override { ++accepted_steps; }
  double score() override {
    scored.push_back(trainee().step());
    return static_cast<double>(theta().norm());
  }
  void record_scores(double test_loss) override {
    recorded.push_back(trainee().step());
    TrainingExperiment::record_scores(test_loss);
  }
  void restored() override { ++restored_runs; }
};

Settings settings_of(const Experiment& experiment,
                     const std::vector<std::pair<std::string, std::string>>& values = {}) {
  Settings settings(experiment.info().parameters);
  for (const auto& [name, value] : values) REQUIRE_FALSE(settings.set(name, value));
  return settings;
}

void start(Probe& probe, const std::vector<std::pair<std::string, std::string>>& values = {}) {
  REQUIRE(probe.reset(settings_of(probe, values), 4));
}

void train(Probe& probe, int steps) {
  for (int i = 0; i < steps; ++i) REQUIRE(probe.step().ok);
}

using Steps = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("training: a step is a share computed and the step finished with it") {
  Probe whole, halves;
  start(whole);
  start(halves);
  for (int i = 0; i < 30; ++i) {
    const StepReport one = whole.step();
    const Share share = halves.compute();
    const StepReport two = halves.finish({&share, 1});
    CHECK(one.ok);
    CHECK(two.ok);
    CHECK(one.step == i + 1);
    CHECK(two.step == one.step);
    CHECK(two.loss == one.loss);
    CHECK(whole.save() == halves.save());
  }
  CHECK(halves.scored == whole.scored);
  CHECK(halves.accepted_steps == 30);
}

TEST_CASE("training: a step moves by the sum of its shares, and its loss is theirs") {
  Probe probe;
  start(probe, {{"optimizer", "sgd"}, {"clip", "0"}, {"learning_rate", "0.25"}});
  const Vector<float> before = probe.parameters();
  std::vector<Share> shares(2, probe.compute());
  shares[1].loss = 3;
  shares[1].theta_bar << 1, -2, 4;
  shares[1].solve.nfe_per_sample[0] = 17;
  const Vector<float> sum = shares[0].theta_bar + shares[1].theta_bar;
  const double loss = shares[0].loss;
  const StepReport report = probe.finish(shares);
  CHECK(report.loss == loss + 3);
  for (Index i = 0; i < 3; ++i) {
    CHECK(probe.parameters()[i] == doctest::Approx(before[i] - 0.25F * sum[i]));
  }
  CHECK(probe.nfe() == 17);
}

TEST_CASE("training: replicas that exchange their shares stay equal to the bit") {
  Probe a, b;
  start(a);
  start(b);
  for (int i = 0; i < 40; ++i) {
    std::vector<Share> shares = {a.compute(), b.compute()};
    // Parts of a batch differ.
    shares[1].theta_bar *= 0.3F;
    shares[1].loss *= 0.3;
    // One of them fails now and then: in both.
    if (i % 7 == 3) shares[1].solve.status = SolveStatus::non_finite;
    const StepReport one = a.finish(shares), two = b.finish(shares);
    CHECK(one.ok == (i % 7 != 3));
    CHECK(two.ok == one.ok);
    CHECK(two.step == one.step);
    CHECK(two.message == one.message);
    CHECK(a.save() == b.save());
  }
  CHECK(a.parameters() == b.parameters());
  CHECK(a.accepted_steps == 34);
}

TEST_CASE("training: a failed step changes nothing and says why") {
  Probe probe, other;
  start(probe);
  start(other);
  train(probe, 8);
  train(other, 8);
  const auto before = probe.save();
  const std::pair<Probe::Trouble, std::string> troubles[] = {
      {Probe::Trouble::solve, "steps"},
      {Probe::Trouble::loss, "the loss became NaN"},
      {Probe::Trouble::gradient, "the gradient of the loss is no longer finite"},
      {Probe::Trouble::overflow, "the loss became infinite"},
      {Probe::Trouble::backward, "the gradient of the loss is no longer finite"}};
  for (const auto& each : troubles) {
    const std::string& message = each.second;
    CAPTURE(message);
    probe.trouble = each.first;
    const StepReport report = probe.step();
    CHECK_FALSE(report.ok);
    CHECK(report.step == 8);
    CHECK(report.message.find(message) != std::string::npos);
    CHECK(probe.save() == before);
    CHECK(probe.accepted_steps == 8);
    CHECK(probe.nfe() == 8);  // of the last step that succeeded
  }
  // The batch that failed is drawn again.
  probe.trouble = Probe::Trouble::none;
  train(probe, 5);
  train(other, 5);
  CHECK(probe.save() == other.save());
  CHECK(probe.scored == other.scored);
}

TEST_CASE("training: scores are taken as the run begins and at their steps, once each") {
  Probe probe;
  start(probe);
  CHECK(probe.scored == Steps{0});
  train(probe, 12);
  CHECK(probe.scored == Steps{0, 5, 10});
  CHECK(probe.recorded == Steps{0, 5, 10});
  // A picture asks for those of its own step, which are not part of the run.
  const auto before = probe.save();
  const Plot plot = probe.frame().plots[0];
  probe.frame();
  CHECK(probe.scored == Steps{0, 5, 10, 12});
  CHECK(probe.recorded == Steps{0, 5, 10});
  CHECK(probe.save() == before);
  CHECK(shape_of<Curve>(plot.layers[0]).count() == 12);
  CHECK(shape_of<Curve>(plot.layers[1]).x == std::vector<float>{0, 5, 10});
  train(probe, 3);
  probe.frame();
  CHECK(probe.scored == Steps{0, 5, 10, 12, 15});
  CHECK(probe.recorded == Steps{0, 5, 10, 15});

  Probe late(false);
  start(late);
  CHECK(late.scored.empty());
  train(late, 6);
  CHECK(late.recorded == Steps{5});
}

TEST_CASE("training: a run that was saved goes on to the bit, and is scored as it is loaded") {
  Probe whole, first, second;
  for (Probe* each : {&whole, &first, &second}) start(*each);
  train(whole, 33);
  train(first, 17);
  REQUIRE(second.load(first.save()));
  CHECK(second.restored_runs == 1);
  CHECK(second.scored == Steps{0, 17});
  CHECK(second.recorded == Steps{0});
  CHECK(second.save() == first.save());
  train(second, 16);
  CHECK(second.save() == whole.save());
  const Frame found = second.frame(), expected = whole.frame();
  CHECK(shape_of<Curve>(found.plots[0].layers[1]).y ==
        shape_of<Curve>(expected.plots[0].layers[1]).y);

  // What does not fit leaves the run as it was.
  Probe other;
  start(other, {{"optimizer", "sgd"}});
  CHECK_FALSE(other.load(first.save()));
  CHECK(other.restored_runs == 0);
  Probe same;
  start(same, {{"optimizer", "sgd"}});
  CHECK(other.save() == same.save());
}

TEST_CASE("training: settings that cannot be used leave no run") {
  Probe probe;
  start(probe);
  train(probe, 3);
  const auto saved = probe.save();
  const Status status = probe.reset(settings_of(probe, {{"unusable", "true"}}), 4);
  CHECK_FALSE(status);
  CHECK(status.error() == "unusable: expected false");
  CHECK_FALSE(probe.step().ok);
  CHECK(probe.save().empty());
  CHECK_FALSE(probe.load(saved));
  start(probe);
  CHECK(probe.step().step == 1);
}

TEST_CASE("training: steps allocate nothing after the first ones") {
  Probe probe;
  start(probe);
  train(probe, 20);  // the curves have room for more
  const long before = testing::allocation_count();
  for (int i = 0; i < 3; ++i) probe.step();
  CHECK(testing::allocation_count() == before);
}
