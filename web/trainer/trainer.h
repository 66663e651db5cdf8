// The training side of the page: takes commands, runs an Experiment in small slices, emits events.
// No thread, no clock and no browser in here; the host calls `handle` and `run`.
//
// A run is a function of (settings, seed, own data). Each command that starts one over carries a
// number `run`, and every event of the run repeats it, so that the receiver can drop what belongs
// to an earlier one.
//
// Commands (JSON, `type` first)
//   hello                                             answered by `ready`
//   open     {experiment, settings: {name: text}, seed, run, csv?}: starts a run over, goes on
//   playing if it played and
//            the experiment is the same; `csv` replaces the own data first
//   play: to the end of a course, the experiment's default_steps, or on to the next end; pause
//   suspend  {hidden}: nobody looks; running stays true but nothing is computed
//   step     {n, id?}: n steps more, then pause      until {step, id?}: train to there and pause
//   speed    {steps_per_second}; 0: as fast as it can
//   want_frame: send the next picture, once
//   edit     {run, plot, action, x, y, label, radius} and set_data {run, csv}: start the run over
//   when `data` is "own" get_data                                          answered by `data`
//   preview  {parameter, experiment?, choice?}: answered by one `preview` for each of the choices;
//   of the open experiment unless another is named
//   save     {id}: answered by `saved`               load     {bytes: base64}
//   rewind: last good state, half the learning rate
//
// Events
//   ready    {version, experiments: [info...]}
//   state    {experiment, run, seed, settings, running, step, rewound, diverged, problem, own_data}
//   after every change; `rewound`:
//            the run was restored or its learning rate changed on the way, so settings and seed
//            alone do not repeat it; `problem`: why these settings cannot run, else empty
//   frame    {experiment, run, frame} + blob
//   metrics  {run, step, loss, step_ms} at most ten a second
//   done     {id, run, step, loss, losses, interrupted}: step or until is over; `losses` of its
//   steps, the last 1000 diverged {run, step, message, good_step}: stopped, can rewind preview
//   {experiment, parameter, choice, frame} + blob: a frame of one plot data     {experiment, csv}
//   saved    {id, size} + blob (bytes, padded to words)
//   error    {message, id?}: a command that could not be done
//   note     {message}: input that was clamped or ignored
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
  // Trains until `now()` (milliseconds) passes `deadline`, at least one step when one is due.
  // Returns in how many milliseconds it wants to be called again; infinity when idle until the next
  // command.
  double run(double deadline, const std::function<double()>& now);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace neural_ode::web
