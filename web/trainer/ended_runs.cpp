#include "web/trainer/ended_runs.h"

#include <iterator>
#include <utility>

namespace neural_ode::web {
namespace {

constexpr std::size_t most_runs = 50, most_bytes = 64'000'000;

std::size_t size_of(const EndedRun& run) {
  return run.bytes.size() + run.csv.size();
}

}  // namespace

void EndedRuns::keep(EndedRun run) {
  if (run.bytes.empty()) return;
  bytes_ += size_of(run);
  runs_.push_back(std::move(run));
  while (runs_.size() > most_runs || (bytes_ > most_bytes && runs_.size() > 1)) {
    bytes_ -= size_of(runs_.front());
    runs_.erase(runs_.begin());
  }
}

EndedRun EndedRuns::take(const std::string& experiment, const Settings& settings,
                         std::uint64_t seed, const std::string& csv) {
  for (auto each = runs_.rbegin(); each != runs_.rend(); ++each) {
    if (each->experiment != experiment || each->seed != seed || each->csv != csv ||
        !(each->settings == settings))
      continue;
    EndedRun found = std::move(*each);
    bytes_ -= size_of(found);
    runs_.erase(std::next(each).base());
    return found;
  }
  return {};
}

}  // namespace neural_ode::web
