#include "web/app/session.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "engine/experiments/frame_json.h"
#include "web/host/base64.h"
#include "web/host/json_fields.h"

namespace neural_ode::web {
namespace {

using nlohmann::json;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMostNotes = 6;
constexpr std::size_t kMostUndo = 200;
// Changes of one parameter that follow each other faster are one change to undo: a dragged slider.
constexpr double kOneGesture = 1.0;  // s
constexpr double kBusyAfter = 0.3;   // s
// Positions drawn by hand are kept to thousandths: finer than any hand, and short in a link.
constexpr double kDrawnGrid = 1000;
// Longer packed data are left out of links: some programs cut addresses off.
constexpr std::size_t kLongestPoints = 16'000;
constexpr std::uint64_t kDrawnSeeds = 10'000;

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

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

double to_grid(double value) {
  return std::round(value * kDrawnGrid) / kDrawnGrid;
}

const std::string kNoText;
const ExperimentInfo kNoExperiment;
const Settings kNoSettings;

}  // namespace

struct Session::State {
  struct Past {
    std::size_t experiment;
    Settings settings;
    std::uint64_t seed;
  };

  std::unique_ptr<TrainerHost> host;
  std::function<void(const Message&)> listener;

  std::string version;
  std::vector<ExperimentInfo> experiments;
  std::size_t current = 0;
  std::vector<Settings> settings;     // of every experiment: going back finds them as they were
  std::vector<std::string> own_data;  // CSV of every experiment
  std::uint64_t seed = 0;
  bool opened = false;
  std::optional<Link> waiting_link;

  std::int64_t run = 0;
  bool running = false, hidden = false, rewound = false;
  std::string problem;
  std::optional<Divergence> divergence;
  std::int64_t step = 0;
  double loss = kNaN, step_ms = kNaN;
  double speed = 0;

  std::optional<Frame> frame;
  std::size_t frame_experiment = 0;
  std::uint64_t frame_number = 0;
  bool frame_asked = false;

  // Steps a second, over about the last second.
  double rate = 0, rate_time = 0;
  std::int64_t rate_step = 0;
  double last_event = 0;
  bool shown_busy = false;

  std::map<std::string, Plot, std::less<>> previews;
  std::vector<std::string> previews_asked;

  std::vector<std::string> notes;
  std::vector<Past> past;
  std::string last_changed;
  double last_change = 0;
  bool changed = false;

  void post(const json& command) { host->post(write_json(command)); }

  void note(std::string text) {
    changed = true;
    if (std::find(notes.begin(), notes.end(), text) != notes.end()) return;
    notes.push_back(std::move(text));
    if (notes.size() > kMostNotes) notes.erase(notes.begin());
  }

  Settings& present() { return settings[current]; }

  int find_experiment(std::string_view name) const {
    for (std::size_t i = 0; i < experiments.size(); ++i) {
      if (experiments[i].name == name) return static_cast<int>(i);
    }
    return -1;
  }

  void forget_run() {
    ++run;
    step = 0;
    loss = step_ms = kNaN;
    rewound = false;
    problem.clear();
    divergence.reset();
    rate = 0;
    rate_time = 0;
    changed = true;
  }

  // Starts a run over with what is set now; shown at once, the trainer follows.
  void open(std::string_view csv = {}) {
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
    if (!csv.empty()) command["csv"] = csv;
    post(command);
    last_event = now_seconds();
    ask_for_frame();
  }

  void ask_for_frame() {
    if (frame_asked) return;
    post({{"type", "want_frame"}});
    frame_asked = true;
  }

  void remember(std::string_view changing) {
    const double time = now_seconds();
    const bool same_gesture = !past.empty() && !changing.empty() && changing == last_changed &&
                              time - last_change < kOneGesture;
    last_changed = changing;
    last_change = time;
    if (same_gesture) return;
    past.push_back({current, present(), seed});
    if (past.size() > kMostUndo) past.erase(past.begin());
  }

  // True when it changed something.
  bool change(std::string_view name, std::string_view value) {
    if (name == "seed") {
      const auto given = read_seed(value);
      if (!given) {
        note("seed: '" + std::string(value) + "' is not a whole number from 0");
        return false;
      }
      if (*given > kLargestSeed) note("seed: clamped to " + std::to_string(kLargestSeed));
      const std::uint64_t before = seed;
      seed = std::min(*given, kLargestSeed);
      return seed != before;
    }
    const Settings before = present();
    if (auto text = present().set(name, value)) note(std::move(*text));
    return !(present() == before);
  }

