// Runs that were kept to compare others with: their settings and the last picture.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "web/app/session.h"

namespace neural_ode::web {

struct PinnedRun {
  int number = 0;  // 1, 2, 3, ...
  std::string experiment;
  std::vector<std::pair<std::string, std::string>> settings;  // all of them, by name
  std::uint64_t seed = 0;
  Frame frame;
};

class PinnedRuns {
 public:
  // Keeps the present run; the oldest goes when there are as many as colours to tell them apart.
  void pin(const Session& session);
  void drop(int number);
  const std::vector<PinnedRun>& all() const { return runs_; }
  // Those of an experiment, oldest first.
  std::vector<const PinnedRun*> of(std::string_view experiment) const;

 private:
  std::vector<PinnedRun> runs_;
  int next_number_ = 1;
};

// What is set otherwise now: "Hidden width 8, noise 0.1"; empty when nothing is.
std::string differences(const PinnedRun& run, const Session& session);

}  // namespace neural_ode::web
