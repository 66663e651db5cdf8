// What a saved run says about itself: enough to start it again before its numbers are loaded.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/result.h"
#include "playground/contract/parameter.h"

namespace neural_ode {

struct SavedRun {
  std::string experiment;
  std::uint64_t seed = 0;
  std::int64_t step = 0;
  std::vector<std::pair<std::string, std::string>> values;  // for Settings::set
};

// The metadata of a safetensors file of a run with these settings; `run.values` are not looked at.
std::map<std::string, std::string> describe_run(const SavedRun& run, const Settings& settings);
// A file of nothing else, for runs that are nothing but their settings.
std::vector<std::uint8_t> write_saved_run(const SavedRun& run, const Settings& settings);
Result<SavedRun> read_saved_run(std::span<const std::uint8_t> safetensors);

}  // namespace neural_ode