  // --- links

  void open_link(const Link& link) {
    for (const std::string& text : link.notes) note(text);
    current = 0;
    if (!link.experiment.empty()) {
      const int found = find_experiment(link.experiment);
      if (found >= 0) {
        current = static_cast<std::size_t>(found);
      } else {
        std::string text = "unknown experiment '" + link.experiment.substr(0, 40) + "'; there are:";
        for (const ExperimentInfo& info : experiments) text += " " + info.name;
        note(std::move(text));
      }
    }
    present() = Settings(experiments[current].parameters);
    seed = 0;
    if (link.seed) seed = std::min(*link.seed, kLargestSeed);
    for (const auto& [name, value] : link.values) change(name, value);
    opened = true;
    running = false;
    open(link.csv);
    if (link.step > 0) until(link.step, 0);
  }

  void until(std::int64_t goal, int id) {
    post({{"type", "until"}, {"step", goal}, {"id", id}});
    running = changed = true;
  }

  // --- events

  bool of_this_run(const json& event) const { return integer_field(event, "run", -1) == run; }

  void take_metrics(const json& event) {
    step = integer_field(event, "step", step);
    loss = number_field(event, "loss", kNaN);
    step_ms = number_field(event, "step_ms", step_ms);
    const double time = now_seconds();
    if (rate_time == 0 || !running) {
      rate_time = time;
      rate_step = step;
    } else if (time - rate_time > 0.5) {
      const double measured = static_cast<double>(step - rate_step) / (time - rate_time);
      rate = rate == 0 ? measured : 0.5 * (rate + measured);
      rate_time = time;
      rate_step = step;
    }
  }

  void take_state(const json& event) {
    running = flag_field(event, "running");
    step = integer_field(event, "step", step);
    rewound = flag_field(event, "rewound");
    const std::string old_problem = std::exchange(problem, text_field(event, "problem"));
    // What has been put right need not be read any more.
    if (problem != old_problem) std::erase(notes, old_problem);
    if (!running) rate = rate_time = 0;
    if (rewound || divergence) {
      // The trainer itself changed a setting: the learning rate after a rewind.
      if (const json* values = find_field(event, "settings"); values && values->is_object()) {
        for (const auto& [name, value] : values->items()) {
          (void)present().set(name, value_text(value));
        }
      }
    }
    if (!flag_field(event, "diverged")) divergence.reset();
  }

  void take_ready(const json& event) {
    version = text_field(event, "version");
    experiments.clear();
    if (const json* infos = find_field(event, "experiments"); infos && infos->is_array()) {
      for (const json& info : *infos) experiments.push_back(info_from_json(info));
    }
    if (experiments.empty()) {
      note("the trainer knows no experiment");
      return;
    }
    settings.clear();
    for (const ExperimentInfo& info : experiments) settings.emplace_back(info.parameters);
    own_data.assign(experiments.size(), "");
    open_link(waiting_link.value_or(Link()));
    waiting_link.reset();
  }

