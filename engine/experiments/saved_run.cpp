#include "engine/experiments/saved_run.h"

#include <cstdlib>
#include <string_view>

#include "engine/experiments/safetensors.h"

namespace neural_ode {

Result<SavedRun> read_saved_run(std::span<const std::uint8_t> safetensors) {
  const auto file = read_safetensors(safetensors);
  if (!file) return Error{file.error()};
  SavedRun run;
  constexpr std::string_view prefix = "parameter.";
  for (const auto& [name, value] : file.value().metadata) {
    if (name == "experiment") run.experiment = value;
    if (name == "seed") run.seed = std::strtoull(value.c_str(), nullptr, 10);
    if (name.starts_with(prefix)) run.values.emplace_back(name.substr(prefix.size()), value);
  }
  if (run.experiment.empty()) return Error{"the safetensors file is not a saved run"};
  return run;
}

}  // namespace neural_ode
