// What the trainer can be told.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "playground/picture/write/frame_json.h"
#include "playground/picture/write/json_fields.h"
#include "playground/training/saved_run.h"
#include "web/protocol/base64.h"
#include "web/trainer/trainer_state.h"

namespace neural_ode::web {

using nlohmann::json;

void Trainer::State::open(const json& command) {
  const std::string name = text_field(command, "experiment");
  Experiment* opened = find(name);
  if (!opened) {
    send_error(catalogue.unknown(name));
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
    if (const auto read = experiment->set_data(csv); !read) send_error(read.error());
  }
  start_over();
  send_data();
}

EndedRun Trainer::State::present_run(bool to_keep) const {
  EndedRun present{experiment->info().name, settings, seed, {}, rewound, {}};
  if (!trains_on_own_data(settings)) return present;
  present.csv = experiment->data_csv();
  if (to_keep && step > 0 && !restart_due) present.bytes = experiment->save();
  return present;
}

// The training that an edit ended goes on where it was, once the edit is undone.
bool Trainer::State::bring_back(const EndedRun& past) {
  if (past.bytes.empty() || !experiment->reset(settings, seed) || !experiment->load(past.bytes))
    return false;
  drop_goals();
  restart_due = false;
  problem.clear();
  restored(past.rewound);
  send_metrics();
  return true;
}

void Trainer::State::own_data_changed(const json& command, EndedRun before, bool undone) {
  if (!trains_on_own_data(settings) || experiment->data_csv() == before.csv) {
    // What was drawn may be part of the picture without being trained on.
    frame_wanted = frame_due = true;
    send_state();
  } else {
    run = integer_field(command, "run", run);
    const bool trained = !before.bytes.empty();
    ended.keep(std::move(before));
    const bool back = undone && bring_back(ended.take(experiment->info().name, settings, seed,
                                                      experiment->data_csv()));
    if (!back) start_over();
    if (trained)
      send_note("The data have changed, so training starts over. Undo brings the old run back");
  }
  send_data();
  send_accepted(integer_field(command, "id"));
}

void Trainer::State::set_data(const json& command) {
  EndedRun before = present_run(true);
  const auto read = experiment->set_data(text_field(command, "csv"));
  if (!read) return send_error(read.error(), integer_field(command, "id"));
  if (!read.value().empty()) send_note(read.value());
  own_data_changed(command, std::move(before), false);
}

void Trainer::State::edit(const json& command) {
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
  edit.label = static_cast<int>(std::clamp<std::int64_t>(integer_field(command, "label"), 0, 1000));
  edit.radius = number_field(command, "radius");
  edit.goes_on = flag_field(command, "goes_on");
  const bool undo = edit.action == Edit::Action::undo;
  // Nobody goes back into the middle of a stroke, nor to what was undone.
  EndedRun before = present_run(!edit.goes_on && !undo);
  const Status status = experiment->edit(edit);
  if (!status) return send_error(status.error(), integer_field(command, "id"));
  own_data_changed(command, std::move(before), undo);
}

void Trainer::State::preview(const json& command) {
  const std::string name = text_field(command, "experiment", experiment->info().name);
  const std::string parameter = text_field(command, "parameter"),
                    only = text_field(command, "choice");
  const Experiment* shown = find(name);
  if (!shown) {
    send_error(catalogue.unknown(name));
    return;
  }
  const Settings table(shown->info().parameters);
  const int row = table.find(parameter);
  if (row < 0) {
    send_error("preview: unknown parameter '" + parameter + "'");
    return;
  }
  for (const Choice& choice : table.table()[static_cast<std::size_t>(row)].choices) {
    if (!only.empty() && choice.name != only) continue;
    Frame frame;
    frame.plots.push_back(shown->preview(parameter, choice.name));
    std::vector<std::uint32_t> blob;
    json body = frame_to_json(frame, &blob);
    send({{"type", "preview"},
          {"experiment", name},
          {"parameter", parameter},
          {"choice", choice.name},
          {"frame", std::move(body)}},
         std::move(blob));
  }
}

void Trainer::State::save(std::int64_t id) {
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

// Settings, seed and own data of a saved run, and its state. What is refused leaves the run that
// there is, to the bit.
Status Trainer::State::load_run(std::span<const std::uint8_t> bytes) {
  const auto read = read_saved_run(bytes);
  if (!read) return Error{read.error()};
  const SavedRun& saved = read.value();
  auto saved_settings = settings_of(saved, experiment->info());
  if (!saved_settings) return Error{saved_settings.error()};
  if (Status status = check_own_data(saved, saved_settings.value()); !status) return status;

  const std::vector<std::uint8_t> before = experiment->save();
  const std::string data_before = experiment->data_csv();
  Status status;
  if (saved.own_data) {
    if (const auto data = experiment->set_data(*saved.own_data); !data)
      status = Error{data.error()};
  }
  if (status) status = experiment->reset(saved_settings.value(), saved.seed);
  if (status) status = experiment->load(bytes);
  if (status) {
    settings = std::move(saved_settings.value());
    seed = saved.seed;
    problem.clear();
    step_pace.clear();
    return {};
  }
  if (experiment->data_csv() != data_before) {
    if (data_before.empty()) {
      (void)experiment->edit({"", Edit::Action::clear, 0, 0, 0, 0});
    } else {
      (void)experiment->set_data(data_before);
    }
  }
  if (experiment->reset(settings, seed) && !before.empty()) (void)experiment->load(before);
  return status;
}

void Trainer::State::load(const json& command) {
  const std::int64_t id = integer_field(command, "id");
  drop_goals();
  restart_if_due();
  const auto bytes = decode_base64(text_field(command, "bytes"));
  if (!bytes) {
    send_error("load: the file did not arrive whole", id);
    return;
  }
  if (const Status status = load_run(*bytes); !status) {
    send_error(status.error(), id);
    return;
  }
  restored();
  send_data();
  send_metrics();
  send_accepted(id);
}

void Trainer::State::rewind(const json& command) {
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
  restored();
}

void Trainer::State::handle(const json& command) {
  const std::string type = text_field(command, "type");
  const std::int64_t id = integer_field(command, "id");
  if (type == "hello") return send_ready();
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
    set_data(command);
  } else if (type == "get_data") {
    send_data();
  } else if (type == "preview") {
    preview(command);
  } else if (type == "save") {
    save(id);
  } else if (type == "load") {
    load(command);
  } else if (type == "rewind") {
    rewind(command);
  } else {
    send_error("unknown command '" + type + "'", id);
  }
}

}  // namespace neural_ode::web
