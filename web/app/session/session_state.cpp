#include "web/app/session/session_state.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "engine/core/nearest_name.h"
#include "playground/picture/write/json_fields.h"

namespace neural_ode::web {
namespace {

constexpr std::size_t most_notes = 6, most_unheard = 100;
constexpr std::size_t most_undo = 200;
// A note that only tells is read in so long.
constexpr double least_reading = 6, reading = 0.08;  // s; s a letter
// Changes of one parameter that follow each other faster are one change to undo: a dragged slider.
constexpr double one_gesture = 1.0;  // s

}  // namespace

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void Session::State::post(const json& command) {
  host->post(write_json(command));
}

void Session::State::note(std::string text, bool lasting) {
  changed = true;
  // A problem is shown by itself.
  if (text == problem && !problem.empty()) return;
  unheard.push_back(text);
  if (unheard.size() > most_unheard) unheard.erase(unheard.begin());
  const double end =
      lasting ? std::numeric_limits<double>::infinity()
              : now_seconds() + std::max(least_reading, reading * static_cast<double>(text.size()));
  if (const auto same = std::find(notes.begin(), notes.end(), text); same != notes.end()) {
    note_ends[static_cast<std::size_t>(same - notes.begin())] = end;
    return;
  }
  notes.push_back(std::move(text));
  note_ends.push_back(end);
  if (notes.size() > most_notes) drop_note(0);
}

void Session::State::drop_note(std::size_t index) {
  const auto at = static_cast<std::ptrdiff_t>(index);
  notes.erase(notes.begin() + at);
  note_ends.erase(note_ends.begin() + at);
  changed = true;
}

void Session::State::drop_read_notes() {
  const double time = now_seconds();
  for (std::size_t i = notes.size(); i-- > 0;) {
    if (note_ends[i] < time) drop_note(i);
  }
}

int Session::State::find_experiment(std::string_view name) const {
  for (std::size_t i = 0; i < experiments.size(); ++i) {
    if (experiments[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

void Session::State::forget_run() {
  ++run;
  step = 0;
  loss = step_ms = unknown;
  rewound = false;
  problem.clear();
  divergence.reset();
  rate = 0;
  rate_time = 0;
  changed = true;
}

void Session::State::open(std::string_view csv) {
  forget_run();
  json values = json::object();
  for (std::size_t row = 0; row < present().table().size(); ++row) {
    const int index = static_cast<int>(row);
    if (!present().is_default(index)) {
      values[present().table()[row].name] = present().format(index);
    }
  }
  json command = {{"type", "open"},
                  {"experiment", experiments[current].name},
                  {"settings", std::move(values)},
                  {"seed", seed},
                  {"run", run}};
  link_brings_data = !csv.empty();
  if (link_brings_data) command["csv"] = csv;
  post(command);
  last_event = now_seconds();
  ask_for_frame();
}

void Session::State::ask_for_frame() {
  if (frame_asked) return;
  post({{"type", "want_frame"}});
  frame_asked = true;
}

void Session::State::remember(std::string_view changing) {
  const double time = now_seconds();
  const bool same_gesture = !past.empty() && !changing.empty() && changing == last_changed &&
                            time - last_change < one_gesture;
  last_changed = changing;
  last_change = time;
  if (same_gesture) return;
  keep_past({current, present(), seed});
}

void Session::State::keep_past(Past one) {
  past.push_back(std::move(one));
  if (past.size() > most_undo) past.erase(past.begin());
}

std::vector<Session::State::Past>::reverse_iterator Session::State::last_of_present() {
  return std::find_if(past.rbegin(), past.rend(),
                      [this](const Past& each) { return each.experiment == current; });
}

bool Session::State::change(std::string_view name, std::string_view value) {
  if (name == "seed") {
    const auto given = read_seed(value);
    if (!given) {
      note("seed: '" + std::string(value) + "' is not a whole number from 0");
      return false;
    }
    if (*given > largest_seed) note("seed: clamped to " + std::to_string(largest_seed));
    const std::uint64_t before = seed;
    seed = std::min(*given, largest_seed);
    return seed != before;
  }
  const Settings before = present();
  if (auto text = present().set(name, value)) note(std::move(*text));
  return !(present() == before);
}

bool Session::State::says_something(const Link& link, int found) const {
  if (!link.experiment.empty()) return found >= 0;
  if (link.seed || link.step > 0 || !link.csv.empty()) return true;
  const Settings first(experiments[0].parameters);
  return std::any_of(link.values.begin(), link.values.end(),
                     [&](const auto& pair) { return first.find(pair.first) >= 0; });
}

void Session::State::open_link(const Link& link) {
  for (const std::string& text : link.notes) note(text);
  const int found = find_experiment(link.experiment);
  const bool unknown_experiment = found < 0 && !link.experiment.empty();
  const std::string unknown_text =
      unknown_experiment ? unknown_name("experiment", link.experiment, names_of(experiments)) : "";
  // A hash that was edited into nonsense does not end a run.
  if (opened && !says_something(link, found)) {
    if (unknown_experiment) {
      note("link: " + unknown_text + "; the run stays as it is");
    } else if (!link.values.empty()) {
      note("link: '" + link.values[0].first.substr(0, 40) +
           "' says nothing of a run; it stays as it is");
    }
    return;
  }
  current = found >= 0 ? static_cast<std::size_t>(found) : 0;
  present() = Settings(experiments[current].parameters);
  seed = 0;
  if (link.seed) seed = std::min(*link.seed, largest_seed);
  if (unknown_experiment) {
    // The parameters of another say nothing of this one.
    note("link: " + unknown_text + "; opened '" + experiments[current].name + "'");
  } else {
    for (const auto& [name, value] : link.values) change(name, value);
  }
  damage = link.damage;
  opened = true;
  running = false;
  open(link.csv);
  if (link.step > 0) until(link.step, 0);
}

void Session::State::until(std::int64_t goal, int id) {
  post({{"type", "until"}, {"step", goal}, {"id", id}});
  running = changed = true;
}

}  // namespace neural_ode::web
