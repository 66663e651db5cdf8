// An experiment is a table of parameters, a step, and a picture.
//
// Invariant: a run is a function of (settings, seed, own data). Changing any of them starts the run
// over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/core/result.h"
#include "playground/contract/parameter.h"
#include "playground/picture/frame.h"

namespace neural_ode {

// What a step came to. A run that diverged stays as it was before that step.
struct StepReport {
  bool ok = true;
  std::int64_t step = 0;  // steps done
  double loss = 0;
  std::string message;  // why it is not ok: "the loss became NaN", with time and sample where known
};

// Something done by hand on an editable plot, in data coordinates.
struct Edit {
  enum class Action { add, remove, clear, undo };
  std::string plot;
  Action action = Action::add;
  double x = 0, y = 0;
  int label = 0;         // class of an added point; of trajectories 1: another begins
  double radius = 0;     // remove: the nearest point within it
  bool goes_on = false;  // with the stroke before it: both are undone at once
};

// One of the suggested things to try: settings that tell a story.
struct Suggestion {
  std::string label;  // "Rings in two dimensions"
  std::vector<std::pair<std::string, std::string>> values;
};

struct ExperimentInfo {
  std::string name;                // "classify": in URLs
  std::string label;               // "Classify"
  std::string promise;             // one line
  std::string look_for;            // what to look for, two or three sentences
  bool trains = true;              // false: a step measures something, and nothing is learnt
  std::int64_t default_steps = 0;  // a course: what the settings of the last reset need
  std::vector<Suggestion> suggestions;
  std::vector<Parameter> parameters;
};

class Experiment {
 public:
  virtual ~Experiment() = default;

  virtual const ExperimentInfo& info() const = 0;

  // Starts a run. Own data is kept. Fails with a message when the settings cannot be run (data that
  // does not fit).
  virtual Status reset(const Settings& settings, std::uint64_t seed) = 0;
  virtual StepReport step() = 0;
  virtual Frame frame() = 0;  // not const: it may solve for the picture; never changes the run
  // What is shown while training goes on: cheaper where the picture is dear. It may be coarser, and
  // its test scores those of the last test.
  virtual Frame sketch() { return frame(); }

  // Own data, used when the parameter `data` is "own". They take effect at the next reset. To erase
  // where nothing is changes nothing.
  virtual Status edit(const Edit& edit) = 0;
  // How many of them, and of the texts set below, undo can take back.
  virtual std::size_t edits() const = 0;
  // CSV; for images what the experiment says. Keeps the old data when these are malformed. Returns
  // what was read as what, for the person to see; empty: there is nothing to say.
  virtual Result<std::string> set_data(std::string_view data) = 0;
  // What set_data reads back to the same data; empty: none.
  virtual std::string data_csv() const = 0;

  // What a program brings along that no setting makes, such as images: used from the next reset on
  // where there are no own data. Keeps what there was when the bytes are refused.
  virtual Status provide(std::string bytes) {
    return Error{info().name + " takes no " + std::to_string(bytes.size()) + " bytes"};
  }

  // What the picker shows for an option of a parameter with `pictures`: points and paths, no axes.
  virtual Plot preview(std::string_view parameter, std::string_view choice) const = 0;

  // The whole state of the run (parameters, optimiser, counters, generators, own data that it trains
  // on) as a safetensors file; playground/training/saved_run.h reads what a reset needs of it.
  // load needs a reset with the same settings before; a file that does not fit is refused with a
  // message.
  virtual std::vector<std::uint8_t> save() const = 0;
  virtual Status load(std::span<const std::uint8_t> safetensors) = 0;
};

}  // namespace neural_ode