  void take(const Message& message) {
    const json event = parse_json(message.json);
    const std::string type = text_field(event, "type");
    last_event = now_seconds();
    if (type == "frame") {
      frame_asked = false;
      if (!of_this_run(event)) {
        ask_for_frame();
        return;
      }
      const json* body = find_field(event, "frame");
      if (!body) return;
      frame = frame_from_json(*body, message.blob);
      frame_experiment = current;
      ++frame_number;
      changed = true;
      // The next one is drawn while this one is looked at.
      ask_for_frame();
      return;
    }
    if (type == "preview") {
      const json* body = find_field(event, "frame");
      if (!body) return;
      Frame drawn = frame_from_json(*body, message.blob);
      if (drawn.plots.empty()) return;
      previews[text_field(event, "experiment") + "/" + text_field(event, "parameter") + "/" +
               text_field(event, "choice")] = std::move(drawn.plots.front());
      changed = true;
      return;
    }
    if (type == "ready") {
      take_ready(event);
    } else if (type == "metrics") {
      if (!of_this_run(event)) return;
      take_metrics(event);
    } else if (type == "state") {
      if (!of_this_run(event)) return;
      take_state(event);
    } else if (type == "done") {
      if (of_this_run(event)) take_metrics(event);
    } else if (type == "diverged") {
      if (!of_this_run(event)) return;
      divergence = Divergence{integer_field(event, "step"), integer_field(event, "good_step"),
                              text_field(event, "message")};
    } else if (type == "data") {
      const int found = find_experiment(text_field(event, "experiment"));
      if (found >= 0) own_data[static_cast<std::size_t>(found)] = text_field(event, "csv");
    } else if (type == "error" || type == "note") {
      note(text_field(event, "message"));
    }
    changed = true;
    if (listener) listener(message);
  }
};

Session::Session(std::unique_ptr<TrainerHost> host) : state_(std::make_unique<State>()) {
  state_->host = std::move(host);
  state_->post({{"type", "hello"}});
}

Session::~Session() = default;

bool Session::poll() {
  state_->host->poll([this](const Message& message) { state_->take(message); });
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
  return ready() ? state_->experiments[state_->current] : kNoExperiment;
}
const Settings& Session::settings() const {
  return ready() ? state_->settings[state_->current] : kNoSettings;
}
std::uint64_t Session::seed() const {
  return state_->seed;
}
bool Session::running() const {
  return state_->running;
}
bool Session::busy() const {
  return state_->running && !state_->hidden && now_seconds() - state_->last_event > kBusyAfter &&
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
  state_->notes.erase(state_->notes.begin() + static_cast<std::ptrdiff_t>(index));
  state_->changed = true;
}

void Session::add_note(std::string note) {
  state_->note(std::move(note));
}

const Plot* Session::preview(std::string_view parameter, std::string_view choice) const {
  if (!ready()) return nullptr;
  const std::string group = experiment().name + "/" + std::string(parameter) + "/";
  const auto found = state_->previews.find(group + std::string(choice));
  if (found != state_->previews.end()) return &found->second;
  auto& asked = state_->previews_asked;
  if (std::find(asked.begin(), asked.end(), group) == asked.end()) {
    asked.push_back(group);
    state_->post({{"type", "preview"}, {"parameter", parameter}});
  }
  return nullptr;
}

bool Session::has_own_data() const {
  return !own_data().empty();
}
const std::string& Session::own_data() const {
  return ready() ? state_->own_data[state_->current] : kNoText;
}

void Session::open(std::string_view experiment) {
  const int found = state_->find_experiment(experiment);
  if (found < 0) {
    if (ready()) state_->note("unknown experiment '" + std::string(experiment.substr(0, 40)) + "'");
    return;
  }
  if (static_cast<std::size_t>(found) == state_->current) return;
  state_->remember("");
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
  const std::uint64_t drawn = (mixed >> 32) % kDrawnSeeds;
  state_->seed = drawn == state_->seed ? (drawn + 1) % kDrawnSeeds : drawn;
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
                {"x", to_grid(edit.x)},
                {"y", to_grid(edit.y)},
                {"label", edit.label},
                {"radius", edit.radius}});
  state_->ask_for_frame();
}

void Session::set_data(std::string csv) {
  // The number of the run stays: when the text is malformed, the run goes on.
  if (!ready()) return;
  state_->post({{"type", "set_data"}, {"run", state_->run}, {"csv", std::move(csv)}});
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
  return !state_->past.empty();
}

void Session::undo() {
  if (!can_undo()) return;
  const State::Past before = state_->past.back();
  state_->past.pop_back();
  state_->last_changed.clear();
  if (before.experiment != state_->current) state_->running = false;
  state_->current = before.experiment;
  state_->present() = before.settings;
  state_->seed = before.seed;
  state_->open();
}

void Session::save(int id) {
  state_->post({{"type", "save"}, {"id", id}});
}

void Session::load(std::span<const std::uint8_t> safetensors) {
  state_->post({{"type", "load"}, {"bytes", encode_base64(safetensors)}});
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
  if (own && pack_csv(own_data()).size() <= kLongestPoints) link.csv = own_data();
  return link;
}

void Session::listen(std::function<void(const Message&)> listener) {
  state_->listener = std::move(listener);
}

}  // namespace neural_ode::web
