// The page's state and everything that can be done to it, without a pixel: the UI draws it, the JS
// API and the URL read and write it, the desktop build and the tests run it natively. Commands go
// to the trainer; its events come back.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "playground/contract/experiment.h"
#include "web/app/link/link.h"
#include "web/host/trainer_host.h"

namespace neural_ode::web {

struct Divergence {
  std::int64_t step = 0, good_step = 0;
  std::string message;
};

class Session {
 public:
  explicit Session(std::unique_ptr<TrainerHost> host);
  ~Session();

  // Takes in what the trainer said; true when something to show changed. Call once a displayed
  // frame.
  bool poll();
  bool ready() const;  // the experiment tables have arrived

  // --- what is shown
  const std::vector<ExperimentInfo>& experiments() const;
  const ExperimentInfo& experiment() const;
  const Settings& settings() const;
  std::uint64_t seed() const;
  bool running() const;
  bool busy() const;                   // a step has been under way for more than a moment
  const Frame* frame() const;          // null before the first
  std::uint64_t frame_number() const;  // changes with every new frame
  std::int64_t step_count() const;     // steps done, newer than the frame's
  double loss() const;                 // of the newest step; NaN before the first
  double step_ms() const;              // median of recent steps; NaN before the first
  double steps_per_second() const;     // measured
  double speed() const;                // asked for; 0: as fast as it can
  const std::optional<Divergence>& divergence() const;
  bool rewound() const;                           // settings and seed alone do not repeat this run
  const std::string& problem() const;             // why these settings cannot run; empty: they can
  const std::vector<std::string>& notes() const;  // input that was clamped or ignored, newest last
  void dismiss_note(std::size_t index);
  void add_note(std::string note);
  // What was noted since the last call, shown already or not.
  std::vector<std::string> hear_notes();
  const Plot* preview(std::string_view parameter,
                      std::string_view choice) const;  // null until it arrives
  // The same of the data that an experiment begins with; not every one has pictures of them.
  const Plot* thumbnail(const ExperimentInfo& info) const;
  static bool has_thumbnail(const ExperimentInfo& info);
  bool has_own_data() const;
  const std::string& own_data() const;  // CSV; empty: none
  const std::string& version() const;

  // --- what can be done
  void open(std::string_view experiment);
  void set(std::string_view name,
           std::string_view value);  // starts the run over with the same seed; `seed` too
  void apply(const std::vector<std::pair<std::string, std::string>>& values);  // several at once
  void follow(const Suggestion& suggestion);  // its settings; the others as the table has them
  void reset_parameter(std::string_view name);
  void play();
  void pause();
  void step(int n, int id = 0);
  void until(std::int64_t step, int id = 0);
  void reset();  // same seed
  void new_seed();
  void set_speed(double steps_per_second);
  void rewind();  // last good state, smaller learning rate
  void edit(const Edit& edit);
  void set_data(std::string csv, int id = 0);  // the answer is an `accepted` or `error` event
  void suspend(bool hidden);  // hidden tab or off-screen: stop training, go on when shown again
  bool can_undo() const;      // changes of this experiment's parameters, and of its data by hand
  void undo();
  void save(int id);  // the answer is a `saved` event
  void load(std::span<const std::uint8_t> safetensors, int id = 0);  // the same

  // --- links
  void open_link(const Link& link);  // waits for the tables when they have not arrived
  Link link() const;                 // of the present state
  bool opened() const;               // the first experiment is open: settings() are real

  // Sees every event of the trainer except frames and previews, after the session has taken it in.
  void listen(std::function<void(const Message&)> listener);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace neural_ode::web
