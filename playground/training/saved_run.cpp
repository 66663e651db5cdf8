#include "playground/training/saved_run.h"

#include <cstdlib>
#include <string_view>

#include "playground/training/safetensors.h"

namespace neural_ode {

namespace {

constexpr std::string_view prefix = "parameter.";

}  // namespace

std::map<std::string, std::string> describe_run(const SavedRun& run, const Settings& settings) {
  std::map<std::string, std::string> metadata = {{"experiment", run.experiment},
                                                 {"seed", std::to_string(run.seed)},
                                                 {"step", std::to_string(run.step)}};
  for (int row = 0; row < static_cast<int>(settings.table().size()); ++row) {
    const std::string& name = settings.table()[static_cast<std::size_t>(row)].name;
    metadata[std::string(prefix) + name] = settings.format(row);
  }
  return metadata;
}

std::vector<std::uint8_t> write_saved_run(const SavedRun& run, const Settings& settings) {
  TensorFile file;
  file.metadata = describe_run(run, settings);
  return write_safetensors(file);
}

Result<SavedRun> read_saved_run(std::span<const std::uint8_t> safetensors) {
  const auto file = read_safetensors(safetensors);
  if (!file) return Error{file.error()};
  SavedRun run;
  for (const auto& [name, value] : file.value().metadata) {
    if (name == "experiment") run.experiment = value;
    if (name == "seed") run.seed = std::strtoull(value.c_str(), nullptr, 10);
    if (name == "step") run.step = std::strtoll(value.c_str(), nullptr, 10);
    if (name.starts_with(prefix)) run.values.emplace_back(name.substr(prefix.size()), value);
  }
  if (run.experiment.empty()) return Error{"the safetensors file is not a saved run"};
  return run;
}

}  // namespace neural_ode
