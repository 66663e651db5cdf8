// What the session holds, and its parts: session_state.cpp changes it and tells the trainer,
// session_events.cpp takes in what the trainer said, previews.cpp asks for pictures of choices,
// session.cpp is what the UI sees of it.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "web/app/session/session.h"

namespace neural_ode::web {

// Of the clock that the session goes by.
double now_seconds();

inline constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

struct Session::State {
  using json = nlohmann::json;

  struct Past {
    std::size_t experiment;
    Settings settings;
    std::uint64_t seed;
    bool edit = false;  // by hand, or a text of data: the trainer takes it back
  };

  std::unique_ptr<TrainerHost> host;
  std::function<void(const Message&)> listener;

  std::string version;
  std::vector<ExperimentInfo> experiments;
  std::size_t current = 0;
  std::vector<Settings> settings;     // of every experiment: going back finds them as they were
  std::vector<std::string> own_data;  // CSV of every experiment
  std::vector<std::size_t> edits;     // of every experiment: how many the trainer can take back
  bool link_brings_data = false;      // which are no edit
  std::uint64_t seed = 0;
  bool opened = false;
  std::optional<Link> waiting_link;

  std::int64_t run = 0;
  bool running = false, hidden = false, rewound = false;
  std::string problem;
  std::string damage;  // of the own data in the link; empty: none, or there are others since
  std::optional<Divergence> divergence;
  std::int64_t step = 0;
  double loss = unknown, step_ms = unknown;
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

  std::vector<std::string> notes, unheard;
  std::vector<double> note_ends;  // of the notes: when each has been read; lasting ones never
  std::vector<Past> past;
  std::string last_changed;
  double last_change = 0;
  bool changed = false;

  // --- session_state.cpp
  void post(const json& command);
  void note(std::string text, bool lasting = true);
  void drop_note(std::size_t index);
  void drop_read_notes();
  int find_experiment(std::string_view name) const;
  void forget_run();
  // Starts a run over with what is set now; shown at once, the trainer follows.
  void open(std::string_view csv = "");
  void ask_for_frame();
  void remember(std::string_view changing);
  void keep_past(Past one);
  // What undo goes back to; rend(): nothing of the present experiment was changed.
  std::vector<Past>::reverse_iterator last_of_present();
  // True when it changed something.
  bool change(std::string_view name, std::string_view value);
  void open_link(const Link& link);
  // Whether the link says something of a run: of the experiment at `found`, or of the first.
  bool says_something(const Link& link, int found) const;
  Settings& present() { return settings[current]; }

  // --- previews.cpp
  // Asks for it when it is not there: `alone`, or with all the choices of the parameter.
  const Plot* preview(const std::string& experiment, std::string_view parameter,
                      std::string_view choice, bool alone);
  void until(std::int64_t goal, int id);

  // --- session_events.cpp
  bool of_this_run(const json& event) const;
  void take_metrics(const json& event);
  void take_state(const json& event);
  void take_ready(const json& event);
  void take_data(const json& event);
  void count_edits(std::size_t of, std::size_t now);
  void take(const Message& message);
};

}  // namespace neural_ode::web
