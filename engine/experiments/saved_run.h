// What a saved run says about itself: enough to start it again before its numbers are loaded.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/core/result.h"

namespace neural_ode {

struct SavedRun {
  std::string experiment;
  std::uint64_t seed = 0;
  std::vector<std::pair<std::string, std::string>> values;  // for Settings::set
};

Result<SavedRun> read_saved_run(std::span<const std::uint8_t> safetensors);

}  // namespace neural_ode
