// Where to keep states so that a chain of steps can be taken back with few of them: binomial
// checkpointing [griewank2000].
#pragma once

#include <algorithm>

namespace neural_ode {

// Steps that the first state and `slots` further ones allow to be taken back with each step
// repeated at most `repeats` times: (slots + 1 + repeats) choose repeats, or `limit` if that is
// less.
constexpr long reversible_steps(long slots, long repeats, long limit) {
  if (slots < 0 || repeats < 0) return 0;
  const long states = slots + 1;
  double count = 1;
  for (long i = 1; i <= std::min(states, repeats); ++i) {
    count = count * static_cast<double>(std::max(states, repeats) + i) / static_cast<double>(i);
    if (count >= static_cast<double>(limit)) return limit;
  }
  return static_cast<long>(count + 0.5);
}

// How many of `steps` >= 2 steps to advance before the next state is kept, with `slots` >= 1 states
// left. The steps repeated in all are then the fewest possible.
constexpr long checkpoint_advance(long steps, long slots) {
  long repeats = 1;
  while (reversible_steps(slots, repeats, steps) < steps) ++repeats;
  const long before = reversible_steps(slots, repeats - 2, steps);
  const long after = reversible_steps(slots - 1, repeats, steps);
  return std::clamp(std::max(steps - after, before), 1L, steps - 1);
}

}  // namespace neural_ode
