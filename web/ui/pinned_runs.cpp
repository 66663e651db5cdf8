#include "web/ui/pinned_runs.h"

#include <algorithm>

namespace neural_ode::web {

namespace {

constexpr std::size_t most = 4;

}  // namespace

void PinnedRuns::pin(const Session& session) {
  if (!session.frame()) return;
  PinnedRun run;
  run.number = next_number_++;
  run.experiment = session.experiment().name;
  run.seed = session.seed();
  run.frame = *session.frame();
  const auto& table = session.settings().table();
  for (int row = 0; row < static_cast<int>(table.size()); ++row)
    run.settings.emplace_back(table[static_cast<std::size_t>(row)].name,
                              session.settings().format(row));
  if (runs_.size() == most) runs_.erase(runs_.begin());
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

std::string differences(const PinnedRun& run, const Session& session) {
  const Settings& settings = session.settings();
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  for (const auto& [name, value] : run.settings) {
    const int row = settings.find(name);
    if (row < 0 || settings.format(row) == value) continue;
    const Parameter& parameter = settings.table()[static_cast<std::size_t>(row)];
    std::string shown = value;
    for (const Choice& choice : parameter.choices)
      if (choice.name == value) shown = choice.label;
    add(parameter.label + " " + shown);
  }
  if (run.seed != session.seed()) add("seed " + std::to_string(run.seed));
  return text;
}

}  // namespace neural_ode::web
