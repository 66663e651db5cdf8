#include "web/trainer/good_states.h"

#include <utility>

#include "web/trainer/frame_pace.h"

namespace neural_ode::web {
namespace {

constexpr std::int64_t fewest_steps_between_saves = 10;

}  // namespace

void GoodStates::clear() {
  newest_ = older_ = Kept();
  usual_loss_ = 0;
  last_end_ = cost_ = 0;
}

void GoodStates::see(const StepReport& report, const Experiment& experiment,
                     const std::function<double()>& now) {
  const bool usual = report.step <= 1 || report.loss <= 3 * usual_loss_;
  usual_loss_ = report.step <= 1 ? report.loss : 0.95 * usual_loss_ + 0.05 * report.loss;
  if (!usual || report.step < newest_.step + fewest_steps_between_saves) return;
  const double begin = now();
  if (begin < last_end_ + cost_ / save_share) return;
  older_ = std::move(newest_);
  newest_ = {report.step, experiment.save()};
  last_end_ = now();
  cost_ = last_end_ - begin;
}

const GoodStates::Kept& GoodStates::before(std::int64_t failed_step) const {
  return failed_step - newest_.step >= fewest_steps_between_saves ? newest_ : older_;
}

}  // namespace neural_ode::web
