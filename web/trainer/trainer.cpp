#include "web/trainer/trainer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/experiments/experiment.h"
#include "engine/experiments/frame_json.h"
#include "engine/experiments/registry.h"
#include "web/host/base64.h"
#include "web/host/json_fields.h"

namespace neural_ode::web {
namespace {

using nlohmann::json;

constexpr double kForever = std::numeric_limits<double>::infinity();
constexpr double kMetricsInterval = 100;  // ms
// A picture may take this part of the time; the rest is for training.
constexpr double kFrameShare = 0.3;
// Saving the last good state may take this part of it.
constexpr double kSaveShare = 0.03;
constexpr std::int64_t kFewestStepsBetweenSaves = 10;
constexpr std::size_t kMostLosses = 1000;

// Median of the last few step times: one slow step (a collection, another tab) does not show.
class StepClock {
 public:
  void add(double ms) { times_[count_++ % times_.size()] = ms; }
  void clear() { count_ = 0; }
  double median() const {
    if (count_ == 0) return std::numeric_limits<double>::quiet_NaN();
    auto sorted = times_;
    const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(count_, sorted.size()));
    const auto middle = sorted.begin() + (end - sorted.begin()) / 2;
    std::nth_element(sorted.begin(), middle, end);
    return *middle;
  }

 private:
  std::array<double, 31> times_{};
  std::size_t count_ = 0;
};

// A step or until that somebody waits for.
struct Goal {
  std::int64_t step = 0;
  std::int64_t id = 0;
  std::vector<double> losses;
};

// The last state from which training went on well, for rewind. A run that explodes does so over
// some steps; states from within the explosion are of no use, so only those with a usual loss are
// kept, and the one before the newest too.
class GoodStates {
 public:
  struct Kept {
    std::int64_t step = 0;
    std::vector<std::uint8_t> bytes;
  };

  void clear() {
    newest_ = older_ = Kept();
    usual_loss_ = 0;
    last_end_ = cost_ = 0;
  }

  void see(const StepReport& report, const Experiment& experiment,
           const std::function<double()>& now) {
    const bool usual = report.step <= 1 || report.loss <= 3 * usual_loss_;
    usual_loss_ = report.step <= 1 ? report.loss : 0.95 * usual_loss_ + 0.05 * report.loss;
    if (!usual || report.step < newest_.step + kFewestStepsBetweenSaves) return;
    const double begin = now();
    if (begin < last_end_ + cost_ / kSaveShare) return;
    older_ = std::move(newest_);
    newest_ = {report.step, experiment.save()};
    last_end_ = now();
    cost_ = last_end_ - begin;
  }

  // No bytes: the beginning of the run.
  const Kept& before(std::int64_t failed_step) const {
    return failed_step - newest_.step >= kFewestStepsBetweenSaves ? newest_ : older_;
  }

 private:
  Kept newest_, older_;
  double usual_loss_ = 0, last_end_ = 0, cost_ = 0;
};

}  // namespace

struct Trainer::State {
  Emit emit;
  std::map<std::string, std::unique_ptr<Experiment>, std::less<>> experiments;

  // --- the run
  Experiment* experiment = nullptr;  // null until the first open
  Settings settings;
  std::uint64_t seed = 0;
  std::int64_t run = 0;
  bool restart_due =
      false;  // done before the next use, so that a dragged slider costs one reset a slice
  std::string problem;
  std::int64_t step = 0;
  double loss = std::numeric_limits<double>::quiet_NaN();
  bool running = false, rewound = false, diverged = false, hidden = false;
  std::vector<Goal> goals;  // by step
  GoodStates good;

  // --- pace
  double steps_per_second = 0;
  double next_step = 0, next_metrics = 0, next_frame = 0;
  StepClock clock;
  bool frame_wanted = false, frame_due = false, metrics_due = false;

  explicit State(Emit emit_event) : emit(std::move(emit_event)) {}

  // --- events

  void send(json event, std::vector<std::uint32_t> blob = {}) {
    emit({write_json(event), std::move(blob)});
  }

