#include "playground/training/training_experiment.h"

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "playground/training/saved_run.h"

namespace neural_ode {

namespace {

constexpr char unusable[] = "its settings cannot be used";

// The report of a larger batch, of which `part` is the rest.
void append(SolveReport& report, const SolveReport& part) {
  const std::size_t first = report.nfe_per_sample.size();
  report.nfe_per_sample.resize(first + part.nfe_per_sample.size());
  report.jacobians_per_sample.resize(first + part.jacobians_per_sample.size());
  report.add_part(part, static_cast<Index>(first));
}

}  // namespace

Status TrainingExperiment::reset(const Settings& settings, std::uint64_t seed) {
  settings_ = settings;
  ready_ = false;
  auto prepared = prepare(seed);
  if (!prepared) return Error{prepared.error()};
  Beginning& beginning = prepared.value();
  const std::int64_t round = beginning.schedule_steps;
  trainee_.start(settings, seed, round > 0 ? round : info().default_steps, beginning.layout,
                 std::move(beginning.theta));
  trainee_.clip_apart(beginning.clip_apart);
  share_.theta_bar.setZero(trainee_.theta().size());
  solve_ = {};
  scored_step_ = -1;
  ready_ = true;
  if (scoring_.at_start) record_scores(take_score());
  return {};
}

const Share& TrainingExperiment::compute() {
  trainee_.begin();
  share_.loss = loss_and_gradient(share_.theta_bar, share_.solve);
  return share_;
}

StepReport TrainingExperiment::step() {
  if (!ready_) {
    const std::string why = obstacle();
    return {false, 0, std::numeric_limits<double>::quiet_NaN(),
            why.empty() ? "there is no run: " + std::string(unusable) : why};
  }
  compute();
  return update();
}

StepReport TrainingExperiment::finish(std::span<const Share> shares) {
  share_ = shares.front();
  for (const Share& share : shares.subspan(1)) {
    if (!share_.solve.succeeded()) break;
    share_.loss += share.loss;
    share_.theta_bar += share.theta_bar;
    append(share_.solve, share.solve);
  }
  return update();
}

StepReport TrainingExperiment::update() {
  const StepReport report = trainee_.finish(share_.loss, share_.solve, share_.theta_bar);
  if (!report.ok) return report;
  solve_ = share_.solve;
  accepted();
  if (trainee_.step() % steps_between_scores() == 0) record_scores(take_score());
  return report;
}

double TrainingExperiment::take_score() {
  scored_step_ = trainee_.step();
  return score();
}

void TrainingExperiment::refresh_scores() {
  if (scored_step_ != trainee_.step()) take_score();
}

std::vector<std::uint8_t> TrainingExperiment::save() const {
  if (!ready_) return {};
  std::optional<std::string> own_data;
  if (trains_on_own_data(settings_)) own_data = data_csv();
  return trainee_.save(info().name, std::move(own_data));
}

Status TrainingExperiment::load(std::span<const std::uint8_t> safetensors) {
  if (!ready_) {
    const std::string why = obstacle();
    return Error{"there is no run to load into: " + (why.empty() ? std::string(unusable) : why)};
  }
  if (Status status = trainee_.load(info().name, safetensors); !status) return status;
  solve_ = {};
  scored_step_ = -1;
  restored();
  if (scoring_.at_start) take_score();
  return {};
}

}  // namespace neural_ode
