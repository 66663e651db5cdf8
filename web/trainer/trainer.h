// The training side of the page: takes commands, runs an Experiment in small slices, emits events.
// No thread, no clock and no browser in here; the host calls `handle` and `run`.
//
// A run is a function of (settings, seed, own data). Each command that starts one over carries a
// number `run`, and every event of the run repeats it, so that the receiver can drop what belongs
// to an earlier one.
// What it is told and what it says: web/protocol/protocol.md.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "playground/contract/catalogue.h"
#include "web/protocol/message.h"

namespace neural_ode::web {

class Trainer {
 public:
  using Emit = std::function<void(Message)>;
  Trainer(Catalogue catalogue, Emit emit);
  ~Trainer();

  void handle(std::string_view command_json);
  // Whether it can make the experiment, and what is handed to it (Experiment::provide).
  bool makes(std::string_view experiment) const;
  Status provide(const std::string& experiment, std::string bytes);
  // Trains until `now()` (milliseconds) passes `deadline`, at least one step when one is due.
  // Returns in how many milliseconds it wants to be called again; infinity when idle until the next
  // command.
  double run(double deadline, const std::function<double()>& now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace neural_ode::web
