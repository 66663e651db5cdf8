// The run: starting it over, its steps and pictures in slices.
#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "web/trainer/trainer_state.h"

namespace neural_ode::web {
namespace {

constexpr double forever = std::numeric_limits<double>::infinity();
constexpr double metrics_interval = 100;  // ms
constexpr std::size_t most_losses = 1000;

}  // namespace

Experiment* Trainer::State::find(const std::string& name) {
  auto found = experiments.find(name);
  if (found == experiments.end()) {
    auto made = catalogue.make(name);
    if (!made) return nullptr;
    found = experiments.emplace(name, std::move(made)).first;
  }
  return found->second.get();
}

void Trainer::State::drop_goals() {
  for (const Goal& goal : std::exchange(goals, {})) send_done(goal, true);
}

void Trainer::State::pause() {
  drop_goals();
  running = false;
}

void Trainer::State::start_over() {
  drop_goals();
  restart_due = true;
}

void Trainer::State::restart_if_due() {
  if (!restart_due) return;
  restart_due = false;
  const Status status = experiment->reset(settings, seed);
  problem = status ? std::string() : status.error();
  step = 0;
  loss = std::numeric_limits<double>::quiet_NaN();
  rewound = diverged = false;
  if (!status) {
    running = false;
    send_error(problem);
  }
  good.clear();
  step_pace.clear();
  frame_pace.forget();
  next_step = 0;
  // The picture of a new run is sent without being asked for.
  frame_wanted = frame_due = metrics_due = true;
  send_state();
}

bool Trainer::State::can_train() {
  restart_if_due();
  if (!problem.empty()) {
    send_error(problem);
  } else if (diverged) {
    send_error("this run has diverged: rewind it, or reset with other settings");
  } else {
    return true;
  }
  return false;
}

void Trainer::State::add_goal(std::int64_t goal_step, std::int64_t id) {
  if (!can_train() || goal_step <= step) {
    send_done({goal_step, id, {}}, goal_step > step);
    return;
  }
  const auto place =
      std::upper_bound(goals.begin(), goals.end(), goal_step,
                       [](std::int64_t at, const Goal& goal) { return at < goal.step; });
  goals.insert(place, {goal_step, id, {}});
  running = true;
  send_state();
}

void Trainer::State::reach_goals() {
  bool last_reached = false;
  while (!goals.empty() && goals.front().step <= step) {
    const Goal goal = std::move(goals.front());
    goals.erase(goals.begin());
    last_reached = goals.empty();
    if (last_reached) running = false;
    send_done(goal, false);
  }
  if (last_reached) send_state();
}

void Trainer::State::restored(bool by_rewinding) {
  const Frame frame = experiment->frame();
  step = frame.step;
  loss = std::numeric_limits<double>::quiet_NaN();
  if (const Metric* last = frame.find_metric("loss")) loss = last->value;
  diverged = false;
  rewound = by_rewinding;
  frame_wanted = frame_due = metrics_due = true;
  good.clear();
  frame_pace.restart();
  send_state();
}

void Trainer::State::train_one_step(const Clock& now) {
  const double begin = now();
  const StepReport report = experiment->step();
  step_pace.add(now() - begin);
  if (!report.ok) {
    diverged = true;
    pause();
    send_diverged(report);
    send_state();
    frame_due = metrics_due = true;
    return;
  }
  step = report.step;
  loss = report.loss;
  frame_due = metrics_due = true;
  good.see(report, *experiment, now);
  for (Goal& goal : goals) {
    if (goal.losses.size() < most_losses) goal.losses.push_back(loss);
  }
  reach_goals();
  // A course is over: rest, rather than warm a room that nobody may be in. Play starts the next
  // one.
  const std::int64_t course = experiment->info().default_steps;
  if (running && goals.empty() && course > 0 && step % course == 0) {
    running = false;
    send_state();
  }
}

void Trainer::State::train(double deadline, const Clock& now) {
  do {
    const double time = now();
    if (time < next_step) return;
    if (steps_per_second > 0) {
      // Behind by more than a little: do not catch up in a burst.
      const double interval = 1000 / steps_per_second;
      next_step = std::max(next_step, time - interval) + interval;
    }
    train_one_step(now);
  } while (running && step_pace.fits(now(), deadline));
}

bool Trainer::State::training() const {
  return running && (!hidden || std::any_of(goals.begin(), goals.end(),
                                            [](const Goal& goal) { return goal.id != 0; }));
}

// At rest a picture replaces the sketch of the same state.
bool Trainer::State::frame_is_due(double time) const {
  if (!frame_wanted) return false;
  if (!training()) return frame_due || sketched;
  return frame_due && frame_pace.due(time);
}

double Trainer::State::run_slice(double deadline, const Clock& now) {
  if (!experiment) return forever;
  restart_if_due();
  // A picture is a slice by itself: commands wait for a picture or for steps, never for both.
  const double begin = now();
  if (frame_is_due(begin)) {
    send_frame();
    if (sketched) frame_pace.taken(begin, now());
  } else if (training()) {
    train(deadline, now);
  }
  const double time = now();
  if (metrics_due && (time >= next_metrics || !training())) {
    send_metrics();
    next_metrics = time + metrics_interval;
  }
  if (frame_is_due(time)) return 0;
  if (!training()) return forever;
  double wake = next_step;
  if (frame_due && frame_wanted) wake = std::min(wake, frame_pace.next());
  return std::max(0.0, wake - time);
}

}  // namespace neural_ode::web
