// The training side of the page: takes commands, runs an Experiment in small slices, emits events.
// No thread, no clock and no browser in here; the host calls `handle` and `run`.
//
// Commands (JSON, `type` first)                     Events
//   hello                                             ready     {version, experiments: [info...]}
//   open    {experiment, settings:{name:text}, seed}  state     {running, step, experiment, ...} after every change
//   play, pause, step {n, id?}                        frame     {frame, run} + blob, only when `want_frame` was received
//   reset   {seed?}                                   metrics   {step, loss, ...} at most ten a second
//   want_frame                                        diverged  {step, message, good_step}: stopped, can rewind
//   speed   {steps_per_second} (0: as fast as it can) done      {id, step} when step {n} or until {step} is over
//   until   {step, id?}: train to there and pause     preview   {parameter, choice, plot} + blob
//   edit    {plot, action, x, y, label, radius}       data      {csv}
//   set_data {csv}, get_data                          saved     {id} + blob (bytes padded to words, `size` bytes)
//   save {id}, load {bytes: base64}                   error     {message, id?}
//   rewind  : last good state, smaller learning rate  note      {message}: input that was clamped or ignored
//   preview {parameter}
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "web/host/trainer_host.h"

namespace neural_ode::web {

class Trainer {
 public:
  using Emit = std::function<void(Message)>;
  explicit Trainer(Emit emit);
  ~Trainer();

  void handle(std::string_view command_json);
  // Trains until `now()` (milliseconds) passes `deadline`, at least one step when running. False when idle.
  bool run(double deadline, const std::function<double()>& now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace neural_ode::web
