// The runs that edits of the own data ended: who takes the edit back has the training back, too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "playground/contract/parameter.h"

namespace neural_ode::web {

// What a run is a function of, and the state that it had come to.
struct EndedRun {
  std::string experiment;
  Settings settings;
  std::uint64_t seed = 0;
  std::string csv;
  bool rewound = false;
  std::vector<std::uint8_t> bytes;
};

class EndedRuns {
 public:
  void keep(EndedRun run);
  // The last one of the same experiment, settings, seed and data, which is not kept any longer. No
  // bytes: there is none.
  EndedRun take(const std::string& experiment, const Settings& settings, std::uint64_t seed,
                const std::string& csv);

 private:
  std::vector<EndedRun> runs_;  // the last one at the end
  std::size_t bytes_ = 0;       // of all of them
};

}  // namespace neural_ode::web
