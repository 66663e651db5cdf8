// What a saved run says about itself: enough to start it again before its numbers are loaded.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/result.h"
#include "playground/contract/experiment.h"
#include "playground/contract/parameter.h"

namespace neural_ode {

struct SavedRun {
  std::string experiment;
  std::uint64_t seed = 0;
  std::int64_t step = 0;
  std::vector<std::pair<std::string, std::string>> values;  // for Settings::set
  // What Experiment::set_data takes; nothing where it did not train on own data, and in files of
  // older versions, which left them out.
  std::optional<std::string> own_data;
};

bool trains_on_own_data(const Settings& settings);

// The metadata of a safetensors file of a run with these settings; `run.values` are not looked at.
std::map<std::string, std::string> describe_run(const SavedRun& run, const Settings& settings);
// A file of nothing else, for runs that are nothing but their settings.
std::vector<std::uint8_t> write_saved_run(const SavedRun& run, const Settings& settings);
Result<SavedRun> read_saved_run(std::span<const std::uint8_t> safetensors);
// The settings of a run of this experiment. Refuses another experiment's, and values that the table
// cannot have.
Result<Settings> settings_of(const SavedRun& run, const ExperimentInfo& info);
// Why a run with these settings, which trained on own data, cannot go on: it does not bring them.
Status check_own_data(const SavedRun& run, const Settings& settings);

}  // namespace neural_ode
