// Runs that were kept to compare others with: their settings and the last picture.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "web/app/session/session.h"

namespace neural_ode::web {

// As many as there are colours to tell them apart.
inline constexpr int most_pinned_runs = 4;

struct PinnedRun {
  int number = 0;  // 1, 2, 3, ...
  int colour = 0;  // 0 to most_pinned_runs - 1, no other run's
  std::string experiment;
  Settings settings;
  std::uint64_t seed = 0;
  Frame frame;
};

class PinnedRuns {
 public:
  // Keeps the present run; the oldest goes when there is no colour left.
  void pin(const Session& session);
  void drop(int number);
  const std::vector<PinnedRun>& all() const { return runs_; }
  // Those of an experiment, oldest first.
  std::vector<const PinnedRun*> of(std::string_view experiment) const;

 private:
  std::vector<PinnedRun> runs_;
  int next_number_ = 1;
};

// What sets a run up again, its seed included: for Session::apply.
std::vector<std::pair<std::string, std::string>> values_of(const PinnedRun& run);

// A row of the table that two settings of it disagree on, in the words of the table.
struct Difference {
  std::string label, value, other;  // "Model", "ODE", "ResNet"
};
// Rows that neither of them shows are left out.
std::vector<Difference> differences(const Settings& settings, const Settings& other);

// The first figure that a run is judged by besides its loss; null: none.
const Metric* main_metric(const Frame& frame);

}  // namespace neural_ode::web
