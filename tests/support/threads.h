// So many threads while it lives, then one.
#pragma once

#include "engine/core/parallel.h"

namespace neural_ode::testing {

class Threads {
 public:
  explicit Threads(int count) { set_threads(count); }
  ~Threads() { set_threads(1); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
};

}  // namespace neural_ode::testing