  void send_error(const std::string& message, std::int64_t id = 0) {
    json event = {{"type", "error"}, {"message", message}};
    if (id != 0) event["id"] = id;
    send(std::move(event));
  }

  void send_note(const std::string& message) { send({{"type", "note"}, {"message", message}}); }

  void send_state() {
    if (!experiment) return;
    json values = json::object();
    for (std::size_t row = 0; row < settings.table().size(); ++row) {
      values[settings.table()[row].name] = settings.format(static_cast<int>(row));
    }
    send({{"type", "state"},
          {"experiment", experiment->info().name},
          {"run", run},
          {"seed", seed},
          {"settings", std::move(values)},
          {"running", running},
          {"step", step},
          {"rewound", rewound},
          {"diverged", diverged},
          {"problem", problem},
          {"own_data", !experiment->data_csv().empty()}});
  }

  void send_data() {
    send({{"type", "data"},
          {"experiment", experiment->info().name},
          {"csv", experiment->data_csv()}});
  }

  void send_frame(const std::function<double()>& now) {
    const double begin = now();
    Frame frame = experiment->frame();
    Metric step_ms;
    step_ms.name = "step_ms";
    step_ms.label = "step time";
    step_ms.value = clock.median();
    step_ms.format = Metric::Format::milliseconds;
    frame.metrics.push_back(std::move(step_ms));
    std::vector<std::uint32_t> blob;
    json body = frame_to_json(frame, &blob);
    send({{"type", "frame"},
          {"experiment", experiment->info().name},
          {"run", run},
          {"frame", std::move(body)}},
         std::move(blob));
    frame_wanted = frame_due = false;
    const double end = now();
    next_frame = end + (running ? (end - begin) * (1 / kFrameShare - 1) : 0);
  }

  void send_metrics() {
    const double step_ms = clock.median();
    send({{"type", "metrics"},
          {"run", run},
          {"step", step},
          {"loss", std::isfinite(loss) ? json(loss) : json(nullptr)},
          {"step_ms", std::isfinite(step_ms) ? json(step_ms) : json(nullptr)}});
    metrics_due = false;
  }

  void send_done(const Goal& goal, bool interrupted) {
    send({{"type", "done"},
          {"id", goal.id},
          {"run", run},
          {"step", step},
          {"loss", std::isfinite(loss) ? json(loss) : json(nullptr)},
          {"losses", goal.losses},
          {"interrupted", interrupted}});
  }

  // --- the run

  Experiment* find(const std::string& name) {
    auto found = experiments.find(name);
    if (found == experiments.end()) {
      auto made = make_experiment(name);
      if (!made) return nullptr;
      found = experiments.emplace(name, std::move(made)).first;
    }
    return found->second.get();
  }

  void drop_goals() {
    for (const Goal& goal : std::exchange(goals, {})) send_done(goal, true);
  }

  void pause() {
    drop_goals();
    running = false;
  }

  void start_over() {
    drop_goals();
    restart_due = true;
  }

  void restart_if_due() {
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
    clock.clear();
    next_step = next_frame = 0;
    // The picture of a new run is sent without being asked for.
    frame_wanted = frame_due = metrics_due = true;
    send_state();
  }

