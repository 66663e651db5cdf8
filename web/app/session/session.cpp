#include "web/app/session/session.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iterator>
#include <utility>

#include "engine/core/nearest_name.h"
#include "web/app/session/session_state.h"
#include "web/protocol/base64.h"

namespace neural_ode::web {
namespace {

constexpr double busy_after = 0.3;  // s
// Longer packed data are left out of links: some programs cut addresses off.
constexpr std::size_t longest_points = 16'000;
constexpr std::uint64_t drawn_seeds = 10'000;

std::string_view action_name(Edit::Action action) {
  switch (action) {
    case Edit::Action::add:
      return "add";
    case Edit::Action::remove:
      return "remove";
    case Edit::Action::clear:
      return "clear";
    case Edit::Action::undo:
      return "undo";
  }
  return "";
}

const std::string no_text;
const ExperimentInfo no_experiment;
const Settings no_settings;

}  // namespace

Session::Session(std::unique_ptr<TrainerHost> host) : state_(std::make_unique<State>()) {
  state_->host = std::move(host);
  state_->post({{"type", "hello"}});
}

Session::~Session() = default;

bool Session::poll() {
  state_->host->poll([this](const Message& message) { state_->take(message); });
  state_->drop_read_notes();
  // Busy comes and goes without an event.
  if (busy() != state_->shown_busy) {
    state_->shown_busy = busy();
    state_->changed = true;
  }
  return std::exchange(state_->changed, false);
}

bool Session::ready() const {
  return !state_->experiments.empty();
}
bool Session::opened() const {
  return state_->opened;
}

const std::vector<ExperimentInfo>& Session::experiments() const {
  return state_->experiments;
}
const ExperimentInfo& Session::experiment() const {
  return ready() ? state_->experiments[state_->current] : no_experiment;
}
const Settings& Session::settings() const {
  return ready() ? state_->settings[state_->current] : no_settings;
}
std::uint64_t Session::seed() const {
  return state_->seed;
}
bool Session::running() const {
  return state_->running;
}
bool Session::busy() const {
  return state_->running && !state_->hidden && now_seconds() - state_->last_event > busy_after &&
         state_->speed == 0;
}
const Frame* Session::frame() const {
  return state_->frame && state_->frame_experiment == state_->current ? &*state_->frame : nullptr;
}
std::uint64_t Session::frame_number() const {
  return state_->frame_number;
}
std::int64_t Session::step_count() const {
  return state_->step;
}
double Session::loss() const {
  return state_->loss;
}
double Session::step_ms() const {
  return state_->step_ms;
}
double Session::steps_per_second() const {
  return state_->rate;
}
double Session::speed() const {
  return state_->speed;
}
const std::optional<Divergence>& Session::divergence() const {
  return state_->divergence;
}
bool Session::rewound() const {
  return state_->rewound;
}
const std::string& Session::problem() const {
  return state_->problem;
}
const std::vector<std::string>& Session::notes() const {
  return state_->notes;
}
const std::string& Session::version() const {
  return state_->version;
}

void Session::dismiss_note(std::size_t index) {
  if (index >= state_->notes.size()) return;
  state_->drop_note(index);
}

void Session::add_note(std::string note) {
  state_->note(std::move(note), false);
}

std::vector<std::string> Session::hear_notes() {
  return std::exchange(state_->unheard, {});
}

bool Session::has_own_data() const {
  return !own_data().empty();
}
const std::string& Session::own_data() const {
  return ready() ? state_->own_data[state_->current] : no_text;
}

void Session::open(std::string_view experiment) {
  const int found = state_->find_experiment(experiment);
  if (found < 0) {
    if (ready())
      state_->note(unknown_name("experiment", experiment, names_of(state_->experiments)) +
                   "; stayed with '" + this->experiment().name + "'");
    return;
  }
  if (static_cast<std::size_t>(found) == state_->current) return;
  // Not to be undone: going back finds the other experiment as it was.
  state_->last_changed.clear();
  state_->current = static_cast<std::size_t>(found);
  state_->running = false;
  state_->open();
}

void Session::set(std::string_view name, std::string_view value) {
  if (!ready()) return;
  const State::Past before{state_->current, state_->present(), state_->seed};
  if (!state_->change(name, value)) return;
  // remember() keeps what was there before the change.
  const Settings changed = state_->present();
  const std::uint64_t changed_seed = state_->seed;
  state_->present() = before.settings;
  state_->seed = before.seed;
  state_->remember(name);
  state_->present() = changed;
  state_->seed = changed_seed;
  state_->open();
}

void Session::apply(const std::vector<std::pair<std::string, std::string>>& values) {
  if (!ready()) return;
  state_->remember("");
  bool changed = false;
  for (const auto& [name, value] : values) changed = state_->change(name, value) || changed;
  if (changed) {
    state_->open();
  } else {
    state_->past.pop_back();
  }
}

void Session::follow(const Suggestion& suggestion) {
  if (!ready()) return;
  state_->remember("");
  state_->present() = Settings(experiment().parameters);
  for (const auto& [name, value] : suggestion.values) state_->change(name, value);
  state_->open();
}

void Session::reset_parameter(std::string_view name) {
  const int row = settings().find(name);
  if (row < 0 || settings().is_default(row)) return;
  state_->remember(name);
  state_->present().reset(row);
  state_->open();
}

void Session::play() {
  if (!ready()) return;
  state_->post({{"type", "play"}});
  if (state_->problem.empty() && !state_->divergence) state_->running = true;
  state_->last_event = now_seconds();
  state_->changed = true;
  state_->ask_for_frame();
}

void Session::pause() {
  if (!ready()) return;
  state_->post({{"type", "pause"}});
  state_->running = false;
  state_->changed = true;
}

void Session::step(int n, int id) {
  if (!ready()) return;
  state_->post({{"type", "step"}, {"n", n}, {"id", id}});
  state_->ask_for_frame();
}

void Session::until(std::int64_t step, int id) {
  if (!ready()) return;
  state_->until(step, id);
  state_->ask_for_frame();
}

void Session::reset() {
  if (ready()) state_->open();
}

void Session::new_seed() {
  if (!ready()) return;
  state_->remember("");
  // The clock gives a seed that nobody chose; short ones are easier to tell to somebody else.
  const auto ticks = std::chrono::steady_clock::now().time_since_epoch().count();
  const std::uint64_t mixed = static_cast<std::uint64_t>(ticks) * 0x9E3779B97F4A7C15ull;
  const std::uint64_t drawn = (mixed >> 32) % drawn_seeds;
  state_->seed = drawn == state_->seed ? (drawn + 1) % drawn_seeds : drawn;
  state_->open();
}

void Session::set_speed(double steps_per_second) {
  state_->speed = std::isfinite(steps_per_second) && steps_per_second > 0 ? steps_per_second : 0;
  state_->post({{"type", "speed"}, {"steps_per_second", state_->speed}});
  state_->rate = 0;
  state_->changed = true;
}

void Session::rewind() {
  if (!ready()) return;
  state_->remember("");
  const auto divergence = state_->divergence;
  state_->forget_run();
  // Kept until the trainer's answer: the banner does not flicker, and the new learning rate is
  // taken from the answer.
  state_->divergence = divergence;
  state_->post({{"type", "rewind"}, {"run", state_->run}});
  state_->ask_for_frame();
}

void Session::edit(const Edit& edit) {
  if (!ready()) return;
  state_->post({{"type", "edit"},
                {"run", state_->run},
                {"plot", edit.plot},
                {"action", action_name(edit.action)},
                {"x", edit.x},
                {"y", edit.y},
                {"label", edit.label},
                {"radius", edit.radius},
                {"goes_on", edit.goes_on}});
  state_->ask_for_frame();
}

void Session::set_data(std::string csv, int id) {
  // The number of the run stays: when the text is malformed, the run goes on.
  if (!ready()) return;
  state_->post({{"type", "set_data"}, {"run", state_->run}, {"csv", std::move(csv)}, {"id", id}});
  state_->ask_for_frame();
}

void Session::suspend(bool hidden) {
  if (state_->hidden == hidden) return;
  state_->hidden = hidden;
  state_->post({{"type", "suspend"}, {"hidden", hidden}});
  state_->last_event = now_seconds();
  state_->rate_time = 0;
}

bool Session::can_undo() const {
  return state_->last_of_present() != state_->past.rend();
}

void Session::undo() {
  const auto found = state_->last_of_present();
  if (found == state_->past.rend()) return;
  const State::Past before = std::move(*found);
  state_->past.erase(std::prev(found.base()));
  state_->last_changed.clear();
  if (before.edit) {
    std::size_t& edits = state_->edits[state_->current];
    if (edits > 0) --edits;
    return edit({"", Edit::Action::undo, 0, 0, 0, 0});
  }
  state_->present() = before.settings;
  state_->seed = before.seed;
  state_->open();
}

void Session::save(int id) {
  state_->post({{"type", "save"}, {"id", id}});
}

void Session::load(std::span<const std::uint8_t> safetensors, int id) {
  state_->post({{"type", "load"}, {"bytes", encode_base64(safetensors)}, {"id", id}});
  state_->ask_for_frame();
}

void Session::open_link(const Link& link) {
  if (ready()) {
    state_->open_link(link);
  } else {
    state_->waiting_link = link;
  }
}

Link Session::link() const {
  Link link;
  if (!ready()) return link;
  link.experiment = experiment().name;
  if (seed() != 0) link.seed = seed();
  const Settings& now = settings();
  for (std::size_t row = 0; row < now.table().size(); ++row) {
    const int index = static_cast<int>(row);
    if (!now.is_default(index)) link.values.emplace_back(now.table()[row].name, now.format(index));
  }
  // A run that was rewound is not repeated by training to its step.
  if (!running() && !rewound()) link.step = step_count();
  const bool own = now.find("data") >= 0 && now.choice("data") == "own";
  if (own && pack_csv(own_data()).size() <= longest_points) link.csv = own_data();
  return link;
}

void Session::listen(std::function<void(const Message&)> listener) {
  state_->listener = std::move(listener);
}

}  // namespace neural_ode::web
