#include "web/app/session/pinned_runs.h"

#include <algorithm>

namespace neural_ode::web {

namespace {

std::string words(const Settings& settings, int row) {
  const Parameter& parameter = settings.table()[static_cast<std::size_t>(row)];
  if (parameter.kind == Parameter::Kind::flag) return settings.number(row) != 0 ? "on" : "off";
  if (parameter.kind == Parameter::Kind::choice)
    return parameter.choices[static_cast<std::size_t>(settings.number(row))].label;
  return settings.format(row);
}

}  // namespace

void PinnedRuns::pin(const Session& session) {
  if (!session.frame()) return;
  if (runs_.size() == most_pinned_runs) runs_.erase(runs_.begin());
  PinnedRun run;
  run.number = next_number_++;
  const auto taken = [&](const PinnedRun& other) { return other.colour == run.colour; };
  while (std::any_of(runs_.begin(), runs_.end(), taken)) ++run.colour;
  run.experiment = session.experiment().name;
  run.settings = session.settings();
  run.seed = session.seed();
  run.frame = *session.frame();
  runs_.push_back(std::move(run));
}

void PinnedRuns::drop(int number) {
  std::erase_if(runs_, [&](const PinnedRun& run) { return run.number == number; });
}

std::vector<const PinnedRun*> PinnedRuns::of(std::string_view experiment) const {
  std::vector<const PinnedRun*> found;
  for (const PinnedRun& run : runs_)
    if (run.experiment == experiment) found.push_back(&run);
  return found;
}

std::vector<std::pair<std::string, std::string>> values_of(const PinnedRun& run) {
  std::vector<std::pair<std::string, std::string>> values;
  const auto& table = run.settings.table();
  for (std::size_t row = 0; row < table.size(); ++row)
    values.emplace_back(table[row].name, run.settings.format(static_cast<int>(row)));
  values.emplace_back("seed", std::to_string(run.seed));
  return values;
}

std::vector<Difference> differences(const Settings& settings, const Settings& other) {
  std::vector<Difference> found;
  const auto count = static_cast<int>(std::min(settings.table().size(), other.table().size()));
  for (int row = 0; row < count; ++row) {
    if (settings.format(row) == other.format(row)) continue;
    if (!settings.is_shown(row) && !other.is_shown(row)) continue;
    found.push_back({settings.table()[static_cast<std::size_t>(row)].label, words(settings, row),
                     words(other, row)});
  }
  return found;
}

const Metric* main_metric(const Frame& frame) {
  for (const Metric& metric : frame.metrics)
    if (metric.headline && metric.name != "loss" && metric.name != "step") return &metric;
  return nullptr;
}

}  // namespace neural_ode::web