  bool can_train() {
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

  void add_goal(std::int64_t goal_step, std::int64_t id) {
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

  void reach_goals() {
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

  void train_one_step(const std::function<double()>& now) {
    const double begin = now();
    const StepReport report = experiment->step();
    clock.add(now() - begin);
    if (!report.ok) {
      diverged = true;
      pause();
      send({{"type", "diverged"},
            {"run", run},
            {"step", report.step},
            {"message", report.message},
            {"good_step", good.before(step).step}});
      send_state();
      frame_due = metrics_due = true;
      return;
    }
    step = report.step;
    loss = report.loss;
    frame_due = metrics_due = true;
    good.see(report, *experiment, now);
    for (Goal& goal : goals) {
      if (goal.losses.size() < kMostLosses) goal.losses.push_back(loss);
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

  // --- commands

  void open(const json& command) {
    const std::string name = text_field(command, "experiment");
    Experiment* opened = find(name);
    if (!opened) {
      send_error(unknown_experiment(name));
      return;
    }
    if (opened != experiment) running = false;
    experiment = opened;
    settings = Settings(opened->info().parameters);
    if (const json* values = find_field(command, "settings"); values && values->is_object()) {
      for (const auto& [key, value] : values->items()) {
        if (const auto note = settings.set(key, value_text(value))) send_note(*note);
      }
    }
    if (const json* given = find_field(command, "seed"); given && given->is_number_unsigned()) {
      seed = given->get<std::uint64_t>();
    }
    run = integer_field(command, "run", run);
    if (const std::string csv = text_field(command, "csv"); !csv.empty()) {
      if (const Status status = experiment->set_data(csv); !status) send_error(status.error());
    }
    start_over();
    send_data();
  }

  void own_data_changed(const json& command, const Status& status) {
    if (!status) {
      send_error(status.error());
      return;
    }
    const int row = settings.find("data");
    if (row >= 0 && settings.choice("data") == "own") {
      run = integer_field(command, "run", run);
      start_over();
    } else {
      // What was drawn may be part of the picture without being trained on.
      frame_wanted = frame_due = true;
      send_state();
    }
    send_data();
  }

  void edit(const json& command) {
    Edit edit;
    edit.plot = text_field(command, "plot");
    const std::string action = text_field(command, "action");
    if (action == "add") {
      edit.action = Edit::Action::add;
    } else if (action == "remove") {
      edit.action = Edit::Action::remove;
    } else if (action == "clear") {
      edit.action = Edit::Action::clear;
    } else if (action == "undo") {
      edit.action = Edit::Action::undo;
    } else {
      send_error("edit: unknown action '" + action + "'; there are add, remove, clear, undo");
      return;
    }
    edit.x = number_field(command, "x");
    edit.y = number_field(command, "y");
    edit.label =
        static_cast<int>(std::clamp<std::int64_t>(integer_field(command, "label"), 0, 1000));
    edit.radius = number_field(command, "radius");
    own_data_changed(command, experiment->edit(edit));
  }

  void preview(const std::string& parameter) {
    const int row = settings.find(parameter);
    if (row < 0) {
      send_error("preview: unknown parameter '" + parameter + "'");
      return;
    }
    for (const Choice& choice : settings.table()[static_cast<std::size_t>(row)].choices) {
      Frame frame;
      frame.plots.push_back(experiment->preview(parameter, choice.name));
      std::vector<std::uint32_t> blob;
      json body = frame_to_json(frame, &blob);
      send({{"type", "preview"},
            {"experiment", experiment->info().name},
            {"parameter", parameter},
            {"choice", choice.name},
            {"frame", std::move(body)}},
           std::move(blob));
    }
  }

  void save(std::int64_t id) {
    restart_if_due();
    if (!problem.empty()) {
      send_error(problem, id);
      return;
    }
    const std::vector<std::uint8_t> bytes = experiment->save();
    std::vector<std::uint32_t> blob((bytes.size() + 3) / 4);
    if (!bytes.empty()) std::memcpy(blob.data(), bytes.data(), bytes.size());
    send({{"type", "saved"}, {"id", id}, {"size", bytes.size()}}, std::move(blob));
  }

  // After the experiment holds another state than the run had.
  void restored(std::int64_t at_step) {
    step = at_step;
    loss = std::numeric_limits<double>::quiet_NaN();
    diverged = false;
    rewound = true;
    frame_wanted = frame_due = metrics_due = true;
    good.clear();
    send_state();
  }

  void load(const std::string& base64) {
    drop_goals();
    restart_if_due();
    const auto bytes = decode_base64(base64);
    if (!bytes) {
      send_error("load: the file did not arrive whole");
      return;
    }
    if (const Status status = experiment->load(*bytes); !status) {
      send_error(status.error());
      return;
    }
    restored(experiment->frame().step);
  }

  void rewind(const json& command) {
    restart_if_due();
    pause();
    const GoodStates::Kept kept = good.before(step);
    if (const int row = settings.find("learning_rate"); row >= 0) {
      settings.set_number(row, 0.5 * settings.number(row));
    }
    run = integer_field(command, "run", run);
    restart_due = true;
    restart_if_due();
    if (kept.bytes.empty()) return;  // the run began anew with the smaller learning rate
    if (const Status status = experiment->load(kept.bytes); !status) {
      send_error(status.error());
      return;
    }
    restored(kept.step);
  }

  void hello() {
    json infos = json::array();
    for (const std::string_view name : experiment_names()) {
      if (const Experiment* found = find(std::string(name))) {
        infos.push_back(info_to_json(found->info()));
      }
    }
    send({{"type", "ready"}, {"version", NEURAL_ODE_VERSION}, {"experiments", std::move(infos)}});
  }

  void handle(const json& command) {
    const std::string type = text_field(command, "type");
    const std::int64_t id = integer_field(command, "id");
    if (type == "hello") return hello();
    if (type == "open") return open(command);
    if (type == "suspend") {
      hidden = flag_field(command, "hidden");
      return;
    }
    if (type == "want_frame") {
      frame_wanted = true;
      return;
    }
    if (type == "speed") {
      const double asked = number_field(command, "steps_per_second");
      steps_per_second = std::isfinite(asked) ? std::clamp(asked, 0.0, 1e6) : 0;
      next_step = 0;
      return;
    }
    if (!experiment) return send_error(type + ": no experiment is open", id);
    if (type == "play") {
      if (can_train()) {
        running = true;
        send_state();
      }
    } else if (type == "pause") {
      pause();
      metrics_due = true;
      send_state();
    } else if (type == "step") {
      restart_if_due();
      const std::int64_t from = goals.empty() ? step : goals.back().step;
      add_goal(from + std::clamp<std::int64_t>(integer_field(command, "n", 1), 0, 10'000'000), id);
    } else if (type == "until") {
      restart_if_due();
      add_goal(integer_field(command, "step"), id);
    } else if (type == "edit") {
      edit(command);
    } else if (type == "set_data") {
      own_data_changed(command, experiment->set_data(text_field(command, "csv")));
    } else if (type == "get_data") {
      send_data();
    } else if (type == "preview") {
      preview(text_field(command, "parameter"));
    } else if (type == "save") {
      save(id);
    } else if (type == "load") {
      load(text_field(command, "bytes"));
    } else if (type == "rewind") {
      rewind(command);
    } else {
      send_error("unknown command '" + type + "'", id);
    }
  }

  double run_slice(double deadline, const std::function<double()>& now) {
    if (!experiment) return kForever;
    restart_if_due();
    const bool training = running && !hidden;
    if (training) {
      do {
        const double time = now();
        if (time < next_step) break;
        if (steps_per_second > 0) {
          // Behind by more than a little: do not catch up in a burst.
          const double interval = 1000 / steps_per_second;
          next_step = std::max(next_step, time - interval) + interval;
        }
        train_one_step(now);
      } while (running && now() < deadline);
    }
    const double time = now();
    if (metrics_due && (time >= next_metrics || !training)) {
      send_metrics();
      next_metrics = time + kMetricsInterval;
    }
    if (frame_due && frame_wanted && (time >= next_frame || !running)) send_frame(now);
    if (!running || hidden) return kForever;
    return std::max(0.0, next_step - now());
  }
};

Trainer::Trainer(Emit emit) : state_(std::make_unique<State>(std::move(emit))) {}
Trainer::~Trainer() = default;

void Trainer::handle(std::string_view command_json) {
  const json command = parse_json(command_json);
  if (!command.is_object()) {
    state_->send_error("a command must be a JSON object");
    return;
  }
  state_->handle(command);
}

double Trainer::run(double deadline, const std::function<double()>& now) {
  return state_->run_slice(deadline, now);
}

}  // namespace neural_ode::web
