// What the trainer holds, and its parts: events.cpp says them, training.cpp trains, commands.cpp
// takes commands.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "playground/contract/experiment.h"
#include "web/trainer/ended_runs.h"
#include "web/trainer/frame_pace.h"
#include "web/trainer/good_states.h"
#include "web/trainer/trainer.h"

namespace neural_ode::web {

// A step or until that somebody waits for.
struct Goal {
  std::int64_t step = 0;
  std::int64_t id = 0;
  std::vector<double> losses;
};

struct Trainer::State {
  using json = nlohmann::json;
  using Clock = std::function<double()>;  // ms

  Catalogue catalogue;
  Emit emit;
  std::map<std::string, std::unique_ptr<Experiment>, std::less<>> experiments;

  // --- the run
  Experiment* experiment = nullptr;  // null until the first open
  Settings settings;
  std::uint64_t seed = 0;
  std::int64_t run = 0;
  // Done before the next use, so that a dragged slider costs one reset a slice.
  bool restart_due = false;
  std::string problem;
  std::int64_t step = 0;
  double loss = std::numeric_limits<double>::quiet_NaN();
  bool running = false, rewound = false, diverged = false, hidden = false;
  std::vector<Goal> goals;  // by step
  GoodStates good;
  EndedRuns ended;  // by edits of the own data

  // --- pace
  double steps_per_second = 0;
  double next_step = 0, next_metrics = 0;
  StepPace step_pace;
  FramePace frame_pace;
  bool frame_wanted = false, frame_due = false, metrics_due = false;
  bool sketched = false;  // the picture sent last is a sketch

  State(Catalogue known, Emit emit_event) : catalogue(known), emit(std::move(emit_event)) {}

  // --- events.cpp
  void send(json event, std::vector<std::uint32_t> blob = {});
  void send_error(const std::string& message, std::int64_t id = 0);
  void send_accepted(std::int64_t id);  // 0: nobody waits for it
  void send_note(const std::string& message);
  void send_ready();
  void send_state();
  void send_data();
  void send_frame();
  void send_metrics();
  void send_done(const Goal& goal, bool interrupted);
  void send_diverged(const StepReport& report);

  // --- training.cpp
  Experiment* find(const std::string& name);  // null when there is none of this name
  void drop_goals();
  void pause();
  void start_over();
  void restart_if_due();
  bool can_train();  // else says why
  void add_goal(std::int64_t goal_step, std::int64_t id);
  void reach_goals();
  // After the experiment holds another state than the run had.
  void restored(bool by_rewinding = true);
  void train_one_step(const Clock& now);
  void train(double deadline, const Clock& now);
  // Running, and seen or waited for.
  bool training() const;
  bool frame_is_due(double time) const;
  double run_slice(double deadline, const Clock& now);

  // --- commands.cpp
  void open(const json& command);
  // The run before its own data change; its state only where undo may bring it back.
  EndedRun present_run(bool to_keep) const;
  void own_data_changed(const json& command, EndedRun before, bool undone);
  bool bring_back(const EndedRun& past);
  void set_data(const json& command);
  void edit(const json& command);
  void preview(const json& command);
  void save(std::int64_t id);
  Status load_run(std::span<const std::uint8_t> bytes);
  void load(const json& command);
  void rewind(const json& command);
  void handle(const json& command);
};

}  // namespace neural_ode::web
