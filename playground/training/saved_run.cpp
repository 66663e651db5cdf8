#include "playground/training/saved_run.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>

#include "playground/training/safetensors.h"

namespace neural_ode {

namespace {

constexpr std::string_view prefix = "parameter.";
constexpr std::uint64_t most_steps = (1ull << 62) - 1;

// Digits that fill the text.
Status read_whole(const std::string& name, const std::string& text, std::uint64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc() && end == text.data() + text.size()) return {};
  return Error{"the saved run is damaged: its " + name + " is '" + text.substr(0, 40) +
               "', expected a whole number from 0"};
}

}  // namespace

std::map<std::string, std::string> describe_run(const SavedRun& run, const Settings& settings) {
  std::map<std::string, std::string> metadata = {{"experiment", run.experiment},
                                                 {"seed", std::to_string(run.seed)},
                                                 {"step", std::to_string(run.step)}};
  for (int row = 0; row < static_cast<int>(settings.table().size()); ++row) {
    const std::string& name = settings.table()[static_cast<std::size_t>(row)].name;
    metadata[std::string(prefix) + name] = settings.format(row);
  }
  if (run.own_data) metadata["own_data"] = *run.own_data;
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
    Status status;
    std::uint64_t step = 0;
    if (name == "seed") status = read_whole(name, value, run.seed);
    if (name == "step") {
      status = read_whole(name, value, step);
      run.step = static_cast<std::int64_t>(std::min(step, most_steps));
    }
    if (!status) return Error{status.error()};
    if (name == "own_data") run.own_data = value;
    if (name.starts_with(prefix)) run.values.emplace_back(name.substr(prefix.size()), value);
  }
  if (run.experiment.empty()) return Error{"the safetensors file is not a saved run"};
  return run;
}

bool trains_on_own_data(const Settings& settings) {
  return settings.find("data") >= 0 && settings.choice("data") == "own";
}

Result<Settings> settings_of(const SavedRun& run, const ExperimentInfo& info) {
  if (run.experiment != info.name) {
    return Error{"the saved run does not fit these settings: it is of the experiment '" +
                 run.experiment.substr(0, 60) + "', not '" + info.name + "'"};
  }
  Settings settings(info.parameters);
  for (const auto& [name, value] : run.values) {
    if (const auto misfit = settings.misfit(name, value)) {
      return Error{"the saved run does not fit this version: " + *misfit};
    }
    settings.set(name, value);
  }
  return settings;
}

Status check_own_data(const SavedRun& run, const Settings& settings) {
  if (!trains_on_own_data(settings) || run.own_data) return {};
  return Error{
      "the saved run was trained on data of one's own (data = own) and does not hold them, as "
      "files "
      "of older versions do not"};
}

}  // namespace neural_ode
